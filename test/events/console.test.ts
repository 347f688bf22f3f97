import { describe, expect, it, vi } from 'vitest';
import { consoleSink } from '../../src/events/console.ts';
import { FanOut } from '../../src/events/fan-out.ts';
import { ndjsonSink } from '../../src/events/ndjson.ts';
import { scoreText } from '../../src/report/run-summary.ts';
import { fit, oneLine, widthOf } from '../../src/events/terminal.ts';
import type { PipelineEvent } from '../../src/model/events.ts';
import { unitId, type TaskId } from '../../src/model/ids.ts';

const id = unitId('a__b__o@r__12345678');
const start = (task: TaskId, at = 0): PipelineEvent => ({
  event: 'task-start', at, id, task, level: 0, reason: 'never-run', changes: [],
}); // prettier-ignore
const doing = (task: TaskId, text: string, at = 0): PipelineEvent => ({
  event: 'task-progress', at, id, task, doing: text,
}); // prettier-ignore
const end = (task: TaskId, state: 'completed' | 'failed', reason: string | null = null): PipelineEvent => ({
  event: 'task-end', at: 9, id, task, state, outcome: state === 'failed' ? null : 'ready', reason, failure: null, seconds: 3.21,
}); // prettier-ignore
const summary: PipelineEvent = {
  event: 'summary', at: 9, schema: 1, runId: 'r', id, agent: 'x', variant: 'x', runtime: 'docker', tasks: [],
  scores: { patch_eval: { status: 'scored', value: 0.87543 }, unit_test_eval: { status: 'unscored', why: 'environment: refused' } },
  evidence: { patch: 'trajectories/x' }, seconds: 12,
}; // prettier-ignore

function stream(more = {}) {
  const written: string[] = [];
  return { written, write: (text: string) => written.push(text), text: () => written.join(''), ...more };
}
const ESC = '\u001B';

describe('without a terminal', () => {
  const play = (options: { quiet?: boolean; verbose?: boolean }) => {
    const [progress, results] = [stream(), stream()];
    const sink = consoleSink({ progress, results, ...options });
    sink.emit(start('env_setup'));
    sink.emit(doing('env_setup', 'resolving', 10));
    sink.emit(doing('env_setup', 'building', 20_000));
    sink.emit(end('env_setup', 'completed'));
    sink.emit(end('eval_test', 'failed', 'no engine'));
    sink.emit({ event: 'warning', at: 0, code: 'w', message: 'look' });
    sink.emit(summary);
    return { progress: progress.text(), results: results.text() };
  };

  it('says plain lines, and what a long task does once in a while', () => {
    expect(play({}).progress).toBe(
      [
        'env_setup       running: never run',
        'env_setup       building',
        'env_setup       completed ready  3.2 s',
        'eval_test       failed  3.2 s: no engine',
        'warning: look',
        '',
      ].join('\n'),
    );
  });

  it('says everything with --verbose, and only what went wrong with --quiet', () => {
    expect(play({ verbose: true }).progress).toContain('env_setup       resolving\n');
    expect(play({ quiet: true }).progress).toBe('eval_test       failed  3.2 s: no engine\nwarning: look\n');
  });

  it('writes results alone to stdout', () => {
    expect(play({}).results.split('\n').slice(1, 4)).toEqual([
      '  patch_eval      editF1 0.875',
      '  unit_test_eval  unscored: environment: refused',
      '  patch           trajectories/x',
    ]);
    expect(play({}).progress).not.toContain('editF1');
  });
});

describe('on a terminal', () => {
  it('redraws one line a task in its place, with seconds and what it is doing', () => {
    vi.useFakeTimers();
    const progress = stream({ isTTY: true, columns: 60, rows: 24 });
    const sink = consoleSink({ progress, results: stream(), env: { NO_COLOR: '1' }, now: () => 12_000 });
    sink.emit({ event: 'run-start', at: 0, runId: 'r', id, agent: 'x', runtime: 'local' });
    sink.emit(start('env_setup', 5000));
    sink.emit(doing('env_setup', `test 12 of 80 ${ESC}[31mred\nline ${'x'.repeat(100)}`));
    const last = progress.written.at(-1) ?? '';
    expect(last).toContain(`${ESC}[7A`);
    expect(last).toContain('▸ env_setup       running  7 s  test 12 of 80 red line');
    expect(last).not.toContain(`${ESC}[31m`);
    for (const line of last.split('\n').slice(1)) expect(widthOf(line)).toBeLessThan(60);
    const before = progress.written.length;
    vi.advanceTimersByTime(1000);
    expect(progress.written.length).toBe(before + 1);
    void sink.close();
    vi.advanceTimersByTime(5000);
    expect(progress.written.length).toBe(before + 2);
    vi.useRealTimers();
  });

  it('counts its rows anew when the terminal became narrower', () => {
    const size = { columns: 80 };
    let resized: () => void = () => undefined;
    const progress = stream({
      isTTY: true,
      get columns() {
        return size.columns;
      },
      on: (_: string, listener: () => void) => (resized = listener),
      off: () => undefined,
    });
    Object.defineProperty(progress, 'columns', { get: () => size.columns });
    const sink = consoleSink({ progress, results: stream() });
    sink.emit({ event: 'run-start', at: 0, runId: null, id, agent: 'x', runtime: null });
    sink.emit(start('repo_dl'));
    sink.emit(doing('repo_dl', 'y'.repeat(200)));
    size.columns = 40;
    resized();
    // The one long line of 79 columns takes two rows of 40 now; the other six take one.
    expect(progress.written.at(-1)).toContain(`${ESC}[8A`);
    void sink.close();
  });

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('no colour with %o', (env) => {
    const progress = stream({ isTTY: true, columns: 80 });
    const sink = consoleSink({ progress, results: stream(), env });
    sink.emit(end('env_setup', 'failed', 'why'));
    void sink.close();
    expect(progress.text()).not.toMatch(new RegExp(`${ESC}\\[\\d+m`));
  });
});

describe('other sinks', () => {
  it('ndjson writes exactly the events, a line each, and fan-out serves all sinks', async () => {
    const out = stream();
    const late = stream();
    const all = new FanOut([ndjsonSink(out)]);
    all.emit(start('repo_dl'));
    all.add(ndjsonSink(late));
    all.emit(summary);
    await all.close();
    expect(
      out
        .text()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([start('repo_dl'), summary]);
    expect(late.written).toHaveLength(1);
  });
});

describe('words', () => {
  it('scores', () => {
    expect(
      scoreText(
        {
          status: 'scored',
          value: 1,
          resolved: true,
          counts: { preserved: 38, passed: 37 },
          marks: ['unsealed'],
        },
        'passRate',
      ),
    ).toBe('passRate 1.000, 37 of 38 preserved tests pass, resolved, unsealed');
    expect(scoreText({ status: 'scored', value: 0, resolved: false }, 'passRate')).toBe(
      'passRate 0.000, not resolved',
    );
    expect(scoreText({ status: 'not_applicable', why: 'no tests' }, 'editF1')).toBe(
      'not applicable: no tests',
    );
  });
  it('cuts wide characters by the columns that they take', () => {
    expect(fit('日本語テキスト', 7)).toBe('日本語…');
    expect(oneLine('a\u0000b\tc\r\n')).toBe('a b c');
  });
});
