import { expect, test } from 'vitest';
import type { FrozenTest, TestOutcome } from '../../src/model/tests.ts';
import { assertionsIn } from '../../src/scoring/assertions.ts';
import { judged } from '../../src/scoring/judged.ts';
import { lex } from '../../src/scoring/lexer.ts';
import { steadyMessage } from '../../src/scoring/steady-message.ts';
import { tamperingOf } from '../../src/scoring/tampering.ts';
import {
  asTheyAre,
  contradictionsOf,
  functionOf,
  planTwins,
  toRunAgain,
  wasCutShort,
} from '../../src/scoring/twins.ts';

const frozen = (id: string, more: Partial<FrozenTest> = {}): FrozenTest => ({
  id,
  origin: 'developers-before',
  class: 'preserved',
  before: 'passed',
  after: 'passed',
  blocked: 'failed',
  relevant: true,
  twin: true,
  hidden: false,
  ...more,
});
const NOTHING = {
  disagreements: [],
  known: new Set<string>(),
  canaries: [{ outcome: 'failed' as const }],
  contradictions: [],
  uses: [],
  convicting: [],
  seen: [],
  isHeard: true,
};
const use = (kind: string, seen: 'text' | 'run' = 'run', what = 'x') => ({
  kind,
  seen,
  path: 'a.py',
  line: 3,
  what,
});

test('an honest run shows nothing', () => {
  expect(tamperingOf(NOTHING)).toEqual([]);
  const named = [
    use('process'),
    use('frames'),
    use('gc'),
    use('signal'),
    use('trace'),
    use('runner', 'run', 'import pytest'),
    { ...use('runner', 'run', 'import _pytest.assertion.rewrite'), path: 'app/test_mode.py' },
    use('proc', 'run', 'open /proc/meminfo'),
    use('proc', 'run', 'open /proc/self/status'),
    use('code', 'run', '__code__ is set'),
    use('code', 'run', 'compile as template.html'),
    use('import-machinery', 'run', 'a loader is called'),
  ];
  expect(
    tamperingOf({ ...NOTHING, seen: named, uses: [use('frames', 'text'), use('processes', 'text')] }),
  ).toEqual([]);
  expect(tamperingOf({ ...NOTHING, uses: [use('callers-source', 'text')] })).toEqual([]);
  // text of its own, or of a caller for a log; variables of a traceback
  const walks = [use('frames')];
  expect(tamperingOf({ ...NOTHING, seen: walks, uses: [use('callers-source', 'text')] })).toEqual([]);
  const uses = [use('frames', 'text'), use('callers-values', 'text', 'f_locals')];
  expect(tamperingOf({ ...NOTHING, uses })).toEqual([]);
});

test.each([
  [{ disagreements: [{ reason: 'exit-code', detail: '0' }] }, 'exit-code', '0'],
  [{ canaries: [{ outcome: 'failed' as const }, { outcome: 'passed' as const }] }, 'canary', 'passed'],
  [{ contradictions: ['t::a', 't::b'] }, 'twin', ''],
  [{ convicting: [use('test-internals', 'text')] }, 'code:test-internals', 'a.py:3: x'],
  [{ seen: [use('runner', 'run', 'open of the runner')] }, 'seen:runner', 'a.py:3: open of the runner'],
  [{ seen: [use('runner', 'run', 'import _pytest.runner')] }, 'seen:runner', 'a.py:3: import _pytest.runner'],
  [{ seen: [use('tests-read')] }, 'seen:tests-read', 'a.py:3: x'],
  [{ seen: [use('code', 'run', 'exec of <doctest a[0]>')] }, 'seen:code', 'a.py:3: exec of <doctest a[0]>'],
  [{ seen: [use('code', 'run', 'compile as test_cli.py')] }, 'seen:code', 'a.py:3: compile as test_cli.py'],
  [{ seen: [use('proc', 'run', 'open /proc/self/mem')] }, 'seen:proc', 'a.py:3: open /proc/self/mem'],
  [
    { seen: [use('import-machinery', 'run', 'a finder was taken out')] },
    'seen:import-machinery',
    'a.py:3: a finder was taken out',
  ],
  [
    { seen: [use('frames'), use('tests-shown')], uses: [use('callers-source', 'text')] },
    'code:callers-source',
    'a.py:3: x',
  ],
  [
    { isHeard: false, uses: [use('frames', 'text'), use('callers-source', 'text')] },
    'code:callers-source',
    'a.py:3: x',
  ],
  [
    { seen: [use('frames')], uses: [use('callers-values', 'text', 'f_locals')] },
    'code:callers-values',
    'a.py:3: f_locals',
  ],
  [
    { uses: [use('frames', 'text'), use('callers-values', 'text', 'co_consts')] },
    'code:callers-values',
    'a.py:3: co_consts',
  ],
  [{ seen: [use('gc', 'run', 'gc.get_referrers')] }, 'seen:gc', 'a.py:3: gc.get_referrers'],
  [{ seen: [use('source-files')] }, 'seen:source-files', 'a.py:3: x'],
])('%j is tampering', (evidence, reason, detail) => {
  expect(tamperingOf({ ...NOTHING, ...evidence })).toEqual([{ reason, detail }]);
});

