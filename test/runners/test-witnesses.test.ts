import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readStart } from '../../src/runners/test-events.ts';
import { junitCounts } from '../../src/runners/test-junit.ts';
import type { Start } from '../../src/runners/test-start.ts';
import { disagreementsOf } from '../../src/runners/test-witnesses.ts';

const NONCES = { falsify: 'f', run: 'r' };

/** Lines as `mig_channel.py` writes them. */
function lines(nonce: string, ...events: object[]): string[] {
  const chain = createHash('sha256').update(nonce);
  return events.map((event, number) => {
    const text = JSON.stringify(event);
    chain.update(`${number} ${text}`);
    return `${number} ${chain.copy().digest('hex').slice(0, 32)} ${text}`;
  });
}

const ready = { event: 'ready', python: '3', pytest: '8' };
const start = (id: string): object => ({ event: 'start', id });
const end = (id: string, outcome = 'passed'): object => ({ event: 'end', id, outcome, seconds: 0 });
const collected = (...ids: string[]): object => ({ event: 'collected', ids });
const finished = (code: number): object => ({ event: 'finished', code });
const CANARY = { file: 'c.py', text: '', ids: ['c.py::x'], unnamed: false, isBelowPaths: true };
const HONEST = [
  ready, collected('a.py::t', 'c.py::x'), start('a.py::t'), end('a.py::t'), start('c.py::x'),
  end('c.py::x', 'failed'), finished(1),
]; // prettier-ignore

function startOf(texts: readonly string[], more: Partial<Start> = {}): Start {
  return {
    report: readStart(`${texts.join('\n')}\n`, NONCES),
    exit: { code: 1, ended: 'exited', seconds: 0, outputBytes: 0 },
    log: '',
    canary: CANARY,
    junit: { passed: 1, cases: 2 },
    ...more,
  };
}

const told = (start: Start): string[] => disagreementsOf(start).map(({ reason }) => reason);

describe('the chain of results', () => {
  const honest = lines('r', ...HONEST);

  test('holds for an honest stream, also after noise of the start and with a first life before', () => {
    expect(told(startOf(honest))).toEqual([]);
    expect(told(startOf(['warning: of the interpreter', ...honest]))).toEqual([]);
    const twins = startOf([...lines('f', { event: 'falsified', ids: ['a.py::t'] }), ...honest]);
    expect(told(twins)).toEqual([]);
    expect(twins.report.falsified).toEqual(['a.py::t']);
  });

  test.each([
    ['put in', [...honest.slice(0, 3), lines('x', end('a.py::t'))[0]!, ...honest.slice(3)]],
    ['left out', honest.filter((_, index) => index !== 4)],
    ['repeated', [...honest.slice(0, 4), honest[3]!, ...honest.slice(4)]],
    ['moved', [...honest.slice(0, 2), honest[3]!, honest[2]!, ...honest.slice(4)]],
    ['changed', honest.map((line) => line.replace('"failed"', '"passed"'))],
    ['sealed for another run', [...honest.slice(0, 6), ...lines('s', ...HONEST).slice(6)]],
  ])('is broken by a line that was %s', (_, stream) => {
    expect(told(startOf(stream))).toContain('channel');
  });

  test('a line that was cut off by the end of the process is no contradiction', () => {
    const report = readStart(`${honest.slice(0, 3).join('\n')}\n${honest[3]!.slice(0, 50)}`, NONCES);
    expect(report.disagreements).toEqual([]);
    expect(report.running).toEqual({ kind: 'test', name: 'a.py::t' });
  });
});

describe('witnesses', () => {
  const changed = (index: number, ...events: object[]): string[] =>
    lines('r', ...HONEST.slice(0, index), ...events, ...HONEST.slice(index + 1));

  test.each<[string, string, Start]>([
    ['a canary that passed', 'canary', startOf(changed(5, end('c.py::x')), { junit: { passed: 2, cases: 2 } })],
    ['a canary that was not run', 'canary', startOf(lines('r', ready, collected('a.py::t'), ...HONEST.slice(2, 4), finished(1)))],
    ['another exit code than pytest’s', 'exit-code', startOf(lines('r', ...HONEST), { exit: { code: 0, ended: 'exited', seconds: 0, outputBytes: 0 } })],
    ['a code of success though tests failed', 'exit-code', startOf(changed(6, finished(0)), { exit: { code: 0, ended: 'exited', seconds: 0, outputBytes: 0 } })],
    ['no tests at all though some ended', 'exit-code', startOf(changed(6, finished(5)), { exit: { code: 5, ended: 'exited', seconds: 0, outputBytes: 0 } })],
    ['other passed tests in JUnit', 'junit', startOf(lines('r', ...HONEST), { junit: { passed: 2, cases: 2 } })],
    ['no JUnit', 'junit', startOf(lines('r', ...HONEST), { junit: null })],
    ['a test that ended without a start', 'order', startOf(changed(2))],
    ['a start inside a test', 'order', startOf(changed(3))],
    ['a test that was not collected', 'order', startOf(changed(2, start('b.py::t'), end('b.py::t'), start('a.py::t')))],
    ['tests collected twice', 'order', startOf(changed(2, collected('b.py::t'), start('a.py::t')))],
    ['tests that did not end', 'count', startOf(lines('r', ready, collected('a.py::t', 'b.py::t', 'c.py::x'), ...HONEST.slice(2)))],
    ['what the runner saw itself', 'integrity', startOf(changed(2, { event: 'disagreement', reason: 'integrity', detail: 'builtins.all' }, start('a.py::t')))],
  ])('%s', (_, reason, seen) => {
    expect(told(seen)).toContain(reason);
  }); // prettier-ignore

  test('a run that ended early, or ran nothing, contradicts nobody', () => {
    const early = startOf(lines('r', ...HONEST.slice(0, 3)), {
      exit: { code: null, ended: 'oom', seconds: 1, outputBytes: 0 },
      junit: null,
    });
    expect(told(early)).toEqual([]);
    const planned = startOf(lines('r', ready, collected('a.py::t'), finished(0)), {
      canary: null,
      junit: null,
    });
    expect(told(planned)).toEqual([]);
  });

  test('a test that swallowed its alarm passed for pytest and is late for us', () => {
    const late = startOf(changed(3, end('a.py::t', 'timeout')), { junit: { passed: 1, cases: 2 } });
    expect(told(late)).toEqual([]);
  });
});

test('JUnit counts each name once, by its worst part', () => {
  const xml = `<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="5">
<testcase classname="a" name="x &quot;&gt;" time="0.1" /><testcase classname="a" name="y"><failure message="m">f &lt;/testcase&gt;</failure></testcase>
<testcase classname="a" name="y" /><testcase classname="b" name="x"><properties><property name="p" value="v" /></properties></testcase>
<testcase classname="b" name="z"><skipped type="pytest.skip" message="m">s</skipped></testcase></testsuite></testsuites>`;
  expect(junitCounts(xml)).toEqual({ passed: 2, cases: 4 });
  expect(junitCounts(xml.slice(0, 200))).toBeNull();
});
