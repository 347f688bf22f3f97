import type { BadEntry } from '../benchmarks/benchmark.ts';
import { EXIT, exitCodeOf } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import { failureMessage } from '../report/failure-message.ts';
import type { FoundVerdict } from '../model/validation.ts';
import { openChosen, type BenchmarkFlags } from './benchmark-choice.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';
import { foundJson } from './validation-events.ts';
import { isChosen, verdictCounts, verdictReader, type VerdictChoice } from './verdict-choice.ts';

export interface ListMigrationsOptions extends BenchmarkFlags {
  /** Name of a library on either side (case ignored). */
  readonly library: string | null;
  readonly source: string | null;
  readonly target: string | null;
  /** `owner/repo`, or a part of it. */
  readonly repository: string | null;
  /** Subject area, or a part of it. */
  readonly domain: string | null;
  /** What validation has found in the data folder; null: whatever it is. */
  readonly verdict: VerdictChoice | null;
  readonly count: boolean;
  readonly json: boolean;
}

/** A migration with the verdict on it; not looked for where nobody asked. */
interface Listed {
  readonly migration: Migration;
  readonly found: FoundVerdict | null;
}

/**
 * `list-migrations`: ids on stdout, one a line, entries that cannot be used on stderr. Ends with 3 where any
 * entry of the chosen benchmarks cannot be used; `--count` says then how many of how many can. By verdict it lists
 * what validation has found; nothing is run, and how many were never validated is said on stderr.
 */
export async function listMigrationsCommand(options: ListMigrationsOptions, io: Io): Promise<number> {
  const opened = await openChosen(options, io);
  if (!opened.ok) {
    reportEarlyFailure(opened.failure, options.json, io);
    return exitCodeOf(opened.failure);
  }
  const migrations: Migration[] = [];
  const problems: BadEntry[] = [];
  for (const benchmark of opened.value.benchmarks) {
    const listed = await benchmark.list();
    if (!listed.ok) {
      reportEarlyFailure(listed.failure, options.json, io);
      return exitCodeOf(listed.failure);
    }
    migrations.push(...listed.value.migrations.filter((migration) => wanted(migration, options)));
    problems.push(...listed.value.problems);
  }
  const looks = options.json || options.verdict !== null;
  const verdictOn = looks ? verdictReader(opened.value.config, options, io) : () => null;
  const all = migrations.map((migration): Listed => ({ migration, found: verdictOn(migration) }));
  const chosen = all.filter(({ found }) => isChosen(found, options.verdict));
  if (options.json) writeJson(chosen, all, problems, io);
  else {
    writeText(
      chosen.map(({ migration }) => migration),
      problems,
      options.count,
      io,
    );
    if (options.verdict !== null) writeUnknown(all, io);
  }
  return problems.length > 0 ? EXIT.outside : EXIT.done;
}

function writeText(
  migrations: readonly Migration[],
  problems: readonly BadEntry[],
  count: boolean,
  io: Io,
): void {
  for (const { failure } of problems) io.stderr.write(`mig-pipeline: ${failureMessage(failure)}\n`);
  if (count) {
    const of = problems.length === 0 ? '' : ` of ${migrations.length + problems.length}`;
    io.stdout.write(`${migrations.length}${of}\n`);
    return;
  }
  for (const { id } of migrations) io.stdout.write(`${id}\n`);
  if (problems.length > 0) {
    const all = migrations.length + problems.length;
    io.stderr.write(`mig-pipeline: ${migrations.length} of ${all} entries can be used.\n`);
  }
}

function writeUnknown(all: readonly Listed[], io: Io): void {
  const { none, stale } = verdictCounts(all.map(({ found }) => found));
  if (none === 0) return;
  const outdated = stale === 0 ? '' : `, ${stale} of them only one that no longer holds`;
  io.stderr.write(
    `mig-pipeline: ${none} of ${all.length} have no verdict${outdated}; \`mig-pipeline validate\` finds one.\n`,
  );
}

function writeJson(
  chosen: readonly Listed[],
  all: readonly Listed[],
  problems: readonly BadEntry[],
  io: Io,
): void {
  const document = {
    schema: 1,
    count: chosen.length,
    total: chosen.length + problems.length,
    verdicts: verdictCounts(all.map(({ found }) => found)),
    migrations: chosen.map(({ migration, found }) => ({
      id: migration.id,
      benchmark: migration.benchmark,
      kind: migration.kind,
      source: migration.source.map(({ name }) => name),
      target: migration.target.map(({ name }) => name),
      repository: `${migration.owner}/${migration.repo}`,
      domain: migration.domain,
      validation: foundJson(found),
    })),
    problems: problems.map(({ file, failure }) => ({
      file,
      code: failure.reason,
      message: failureMessage(failure),
    })),
  };
  io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

function wanted(migration: Migration, options: ListMigrationsOptions): boolean {
  const source = migration.source.map(({ name }) => name.toLowerCase());
  const target = migration.target.map(({ name }) => name.toLowerCase());
  const named = (names: readonly string[], name: string | null): boolean =>
    name === null || names.includes(name.toLowerCase());
  const holds = (text: string, part: string | null): boolean =>
    part === null || text.toLowerCase().includes(part.toLowerCase());
  return (
    named([...source, ...target], options.library) &&
    named(source, options.source) &&
    named(target, options.target) &&
    holds(`${migration.owner}/${migration.repo}`, options.repository) &&
    holds(migration.domain ?? '', options.domain)
  );
}
