import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, ok, type Result } from '../model/result.ts';
import type { CollectionError, TestId, TestOutcome } from '../model/tests.ts';
import type { EndedTest } from './test-events.ts';
import { junitXml } from './test-junit.ts';
import { type Start, type StartExit, startOnce } from './test-start.ts';
import { nextStart, type SuiteState, withoutCanary } from './test-suite-plan.ts';
import type { SuiteFailure, SuiteRun, TestSuiteRequest } from './test-suite-request.ts';
import { canaryOutcomes, disagreementsOf, distinct } from './test-witnesses.ts';

export type { SeenEnvironment, SuiteFailure, SuiteRun, TestSuiteRequest } from './test-suite-request.ts';

/**
 * Runs tests in a sandbox without a network, on a private copy of the tree. A test that ends its process, or that
 * hangs beyond help, is marked `crash` or `timeout` and the others are run by a further start. Results come over a
 * stream of sealed lines; what tests print goes elsewhere. JUnit, witnesses and logs are written to `logDir`. Fails only
 * where nothing of the tree has run, or where the sandbox was taken away: all else is the tree's doing.
 */
export async function runTestSuite(request: TestSuiteRequest): Promise<Result<SuiteRun, SuiteFailure>> {
  let state: SuiteState = {
    ended: new Map(),
    collectionErrors: [],
    loaded: {},
    ids: request.ids,
    ignore: request.ignore ?? [],
    starts: 0,
    wallEnds: 0,
  };
  const starts: Start[] = [];
  const began = performance.now();
  for (;;) {
    const started = await startOnce(request, state);
    if (!started.ok) return started;
    const { report, exit, log, canary } = started.value;
    // nothing inside can bring this about: somebody removed the sandbox
    if (exit.ended === 'killed') {
      const detail = 'the sandbox was ended from outside';
      return fail({ class: 'infra', reason: 'engine-failed', action: 'run the tests', detail });
    }
    if (!report.ready) {
      return fail({
        class: 'eval',
        reason: 'runner-broken',
        detail: `${exitWords(exit)}: ${lastWords(log)}`,
        log,
      });
    }
    starts.push(started.value);
    const next = nextStart(state, withoutCanary(report, canary), exit, lastWords(log));
    state = next.state;
    if (next.again) continue;
    mkdirSync(request.logDir, { recursive: true });
    writeFileSync(
      path.join(request.logDir, `${request.name}.junit.xml`),
      junitXml(state.ended, state.collectionErrors),
    );
    const done = suiteRun(state, starts, exit, (performance.now() - began) / 1000);
    const { canaries, disagreements, watched } = done;
    writeFileSync(
      path.join(request.logDir, `${request.name}.witnesses.json`),
      `${JSON.stringify({ canaries, disagreements, watched }, null, 2)}\n`,
    );
    return ok(done);
  }
}

function suiteRun(state: SuiteState, starts: readonly Start[], exit: StartExit, seconds: number): SuiteRun {
  const outcomes: [TestId, TestOutcome][] = [...state.ended].map(([id, test]) => [id, test.outcome]);
  const messages = [...state.ended].filter(([, test]) => test.message !== '');
  const executed = [...state.ended].filter(([, test]) => Object.keys(test.lines).length > 0);
  const errors: CollectionError[] = [...state.collectionErrors];
  return {
    tests: Object.fromEntries(outcomes),
    collectionErrors: errors,
    exitCode: exit.code,
    ended: exit.ended,
    seconds,
    executed: Object.fromEntries(executed.map(([id, test]: [TestId, EndedTest]) => [id, test.lines])),
    loaded: state.loaded,
    messages: Object.fromEntries(messages.map(([id, test]) => [id, test.message])),
    starts: state.starts,
    canaries: starts.flatMap(({ report, canary }) => canaryOutcomes(report, canary?.ids ?? [])),
    disagreements: distinct(starts.flatMap((start) => disagreementsOf(start))),
    watched: distinctWatched(starts),
    falsifiedIds: starts[0]?.report.falsified ?? [],
    docstrings: Object.assign({}, ...starts.map(({ report }) => report.docstrings)) as SuiteRun['docstrings'],
  };
}

function distinctWatched(starts: readonly Start[]): SuiteRun['watched'] {
  const seen = starts.flatMap(({ report }) => report.watched);
  return [...new Map(seen.map((each) => [JSON.stringify(each), each])).values()];
}

function exitWords(exit: StartExit): string {
  return exit.ended === 'exited' ? `exit code ${String(exit.code)}` : exit.ended;
}

/** The end of what the runner wrote to its log. */
function lastWords(log: string): string {
  const text = readFileSync(log, 'utf8').trimEnd();
  return text.slice(-1500);
}