test('a difference that the developers themselves make is none', () => {
  const disagreements = [{ reason: 'integrity', detail: 'unittest.TestCase.run' }];
  const known = new Set(['integrity: unittest.TestCase.run']);
  expect(tamperingOf({ ...NOTHING, disagreements, known })).toEqual([]);
  expect(tamperingOf({ ...NOTHING, disagreements })).toHaveLength(1);
});

test('reasons come once each and in order, however often and where they were seen', () => {
  const disagreements = [
    { reason: 'order', detail: 'a test ended that had not started: tests/test_random_name.py::test_x' },
    { reason: 'count', detail: '' },
    { reason: 'order', detail: 'a test ended that had not started: tests/test_other_name.py::test_y' },
  ];
  expect(tamperingOf({ ...NOTHING, disagreements })).toEqual([
    { reason: 'count', detail: '' },
    { reason: 'order', detail: 'a test ended that had not started' },
  ]);
});

test('a function is its id without parameters', () => {
  expect(functionOf('t/a.py::T::test_x[a::b[0]]')).toBe('t/a.py::T::test_x');
  expect(functionOf('t/a[1].py::test_x')).toBe('t/a[1].py::test_x');
  expect(functionOf('t/a.py::test_x')).toBe('t/a.py::test_x');
});

test('twins: up to so many functions of preserved tests, those first that the no-op fails, over many files, whole with parameters', () => {
  const tests = [
    ...['a', 'b', 'c'].flatMap((file) => [0, 1, 2].map((n) => frozen(`${file}.py::test_${n}`))),
    ...[0, 1, 2, 3].map((n) => frozen(`d.py::test_p[${n}]`)),
    frozen('e.py::test_blind', { blocked: 'passed' }),
    frozen('e.py::test_specific', { class: 'gt_specific' }),
    frozen('e.py::test_numb', { twin: false }),
    frozen('f.py::test_half[0]'),
    frozen('f.py::test_half[1]', { twin: false }),
  ];
  for (let seed = 1; seed < 200; seed++) {
    let state = seed;
    const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
    const { inWhole, inOther } = planTwins(tests, random, 6);
    const functions = new Set([...inWhole, ...inOther].map(functionOf));
    expect(functions.size).toBe(6);
    expect(new Set([...functions].map((id) => id.split('::')[0])).size).toBe(4);
    expect([...functions].some((id) => id.startsWith('e.py') || id.startsWith('f.py'))).toBe(false);
    expect(inWhole.filter((id) => inOther.includes(id))).toEqual([]);
    expect(
      Math.abs(new Set(inWhole.map(functionOf)).size - new Set(inOther.map(functionOf)).size),
    ).toBeLessThanOrEqual(1);
    expect([0, 4]).toContain([...inWhole, ...inOther].filter((id) => id.startsWith('d.py')).length);
  }
  expect(planTwins([frozen('a.py::t')], () => 0.5)).toEqual({ inWhole: ['a.py::t'], inOther: [] });
  expect(planTwins([], () => 0.5)).toEqual({ inWhole: [], inOther: [] });
  // what is falsified is falsified for all parameters: none of them may count as it ran then
  const mixed = [frozen('a.py::t[0]', { class: 'gt_specific', twin: false }), frozen('a.py::t[1]')];
  expect(planTwins(mixed, () => 0.5)).toEqual({ inWhole: ['a.py::t[0]', 'a.py::t[1]'], inOther: [] });
});

