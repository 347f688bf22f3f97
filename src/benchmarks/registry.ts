import path from 'node:path';
import type { Migration } from '../model/migration.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { readAnew, type StrictReader } from '../workspace/parsed-texts.ts';
import type { Benchmark, BenchmarkPlace, EntryFailure, EntryRef } from './benchmark.ts';
import { entriesFolder, kindOfFolder, pyMigBenchClone, pyMigBenchEntries } from './places.ts';
import { findByPart } from './find-id.ts';
import { openManifests } from './manifest.ts';
import { openPyMigBench } from './pymigbench.ts';

const BUNDLED = ['examples', 'pypi', 'generated'];

/** What is configured, and what a command line narrows it to. */
export interface BenchmarkChoice {
  /** From the configuration; folders are resolved against `cwd`. */
  readonly configured: readonly {
    readonly name: string;
    readonly kind: BenchmarkPlace['kind'];
    readonly dir: string;
  }[];
  readonly dataDir: string;
  readonly cwd: string;
  /** Only this benchmark (`--benchmark`). */
  readonly only?: string | undefined;
  /** Where that one lies (`--benchmark-dir`); without a known name, a folder of manifests. */
  readonly dir?: string | undefined;
}

/**
 * All benchmarks of a choice: the bundled ones, PyMigBench where it was fetched, the configured ones (which
 * replace others of their name). Fails `benchmark-unknown` for an `only` that is none of them and has no `dir`.
 */
export function chosenPlaces(choice: BenchmarkChoice): Result<readonly BenchmarkPlace[], EntryFailure> {
  const places = new Map<string, BenchmarkPlace>();
  for (const name of BUNDLED) {
    places.set(name, { name, kind: 'manifest', dir: path.join(packageRoot(), 'config', 'benchmarks', name) });
  }
  const fetched = pyMigBenchEntries(pyMigBenchClone(path.resolve(choice.cwd, choice.dataDir)));
  places.set('pymigbench', { name: 'pymigbench', kind: 'pymigbench', dir: fetched });
  for (const { name, kind, dir } of choice.configured) {
    const given = path.resolve(choice.cwd, dir);
    places.set(name, { name, kind, dir: kind === 'pymigbench' ? entriesFolder(given) : given });
  }
  if (choice.dir !== undefined) {
    const given = path.resolve(choice.cwd, choice.dir);
    const name = choice.only ?? path.basename(given);
    const kind = places.get(name)?.kind ?? kindOfFolder(given);
    return ok([{ name, kind, dir: kind === 'pymigbench' ? entriesFolder(given) : given }]);
  }
  if (choice.only === undefined) return ok([...places.values()]);
  const one = places.get(choice.only);
  if (one !== undefined) return ok([one]);
  return fail({ class: 'config', reason: 'benchmark-unknown', name: choice.only, known: [...places.keys()] });
}

/** The benchmark that lies at a place. Nothing is read yet. */
export function openBenchmark(place: BenchmarkPlace, reader: StrictReader = readAnew): Benchmark {
  return place.kind === 'pymigbench' ? openPyMigBench(place, reader) : openManifests(place, reader);
}

/** The benchmarks of a choice. PyMigBench is left out where nobody asked for it and it was never fetched. */
export async function openBenchmarks(
  choice: BenchmarkChoice,
  reader: StrictReader = readAnew,
): Promise<Result<readonly Benchmark[], EntryFailure>> {
  const places = chosenPlaces(choice);
  if (!places.ok) return places;
  const benchmarks = places.value.map((place) => openBenchmark(place, reader));
  if (benchmarks.length === 1) return ok(benchmarks);
  const asked = new Set(choice.configured.map(({ name }) => name));
  const present: Benchmark[] = [];
  for (const benchmark of benchmarks) {
    if (benchmark.place.name !== 'pymigbench' || asked.has('pymigbench') || (await benchmark.index()).ok) {
      present.push(benchmark);
    }
  }
  return ok(present);
}

/**
 * The one migration of these benchmarks that an id, or a part that no other id holds, names. Only its entry is
 * parsed. Fails `migration-unknown`, `migration-ambiguous`, `benchmark-id-clash`, or as the entry's own fault;
 * an entry that cannot be read at all is the failure only when its file's name holds the part.
 */
export async function findMigration(
  part: string,
  benchmarks: readonly Benchmark[],
): Promise<Result<Migration, EntryFailure>> {
  const refs: (EntryRef & { owner: Benchmark })[] = [];
  let missing: EntryFailure | undefined;
  for (const benchmark of benchmarks) {
    const index = await benchmark.index();
    if (!index.ok) {
      missing ??= index.failure;
      continue;
    }
    refs.push(...index.value.refs.map((ref) => ({ ...ref, owner: benchmark })));
    const bad = index.value.problems.find(({ file }) => path.basename(file).includes(part) && part !== '');
    if (bad !== undefined) missing ??= bad.failure;
  }
  const found = findByPart(part, refs);
  if (!found.ok)
    return found.failure.reason === 'migration-unknown' && missing !== undefined ? fail(missing) : found;
  const owner = refs.find(({ id, file }) => id === found.value.id && file === found.value.file)?.owner;
  if (owner === undefined) throw new Error(`${found.value.id} is of no benchmark`);
  return owner.load(found.value);
}
