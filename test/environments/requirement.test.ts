import { describe, expect, it } from 'vitest';
import { parseRequirement, pinnedVersion, requirementText } from '../../src/environments/requirement.ts';
import { allowsPython } from '../../src/environments/version.ts';

describe('a requirement', () => {
  it.each([
    ['Foo_Bar', 'foo-bar'],
    [
      'requests[security]>=2, <3 ; python_version < "3.8"',
      'requests[security]>=2,<3 ; python_version < "3.8"',
    ],
    ['zope.interface (>=4.0)', 'zope-interface>=4.0'],
    ['attrs==22.1.0  # pinned', 'attrs==22.1.0'],
  ])('%s reads as %s', (text, expected) => {
    const parsed = parseRequirement(text);
    expect(parsed && requirementText(parsed)).toBe(expected);
  });

  it.each(['-e .', 'git+https://host/x.git', './local', 'https://host/a.whl', '', 'a b', '{toxinidir}'])(
    '%s is none',
    (text) => {
      expect(parseRequirement(text)).toBeNull();
    },
  );

  it('pins one version only without a wildcard or a range', () => {
    const pin = (text: string): string | null => pinnedVersion(parseRequirement(text)!);
    expect([pin('a==1.2'), pin('a==1.*'), pin('a>=1'), pin('a')]).toEqual(['1.2', null, null, null]);
  });
});

describe('a specifier of Python versions', () => {
  it.each([
    ['>=3.6', '3.6', true],
    ['>=3.6', '3.5', false],
    ['>=3.6,<4', '3.13', true],
    ['>=2.7, !=3.0.*, !=3.1.*', '3.1', false],
    ['>=2.7, !=3.0.*, !=3.1.*', '3.2', true],
    ['~=3.7', '3.9', true],
    ['~=3.7.2', '3.8', false],
    ['<3.8', '3.8', false],
    ['>=3.7.1', '3.7', true],
    ['==3.*', '3.11', true],
    ['<3', '2.7', true],
  ])('%s, Python %s: %s', (specifier, version, expected) => {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    expect(allowsPython(specifier, { major, minor })).toBe(expected);
  });
});
