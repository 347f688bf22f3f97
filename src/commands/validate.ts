import type { BadEntry, Benchmark } from '../benchmarks/benchmark.ts';
import { findMigration, openBenchmarks } from '../benchmarks/registry.ts';
import { loadConfig } from '../config/load.ts';
import { ValidationProgress } from '../events/validation-progress.ts';
import { EXIT, exitCodeOf, type Failure } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import { ok, type Result } from '../model/result.ts';
import { Limiters } from '../pipeline/limits.ts';
import { exitCodeOfSignal, installSignals, type StopSignal } from '../pipeline/signals.ts';
import { countsSentence, countVerdicts } from '../report/validation.ts';
import { TABLE_LEGEND, validationTable } from '../report/validation-table.ts';
import { benchmarkChoice } from './benchmark-choice.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';
import { parsedTexts } from './prepare.ts';
import type { RunRequest } from './run-request.ts';
import { unknown, validateMigration, type Validation, type ValidationScope } from './validate-migration.ts';
import { validationSummary, verdictEvent } from './validation-events.ts';

export interface ValidateOptions {
  readonly request: RunRequest;
  readonly all: boolean;
  /** Exit 1 where any migration is unhealthy. */
  readonly failUnhealthy: boolean;
}

/** Columns where the results go to no terminal. */
const COLUMNS = 120;

/**
 * `validate <id...>`, `validate --all`: the health of migrations, by running the stand-ins through the whole graph.
 * Every migration that was asked for ends in the totals: with a verdict, or as one that could not be validated.
 */
export async function validateCommand(
  ids: readonly string[],
  options: ValidateOptions,
  io: Io,
): Promise<number> {
  const { request } = options;
  const early = (failure: Failure): number => {
    reportEarlyFailure(failure, request.json, io);
    return exitCodeOf(failure);
  };
  if ((ids.length === 0) === !options.all) return early(nothingChosen(options.all));
  const loaded = loadConfig({ cwd: io.cwd, variables: io.env, flags: request.config });
  if (!loaded.ok) return early(loaded.failure);
  const { config } = loaded.value;
  const parsed = parsedTexts(config.dataDir);
  const opened = await openBenchmarks(benchmarkChoice(config, request, io.cwd), parsed.read);
  if (!opened.ok) return early(opened.failure);
  const chosen = options.all ? await everyEntry(opened.value) : await entriesOf(ids, opened.value);
  if (!chosen.ok) return early(chosen.failure);

  const stop = new AbortController();
  const limiters = new Limiters(config.concurrency);
  const window = new Limiters({ task: config.concurrency.container });
  const removeSignals = installSignals((signal) => {
    stop.abort(signal);
    limiters.clear();
  });
  const { json, quiet, verbose } = request;
  const total = chosen.value.migrations.length + chosen.value.unusable.length;
  const progress = new ValidationProgress({
    stream: io.stderr,
    total,
    quiet: quiet || json,
    verbose,
    env: io.env,
  });
  const line = (event: object): void => {
    io.stdout.write(`${JSON.stringify(event)}\n`);
  };
  const scope: ValidationScope = {
    request: { ...request, quiet: quiet || json },
    io,
    parsed,
    limiters,
    runtimes: new Map(),
    models: {},
    signal: stop.signal,
    sinkOf: (id, standIn) =>
      json
        ? { emit: (event) => line({ ...event, standIn }), close: () => undefined }
        : progress.sinkOf(id, standIn),
    warn: (message) => {
      if (json) line({ event: 'warning', at: Date.now(), code: 'verdict-not-kept', message });
      else progress.warn(message);
    },
    now: Date.now,
  };
  const startedMs = Date.now();
  const told = (validation: Validation): Validation => {
    if (json) line(verdictEvent(validation, Date.now()));
    else progress.end(validation.id, wordOf(validation), isHealthy(validation));
    return validation;
  };
  try {
    const validated = await Promise.all(
      chosen.value.migrations.map((migration) =>
        window.run('task', async () => told(await validateMigration(migration, scope))),
      ),
    );
    const all = [...validated, ...chosen.value.unusable.map(told)].sort(byId);
    if (validated.some((one) => one.status === 'unknown' || !one.cached)) parsed.keep();
    progress.close();
    const seconds = (Date.now() - startedMs) / 1000;
    if (json) line(validationSummary(all, Date.now(), seconds));
    else writeTable(all, io);
    return stop.signal.aborted
      ? exitCodeOfSignal(stop.signal.reason as StopSignal)
      : exitCodeFor(all, options);
  } finally {
    removeSignals();
  }
}

