import { describe, expect, it } from 'vitest';
import { nextDate, WHEEL_ONLY } from '../../src/environments/compiled.ts';

const day = (instant: string | null | undefined): string | null | undefined =>
  instant?.slice(0, 10) ?? instant;

describe('the next later date', () => {
  it.each([
    // older than the interpreter: wheels for it came after its release
    ['numpy', '2014-06-01', '3.6', ['2015-11-23', '2017-04-22', '2018-06-16', undefined]],
    ['pure-one', '2014-06-01', '3.6', ['2015-11-23', undefined]],
    // younger: what came out in the months after the date
    ['lxml', '2020-06-01', '3.7', ['2021-11-23', undefined]],
    ['lxml', '2018-07-01', '3.7', ['2018-10-25', '2019-12-19', '2019-12-23', undefined]],
  ])('of %s at %s on Python %s: %j', (name, date, python, expected) => {
    const rung = { date: `${date}T00:00:00Z`, python };
    const found: (string | null | undefined)[] = [];
    let now: string | null | undefined;
    do {
      now = nextDate(rung, name, now);
      found.push(day(now));
    } while (now !== undefined);
    expect(found).toEqual(expected);
  });

  it('is none at all, once, where nothing is dated', () => {
    expect(nextDate({ date: null, python: '3.11' }, 'numpy', undefined)).toBeNull();
    expect(nextDate({ date: null, python: '3.11' }, 'numpy', null)).toBeUndefined();
  });
});

describe('distributions that are only taken as wheels', () => {
  it('are some dozens, each once, none that is commonly built from source', () => {
    expect(new Set(WHEEL_ONLY).size).toBe(WHEEL_ONLY.length);
    expect(WHEEL_ONLY.length).toBeGreaterThan(50);
    for (const name of ['pyyaml', 'mysqlclient', 'python-ldap', 'markupsafe'])
      expect(WHEEL_ONLY).not.toContain(name);
  });
});
