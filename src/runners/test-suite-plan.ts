import type { CollectionError, TestId, TestRun } from '../model/tests.ts';
import type { Canary } from './test-canaries.ts';
import type { EndedTest, ExecutedLines, StartReport } from './test-events.ts';

/** What is known after some starts of the runner. */
export interface SuiteState {
  readonly ended: ReadonlyMap<TestId, EndedTest>;
  readonly collectionErrors: readonly CollectionError[];
  readonly loaded: ExecutedLines;
  /** What the next start runs; null: all that it finds. */
  readonly ids: readonly TestId[] | null;
  /** Files that the next start leaves out: loading them ended the process. */
  readonly ignore: readonly string[];
  readonly starts: number;
  /** Starts that the wall clock ended. */
  readonly wallEnds: number;
}

/** Further starts after crashes and hangs are bounded: what is left then is missing. */
export const MAX_STARTS = 25;
const MAX_WALL_ENDS = 3;

/**
 * Takes one start into account and says whether another is needed. What was under way when the process ended is
 * blamed: a test becomes `timeout` where a limit of time ended it, else `crash`; a file that was being loaded is a
 * collection error, and left out from then on.
 */
export function nextStart(
  state: SuiteState,
  report: StartReport,
  exit: Pick<TestRun, 'ended'> & { readonly code: number | null },
  lastWords: string,
): { readonly state: SuiteState; readonly again: boolean } {
  const ended = new Map(state.ended);
  for (const [id, test] of report.ended) ended.set(id, test);
  const errors = [...state.collectionErrors];
  for (const error of report.collectionErrors) {
    // a file that is collected twice (as module and for its doctests) fails twice
    if (!errors.some(({ file }) => file === error.file)) errors.push(error);
  }

  const ignore = [...state.ignore];
  const outOfTime = exit.ended === 'timeout' || exit.ended === 'idle';
  const how = exit.ended === 'exited' ? `the process ended with exit code ${String(exit.code)}` : exit.ended;
  if (report.running?.kind === 'test') {
    const outcome = outOfTime ? 'timeout' : 'crash';
    ended.set(report.running.name, { outcome, seconds: 0, message: how, lines: {} });
  } else if (report.running?.kind === 'file') {
    errors.push({ file: report.running.name, failingImport: null, message: `while it was loaded: ${how}` });
    if (!ignore.includes(report.running.name)) ignore.push(report.running.name);
  } else if (report.running === null && report.collected === null && errors.length === 0) {
    errors.push({ file: '', failingImport: null, message: `pytest did not start: ${lastWords}` });
  }

  const isNew =
    ended.size > state.ended.size || ignore.length > state.ignore.length || report.running?.kind === 'ours';
  const wasLoading = ignore.length > state.ignore.length || report.running?.kind === 'ours';
  const collected = report.collected ?? (wasLoading ? state.ids : []);
  const left = collected?.filter((id) => !ended.has(id)) ?? null;
  const wallEnds = state.wallEnds + (exit.ended === 'timeout' ? 1 : 0);
  const next: SuiteState = {
    ended,
    collectionErrors: errors,
    loaded: state.starts === 0 ? report.loaded : state.loaded,
    ids: left,
    ignore,
    starts: state.starts + 1,
    wallEnds,
  };
  const isUnfinished = left === null || left.length > 0;
  return {
    state: next,
    again: isUnfinished && isNew && next.starts < MAX_STARTS && wallEnds < MAX_WALL_ENDS,
  };
}

/** What a start told of the tests that were asked for: those of ours, and how their file was loaded, are left out. */
export function withoutCanary(report: StartReport, canary: Canary | null): StartReport {
  if (canary === null) return report;
  const ours = new Set(canary.ids);
  const { running } = report;
  return {
    ...report,
    collected: report.collected?.filter((id) => !ours.has(id)) ?? null,
    ended: new Map([...report.ended].filter(([id]) => !ours.has(id))),
    collectionErrors: report.collectionErrors.filter(({ file }) => file !== canary.file),
    running:
      running !== null && (ours.has(running.name) || running.name === canary.file)
        ? { kind: 'ours', name: running.name }
        : running,
  };
}