const start = (tests: Record<string, TestOutcome>, falsifiedIds: string[] = []) => ({
  tests,
  collectionErrors: [],
  falsifiedIds,
});

test('what passes as it is and falsified is a contradiction, whichever start it was', () => {
  const whole = start({ 'f::a': 'passed', 'f::b': 'failed', 'f::c': 'passed' }, ['f::a', 'f::b']);
  const other = start({ 'f::a': 'passed', 'f::b': 'passed', 'f::c': 'passed' }, ['f::c']);
  const able = new Set(['f::a', 'f::b', 'f::c']);
  expect(contradictionsOf(whole, other, able)).toEqual(['f::a', 'f::c']);
  expect(contradictionsOf(whole, other, new Set(['f::b', 'f::c']))).toEqual(['f::c']);
  const failed = start({ 'f::a': 'failed' });
  expect(contradictionsOf(start({ 'f::a': 'passed' }, ['f::a']), failed, able)).toEqual([]);
});

test('a falsified test counts as it ran in the other start; one that could not be falsified as it ran', () => {
  const whole = start({ 'f::a': 'failed', 'f::b': 'passed' }, ['f::a']);
  expect(asTheyAre(whole, start({ 'f::a': 'passed', 'f::b': 'failed' }))).toEqual({
    'f::a': 'passed',
    'f::b': 'passed',
  });
});

test('what may fail because others were falsified, or were not there, is run again; what did not load is not', () => {
  const ids = ['f::a', 'f::after', 'g::x', 'h::lost'];
  const whole = {
    tests: { 'f::a': 'failed', 'f::after': 'failed', 'g::x': 'failed' } as Record<string, TestOutcome>,
    collectionErrors: [{ file: 'h', failingImport: 'toml', message: '' }],
    falsifiedIds: ['f::a', 'h::lost'],
  };
  const none = new Set<string>();
  expect(toRunAgain(ids, whole, start({ 'f::a': 'failed' }), none)).toEqual(['f::a', 'f::after']);
  expect(toRunAgain(['f::a'], whole, start({ 'f::a': 'passed' }), none)).toEqual([]);
  // a test may read the files of others: where it can be falsified itself it has a second chance
  const able = new Set(['g::x', 'h::lost']);
  expect(toRunAgain(ids, whole, start({ 'f::a': 'failed' }), able)).toEqual(['f::a', 'f::after', 'g::x']);
  expect(toRunAgain(['g::x'], { ...whole, falsifiedIds: [] }, start({}), able)).toEqual([]);
});

test('a crash, and a file whose loading ended the process, were cut short', () => {
  const error = (message: string) => [{ file: 'f', failingImport: null, message }];
  expect(wasCutShort('f::a', { tests: { 'f::a': 'crash' }, collectionErrors: [] })).toBe(true);
  expect(wasCutShort('f::a', { tests: {}, collectionErrors: error('while it was loaded: killed') })).toBe(
    true,
  );
  expect(wasCutShort('f::a', { tests: {}, collectionErrors: error('ImportError') })).toBe(false);
  expect(wasCutShort('f::a', { tests: { 'f::a': 'failed' }, collectionErrors: [] })).toBe(false);
});