interface Chosen {
  readonly migrations: readonly Migration[];
  /** Entries that cannot be used: counted with those that could not be validated. */
  readonly unusable: readonly Validation[];
}

async function everyEntry(benchmarks: readonly Benchmark[]): Promise<Result<Chosen, Failure>> {
  const found: Migration[] = [];
  const unusable: Validation[] = [];
  for (const benchmark of benchmarks) {
    const listed = await benchmark.list();
    if (!listed.ok) return listed;
    found.push(...listed.value.migrations);
    unusable.push(...listed.value.problems.map((bad) => unusableEntry(bad, benchmark.place.name)));
  }
  // Of one benchmark no two entries have one id; of several they may, and then their results would be one another's.
  const files = new Map<string, string[]>();
  for (const { id, entry } of found) files.set(id, [...(files.get(id) ?? []), entry.file]);
  for (const migration of found) {
    const same = files.get(migration.id) ?? [];
    if (same.length > 1)
      unusable.push(
        unknown(migration, {
          class: 'infra',
          reason: 'benchmark-id-clash',
          id: migration.id,
          files: same,
        }),
      );
  }
  return ok({ migrations: found.filter(({ id }) => files.get(id)?.length === 1), unusable });
}

/** Those that were named, each once. An id that names none, or several, ends the command. */
async function entriesOf(
  ids: readonly string[],
  benchmarks: readonly Benchmark[],
): Promise<Result<Chosen, Failure>> {
  const migrations = new Map<string, Migration>();
  for (const id of ids) {
    const found = await findMigration(id, benchmarks);
    if (!found.ok) return found;
    migrations.set(found.value.id, found.value);
  }
  return ok({ migrations: [...migrations.values()], unusable: [] });
}

/** Named by its file: an entry that cannot be read has no id. The data set is at fault, whatever is wrong in it. */
function unusableEntry({ file, failure }: BadEntry, benchmark: string): Validation {
  return unknown({ id: file as Migration['id'], benchmark }, failure, EXIT.outside);
}

function nothingChosen(all: boolean): Failure {
  const problem = all
    ? 'stands beside ids: it takes every migration'
    : 'is missing, and so is any id: name migrations, or take them all';
  return { class: 'config', reason: 'config-invalid', file: 'command line', key: '--all', problem };
}

function isHealthy(validation: Validation): boolean {
  return validation.status === 'validated' && validation.record.verdict === 'healthy';
}

function wordOf(validation: Validation): string {
  return validation.status === 'validated'
    ? validation.record.verdict
    : `could not be validated: ${validation.why}`;
}

function byId(a: Validation, b: Validation): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function writeTable(all: readonly Validation[], io: Io): void {
  const table = validationTable(all, io.stdout.columns ?? COLUMNS);
  const counts = countVerdicts(all.map((one) => (one.status === 'validated' ? one.record.verdict : null)));
  const lines = [...table, '', ...TABLE_LEGEND, countsSentence(counts)];
  io.stdout.write(`${lines.join('\n')}\n`);
}

/** A verdict is a result: 0, unless something failed, or an unhealthy one is asked to count as such. */
function exitCodeFor(all: readonly Validation[], { failUnhealthy }: ValidateOptions): number {
  const codes = all.map((one) => {
    if (one.status === 'unknown') return one.exitCode;
    return failUnhealthy && one.record.verdict === 'unhealthy' ? EXIT.taskFailed : EXIT.done;
  });
  return Math.max(EXIT.done, ...codes);
}
