import { describe, expect, it } from 'vitest';
import { blamedNames, repairFor, type Wanted } from '../../src/environments/repair.ts';
import { parseRequirements } from '../../src/environments/requirement.ts';
import {
  buildConstraints,
  datingArguments,
  outsideReason,
  passedOver,
} from '../../src/environments/resolve.ts';

const wantedOf = (...texts: string[]): Wanted => ({
  requirements: parseRequirements(texts),
  lifted: {},
  dropped: [],
});
const held = { kept: new Set(['toml']), fixed: new Set(['stated']) };
const LATER = '2021-01-01T00:00:00Z';
const once = (_name: string, now: string | null | undefined): string | undefined =>
  now === undefined ? LATER : undefined;

describe('a repair', () => {
  it('unpins the requirement that no version satisfies', () => {
    const error =
      'error: No solution found when resolving dependencies\n  cause: Because there is no version of foo==99 and you require foo==99, we can conclude that your requirements are unsatisfiable.';
    const repair = repairFor(error, wantedOf('foo==99', 'bar'), held, once);
    expect(repair?.step).toMatch(/^unpinned foo==99: /);
    expect(repair?.wanted.requirements.map(({ specifier }) => specifier)).toEqual(['', '']);
  });

  it('lifts the date of the one package that the date shuts out', () => {
    const error =
      'error: x\n cause: Because only foo<=1 is available and you require foo, ...\nhint: `foo` was filtered by `exclude-newer` to only include packages uploaded before 2019';
    const repair = repairFor(error, wantedOf('foo'), held, once);
    expect(repair?.wanted.lifted).toEqual({ foo: LATER });
  });

  it('lifts, then drops what cannot be built', () => {
    const error = 'error: Failed to build `foo==1.0`\n  cause: The build backend returned an error';
    const first = repairFor(error, wantedOf('foo', 'toml'), held, once)!;
    expect(first.wanted.lifted).toEqual({ foo: LATER });
    const second = repairFor(error, first.wanted, held, once)!;
    expect(second.wanted.dropped).toEqual(['foo']);
    expect(second.wanted.requirements.map(({ name }) => name)).toEqual(['toml']);
  });

  it('never drops A or B, nor touches what was stated', () => {
    const gone = (name: string): string =>
      `error: No solution\n cause: Because ${name} was not found in the package registry and you require ${name}, we can conclude`;
    const lifted = { ...wantedOf('toml', 'stated==1'), lifted: { toml: LATER, stated: LATER } };
    expect(repairFor(gone('toml'), lifted, held, once)).toBeNull();
    expect(repairFor(gone('stated'), lifted, held, once)).toBeNull();
  });

  it('blames nothing where the error names nothing', () => {
    expect(blamedNames('error: something else went wrong')).toEqual([]);
    expect(repairFor('error: something else', wantedOf('a==1'), held, once)).toBeNull();
  });
});

describe('a dated resolution', () => {
  it('frees the packages that were uploaded again, only where the date is before that', () => {
    expect(
      datingArguments('2019-01-01T00:00:00Z', {}).some((word) => word.includes('-package=pytest=')),
    ).toBe(true);
    expect(datingArguments('2023-01-01T00:00:00Z', {})).toEqual(['--exclude-newer=2023-01-01T00:00:00Z']);
    expect(datingArguments(null, { a: LATER })).toEqual([]);
  });

  it('is asked again with building where a version without wheels was passed over', () => {
    const log = (...lines: string[]): string => lines.map((line) => `DEBUG ${line}`).join('\n');
    const search = 'Searching for a compatible version of docopt';
    expect(passedOver(log(`${search} (*)`, `${search} (<0.6.2)`))).toEqual(['docopt']);
    expect(passedOver(log(`${search} (*)`, 'Selecting: docopt==0.6.2 [compatible] (x.whl)'))).toEqual([]);
  });

  it('builds with the tools of the time', () => {
    expect(buildConstraints('2019-05-01T00:00:00Z', '3.7')).toBe('setuptools<45\n');
    expect(buildConstraints('2019-05-01T00:00:00Z', '3.11')).toBe('setuptools<58\n');
    expect(buildConstraints('2024-05-01T00:00:00Z', '3.12')).toBe('');
  });

  it('tells the world at fault from the requirements', () => {
    expect(outsideReason('error: Request failed\n cause: error sending request for url (x)')).not.toBeNull();
    expect(outsideReason('error: No solution found when resolving dependencies')).toBeNull();
  });
});