const suite = {
  tests: [frozen('f::a', { relevant: false }), frozen('f::b', { relevant: null })],
  known: { integrity: [], watched: [{ kind: 'tests-read', path: 'own.py', what: 'y' }] },
  strength: null,
};
const result = (more: object = {}) => ({
  'developers-before': {
    run: { tests: { 'f::a': 'passed', 'f::b': 'passed' } as const, collectionErrors: [] },
    ended: 'exited',
    disagreements: [],
    canaries: [],
    contradictions: [],
    watched: [],
    ...more,
  },
});
const code = { uses: [], convicting: [] };
const python = '3.11.4';

test('tampering leaves the counts as claimed, and nothing of them counts', () => {
  const { grade, tampered } = judged({ suite, results: result({ contradictions: ['f::a'] }), code, python });
  expect(tampered).toEqual([{ reason: 'twin', detail: '' }]);
  expect(grade).toMatchObject({
    passRate: 0,
    resolved: false,
    sameAsDevelopers: false,
    passed: 2,
    preserved: 2,
  });
});

test('resolved without a test that runs a migrated line is vacuous, where that was measured', () => {
  expect(judged({ suite, results: result(), code, python })).toMatchObject({
    vacuous: true,
    grade: { resolved: true },
  });
  const unmeasured = { ...suite, tests: suite.tests.map((one) => ({ ...one, relevant: null })) };
  expect(judged({ suite: unmeasured, results: result(), code, python }).vacuous).toBe(false);
  const loaded = {
    mutants: { total: 1, killed: 1 },
    lines: { executable: 6, executed: 3 },
    unreachable: [],
    value: 0.5,
    lowConfidence: false,
  };
  expect(judged({ suite: { ...suite, strength: loaded }, results: result(), code, python }).vacuous).toBe(
    false,
  );
  const relevant = { ...suite, tests: [frozen('f::a'), ...suite.tests] };
  expect(
    judged({ suite: relevant, results: result({ run: { tests: {}, collectionErrors: [] } }), code, python })
      .vacuous,
  ).toBe(false);
});

test('a migrated test file that asserts less than the developers’ passes nothing', () => {
  const verdict = judged({ suite, results: result(), code, python, weakened: ['f'] });
  expect(verdict).toMatchObject({
    grade: { passRate: 0, outcomes: { failed: 2 } },
    tampered: [],
    marks: ['fewer_assertions'],
  });
  const lines = (text: string) => {
    const found = lex(text);
    return found.ok ? found.lines : [];
  };
  expect(
    assertionsIn(
      lines(
        'assert a\nif b: assert c\nself.assertEqual(1, 2)\nwith pytest.raises(X):\n    f()\nm.assert_called_once_with(3)\n',
      ),
    ),
  ).toBe(5);
  expect(assertionsIn(lines('# assert a\nx = "assert b"\nassertive = 1\nraise X\n'))).toBe(0);
});

test('what the developers’ own runs showed is not named', () => {
  const event = (path: string, what: string) => ({ kind: 'tests-read', path, line: 1, what });
  const verdict = judged({
    suite,
    results: result({ watched: [event('moved.py', 'y'), event('app.py', 'z')] }),
    code,
    python,
  });
  expect(verdict.watched.map(({ path }) => path)).toEqual(['app.py']);
  expect(verdict.tampered).toEqual([{ reason: 'seen:tests-read', detail: 'app.py:1: z' }]);
});

test.each([
  ['<X object at 0x7f3a5b2c1d90>', '<X object at 0x...>'],
  [
    '/opt/pythons/3.11.7/lib/python3.11/importlib/__init__.py:126: in',
    '.../lib/python3.11/importlib/__init__.py:126: in',
  ],
  ['/usr/lib/python3.11/x.py', '.../lib/python3.11/x.py'],
  ['/tmp/x/workspace/app/main.py:1: in', 'app/main.py:1: in'],
  ['/workspace/app/main.py', 'app/main.py'],
  ['took 0.31 s', 'took ... s'],
  ["ModuleNotFoundError: No module named 'toml'", "ModuleNotFoundError: No module named 'toml'"],
])('the message %j is kept as %j', (message, kept) => {
  expect(steadyMessage(message)).toBe(kept);
});
