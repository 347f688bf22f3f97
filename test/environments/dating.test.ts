import { describe, expect, it } from 'vitest';
import { parseRequirements } from '../../src/environments/requirement.ts';
import { datingArguments } from '../../src/environments/resolve.ts';

const lifted = (date: string | null, ...asked: string[]): string[] =>
  datingArguments(date, {}, parseRequirements(asked))
    .flatMap((word) => /^--exclude-newer-package=([^=]+)=/.exec(word)?.[1] ?? [])
    .sort();

describe('what the date does not bind', () => {
  it.each([
    ['pytest', true],
    ['pytest>=3', true],
    ['pytest==4.6.11', true],
    ['pytest==3.10.1', true],
    ['pytest==3.6.4', true],
    ['pytest==3.2.5', false],
    ['pytest~=2.9', false],
    ['pytest<3.6', false],
  ])('with %s: what the runner needs is lifted: %s', (asked, free) => {
    const names = lifted('2017-05-01T00:00:00Z', asked);
    for (const name of ['attrs', 'pluggy', 'py']) expect(names.includes(name)).toBe(free);
    expect(names).toContain('atomicwrites');
  });

  it('never is A or B, also where the runner needs it', () => {
    const words = datingArguments('2021-07-15T00:00:00Z', {}, [], new Set(['tomli']));
    expect(words.join(' ')).toContain('package=pytest=');
    expect(words.join(' ')).not.toContain('package=tomli=');
  });

  it('is nothing where the date is late or there is none', () => {
    expect(lifted('2023-01-01T00:00:00Z', 'pytest')).toEqual([]);
    expect(datingArguments(null, {}, [])).toEqual([]);
  });
});
