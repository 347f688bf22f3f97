import path from 'node:path';
import { chosenPlaces, openBenchmark } from '../benchmarks/registry.ts';
import { fetchPyMigBench } from '../benchmarks/fetch-pymigbench.ts';
import { loadConfig } from '../config/load.ts';
import { EXIT, exitCodeOf, type Failure } from '../model/failure.ts';
import { failureMessage } from '../report/failure-message.ts';
import { benchmarkChoice } from './benchmark-choice.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';

export interface BenchmarkListOptions {
  readonly config: Readonly<Record<string, unknown>>;
  readonly json: boolean;
}

export interface BenchmarkGetOptions extends BenchmarkListOptions {
  /** `--from`: an address, a repository's folder, or a folder of entries; null: where its authors publish it. */
  readonly from: string | null;
}

/** `benchmark list`: every benchmark with its place and how many migrations it has, or why it cannot be read. */
export async function benchmarkListCommand(options: BenchmarkListOptions, io: Io): Promise<number> {
  const loaded = loadConfig({ cwd: io.cwd, variables: io.env, flags: options.config });
  if (!loaded.ok) return early(loaded.failure, options.json, io);
  const { config } = loaded.value;
  const places = chosenPlaces(benchmarkChoice(config, { benchmark: null, benchmarkDir: null }, io.cwd));
  if (!places.ok) return early(places.failure, options.json, io);
  const rows = [];
  for (const place of places.value) {
    const index = await openBenchmark(place).index();
    const count = index.ok ? index.value.refs.length : null;
    rows.push({ ...place, count, why: index.ok ? null : failureMessage(index.failure) });
  }
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ schema: 1, benchmarks: rows }, null, 2)}\n`);
    return EXIT.done;
  }
  for (const { name, kind, dir, count, why } of rows) {
    const size = count === null ? 'absent' : String(count);
    io.stdout.write(`${name.padEnd(12)}${kind.padEnd(12)}${size.padStart(6)}  ${why ?? dir}\n`);
  }
  return EXIT.done;
}

/** `benchmark get pymigbench`: fetches the data set below the data folder; what is there already stays. */
export async function benchmarkGetCommand(
  name: string,
  options: BenchmarkGetOptions,
  io: Io,
): Promise<number> {
  const loaded = loadConfig({ cwd: io.cwd, variables: io.env, flags: options.config });
  if (!loaded.ok) return early(loaded.failure, options.json, io);
  if (name !== 'pymigbench') {
    return early(
      { class: 'config', reason: 'benchmark-unknown', name, known: ['pymigbench'] },
      options.json,
      io,
    );
  }
  const from = options.from === null ? undefined : fromHere(options.from, io.cwd);
  const fetched = await fetchPyMigBench(loaded.value.config.dataDir, from);
  if (!fetched.ok) return early(fetched.failure, options.json, io);
  const { place, entries, fetched: isNew } = fetched.value;
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ schema: 1, ...place, count: entries, fetched: isNew }, null, 2)}\n`);
  } else {
    io.stdout.write(`${name}: ${entries} entries ${isNew ? 'fetched to' : 'are already in'} ${place.dir}\n`);
  }
  return EXIT.done;
}

/** An address stays as it is; a folder is taken against the working folder. */
function fromHere(from: string, cwd: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/|^[^/\\]+@[^/\\]+:/i.test(from) ? from : path.resolve(cwd, from);
}

function early(failure: Failure, json: boolean, io: Io): number {
  reportEarlyFailure(failure, json, io);
  return exitCodeOf(failure);
}
