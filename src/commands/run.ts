import { consoleSink } from '../events/console.ts';
import { ndjsonSink } from '../events/ndjson.ts';
import { EXIT, exitCodeOf, type Failure } from '../model/failure.ts';
import type { ConfigFailure } from '../model/failures/config.ts';
import { installSignals } from '../pipeline/signals.ts';
import { isUnder, parseFailUnder } from '../report/run-summary.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';
import { planCommand } from './plan.ts';
import { layOut, type LayOptions, prepare } from './prepare.ts';
import type { RunRequest } from './run-request.ts';
import { summaryOf } from './run-summary-event.ts';

/** `run <id>`: attempt after attempt. Answers the exit code, the highest of theirs; a signal ends it. */
export async function runCommand(id: string, request: RunRequest, io: Io): Promise<number> {
  let worst: number = EXIT.done;
  const models = {};
  for (let attempt = request.attempt; attempt < request.attempt + request.attempts; attempt++) {
    const one = { ...request, attempt };
    const code = await (request.dryRun ? planCommand(id, one, io) : runAttempt(id, one, io, models));
    worst = Math.max(worst, code);
    if (code >= EXIT.interrupted || code === EXIT.usage) break;
  }
  return worst;
}

/** One attempt: the road on one page. */
async function runAttempt(
  id: string,
  request: RunRequest,
  io: Io,
  models: NonNullable<LayOptions['models']>,
): Promise<number> {
  const limit = request.failUnder === null ? null : parseFailUnder(request.failUnder);
  if (limit === undefined) return early(badBound(request.failUnder ?? ''));

  const prepared = await prepare(id, request, io);
  if (!prepared.ok) return early(prepared.failure);

  const stop = new AbortController();
  const removeSignals = installSignals((signal) => {
    stop.abort(signal);
  });
  try {
    const sinks = [
      request.json
        ? ndjsonSink(io.stdout)
        : consoleSink({
            progress: io.stderr,
            results: io.stdout,
            quiet: request.quiet,
            verbose: request.verbose,
            env: io.env,
          }),
    ];
    const laid = await layOut(prepared.value, request, io, { sinks, models, signal: stop.signal });
    if (!laid.ok) return early(laid.failure);
    const { executor } = laid.value;

    const outcome = await executor.run();
    if (outcome.runId !== null) prepared.value.parsed.keep();
    if (outcome.failure !== null && outcome.tasks.length === 0) {
      await executor.close();
      return early(outcome.failure, outcome.exitCode);
    }
    const summary = summaryOf(prepared.value, laid.value, outcome, models.shared?.sweepUse() ?? null);
    executor.emit(summary);
    await executor.close();
    if (outcome.exitCode !== EXIT.done) return outcome.exitCode;
    return limit !== null && isUnder(summary, limit) ? EXIT.taskFailed : EXIT.done;
  } finally {
    removeSignals();
  }

  function early(failure: Failure, code = exitCodeOf(failure)): number {
    reportEarlyFailure(failure, request.json, io);
    return code;
  }
}

function badBound(text: string): ConfigFailure {
  const problem = `is "${text}", not [patch_eval=|unit_test_eval=]X with X from 0 to 1`;
  return { class: 'config', reason: 'config-invalid', file: 'command line', key: '--fail-under', problem };
}
