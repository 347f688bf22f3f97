import { describe, expect, it } from 'vitest';
import { chooseInterpreters } from '../../src/environments/choose-interpreter.ts';
import { ciVersions, declaredPython, toxVersions } from '../../src/environments/declared-python.ts';
import { ladderOf } from '../../src/environments/ladder.ts';

const AT_HAND = ['2.7', '3.6', '3.7', '3.8', '3.9', '3.10', '3.11', '3.12'];
const NOTHING = { exact: null, named: [], ranges: [], sources: [] };
const PLAIN = { labelledPython2: false, sharePython2: 0, python2Modules: false };
const versions = (...args: Parameters<typeof chooseInterpreters>): string[] =>
  chooseInterpreters(...args).map(({ version }) => version);

describe('declared Python', () => {
  it('reads tox, CI files, runtime files and classifiers', () => {
    expect(toxVersions('envlist = py27,py{36,37},py310\nbasepython = python3.8')).toEqual(
      expect.arrayContaining(['2.7', '3.6', '3.7', '3.10', '3.8']),
    );
    expect(ciVersions('python:\n  - "3.5"\n  - 3.6\nenv:\n  - X=2.7')).toEqual(['3.5', '3.6']);
    expect(ciVersions('        python-version: ["3.9", "3.10", pypy3.7]')).toEqual(['3.9', '3.10']);
    const declared = declaredPython(new Map([['runtime.txt', 'python-3.6.4']]), {
      classifiers: ['Programming Language :: Python :: 3.4', 'Programming Language :: Python :: 3'],
      ranges: ['>=3.4'],
      exact: null,
    });
    expect(declared).toMatchObject({ exact: '3.6', named: ['3.4'], ranges: ['>=3.4'] });
  });
});

describe('the interpreter', () => {
  it('that was stated wins, and is missed when it is not at hand', () => {
    expect(versions('3.11', { ...NOTHING, named: ['3.6'] }, PLAIN, null, AT_HAND)).toEqual(['3.11']);
    expect(versions('3.5', NOTHING, PLAIN, null, AT_HAND)).toEqual([]);
  });

  it('is the newest declared one at hand', () => {
    expect(
      versions('auto', { ...NOTHING, named: ['3.6', '3.8'] }, PLAIN, '2022-01-01T00:00:00Z', AT_HAND),
    ).toEqual(['3.8']);
  });

  it('is the next newer one where the declared ones are too old to be at hand', () => {
    expect(versions('auto', { ...NOTHING, named: ['3.4', '3.5'] }, PLAIN, null, AT_HAND)).toEqual(['3.6']);
  });

  it('without a declaration is the newest that was a year old at the date', () => {
    expect(versions('auto', NOTHING, PLAIN, '2020-11-01T00:00:00Z', AT_HAND)).toEqual(['3.8']);
    expect(versions('auto', NOTHING, PLAIN, '2012-01-01T00:00:00Z', AT_HAND)).toEqual(['3.6']);
  });

  it('keeps to the range that is required', () => {
    const declared = { ...NOTHING, ranges: ['>=3.9'] };
    expect(versions('auto', declared, PLAIN, '2020-11-01T00:00:00Z', AT_HAND)).toEqual(['3.9']);
  });

  it('is 2.7 for Python 2 syntax in a labelled file, in many files, or where nothing else is declared', () => {
    const named = { ...NOTHING, named: ['2.7', '3.6'] };
    expect(versions('auto', named, { ...PLAIN, labelledPython2: true }, null, AT_HAND)).toEqual(['2.7']);
    expect(versions('auto', NOTHING, { ...PLAIN, sharePython2: 0.2 }, null, AT_HAND)).toEqual(['2.7']);
    expect(versions('auto', { ...NOTHING, named: ['2.7'] }, PLAIN, null, AT_HAND)[0]).toBe('2.7');
    expect(versions('auto', NOTHING, { ...PLAIN, sharePython2: 0.1 }, null, AT_HAND)[0]).not.toBe('2.7');
  });

  it('of the other line is tried second, or first where the commit is old', () => {
    const both = { ...NOTHING, named: ['2.7', '3.6'] };
    expect(versions('auto', both, PLAIN, '2018-01-01T00:00:00Z', AT_HAND)).toEqual(['3.6', '2.7']);
    expect(versions('auto', both, PLAIN, '2014-01-01T00:00:00Z', AT_HAND)).toEqual(['2.7', '3.6']);
  });
});

describe('the ladder', () => {
  it('ends with a common interpreter, names alone and a later date', () => {
    const rungs = ladderOf([{ version: '3.6', why: 'declared' }], false, '2019-01-01T00:00:00Z', AT_HAND);
    expect(rungs.map(({ python, pins }) => [python, pins])).toEqual([
      ['3.6', 'kept'],
      ['3.11', 'names-only'],
    ]);
    expect(rungs[1]?.date && rungs[1].date > '2023-01-01').toBe(true);
  });

  it('never goes to a Python 3 with code that only Python 2 reads', () => {
    const two = { version: '2.7', why: 'Python 2 syntax' };
    expect(ladderOf([two], false, '2014-01-01T00:00:00Z', AT_HAND).map(({ python }) => python)).toEqual([
      '2.7',
    ]);
    const both = [two, { version: '3.6', why: 'declared' }];
    expect(ladderOf(both, false, '2014-01-01T00:00:00Z', AT_HAND).map(({ python }) => python)).toEqual([
      '2.7',
      '3.6',
      '3.11',
    ]);
  });

  it('is empty without an interpreter', () => {
    expect(ladderOf([], false, null, AT_HAND)).toEqual([]);
  });
});
