import { findMigration } from '../benchmarks/registry.ts';
import { EXIT, exitCodeOf } from '../model/failure.ts';
import type { LabelledFile, Labels } from '../model/labels.ts';
import type { Library } from '../model/library.ts';
import { MigConfig } from '../model/mig-config.ts';
import type { Migration, TreeSource } from '../model/migration.ts';
import { unitPaths, type UnitPaths } from '../model/unit-paths.ts';
import type { FoundVerdict } from '../model/validation.ts';
import { healthReasonMessage, stalenessMessage } from '../report/messages/validation.ts';
import { strengthText, testsText } from '../report/validation-table.ts';
import { openChosen, type BenchmarkFlags } from './benchmark-choice.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';
import { foundJson } from './validation-events.ts';
import { verdictReader } from './verdict-choice.ts';

export interface ShowOptions extends BenchmarkFlags {
  readonly json: boolean;
}

/** Stand for what only a run knows. */
const OPEN = { variant: '<variant>', testing: '<testing>', platform: '<platform>' };

/** `show <id>`: one migration as it is understood, and where everything of it lies. Nothing is made. */
export async function showCommand(id: string, options: ShowOptions, io: Io): Promise<number> {
  const opened = await openChosen(options, io);
  const found = opened.ok ? await findMigration(id, opened.value.benchmarks) : opened;
  if (!opened.ok || !found.ok) {
    const { failure } = found.ok ? (opened as Extract<typeof opened, { ok: false }>) : found;
    reportEarlyFailure(failure, options.json, io);
    return exitCodeOf(failure);
  }
  const config = MigConfig.fromBaseDir(opened.value.config.dataDir);
  const migration = found.value;
  const paths = unitPaths(config, migration, OPEN);
  const verdict = verdictReader(opened.value.config, options, io)(migration);
  if (options.json) {
    const { entry, ...rest } = migration;
    const document = {
      schema: 1,
      migration: { ...rest, entry: entry.file },
      validation: foundJson(verdict),
      config: { baseDir: config.baseDir, paths: config.paths },
      paths,
    };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    io.stdout.write(asText(migration, config, paths, verdict));
  }
  return EXIT.done;
}

function asText(
  migration: Migration,
  config: MigConfig,
  paths: UnitPaths,
  verdict: FoundVerdict | null,
): string {
  const { requirements } = migration;
  const list = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.join(', '));
  const rows: [string, string][] = [
    ['id', migration.id],
    ['benchmark', migration.benchmark],
    ['kind', migration.kind],
    ...migration.source.map((library): [string, string] => ['source', libraryText(library)]),
    ...migration.target.map((library): [string, string] => ['target', libraryText(library)]),
    ['repository', `${migration.owner}/${migration.repo}`],
    ['before', sourceText(migration.before)],
    ['after', sourceText(migration.after)],
    ['domain', migration.domain ?? 'not stated'],
    ['date', migration.date ?? "the later tree's own"],
    ['python', migration.python],
    ['requirements', list(requirements.both)],
    ['  before', list(requirements.before)],
    ['  after', list(requirements.after)],
    ['pythonpath', migration.pythonpath === null ? 'found' : list(migration.pythonpath)],
    ['tests', migration.tests.paths === null ? 'found' : list(migration.tests.paths)],
    ['test args', list(migration.tests.args)],
    ['labels', labelsText(migration.labels)],
    ...(typeof migration.labels === 'string' ? [] : migration.labels.map(fileRow)),
    ...verdictRows(verdict),
    ['entry', migration.entry.file],
    ['data', config.baseDir],
    ...Object.entries(paths as unknown as Record<string, string>).map(([name, value]): [string, string] => [
      `  ${name}`,
      value,
    ]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)}${value}\n`).join('');
}

function verdictRows(found: FoundVerdict | null): [string, string][] {
  if (found === null) return [['verdict', 'never validated']];
  const { record, stale } = found;
  const { strength } = record;
  const outdated = stale === null ? '' : `, stale: ${stalenessMessage(stale)}`;
  return [
    ['verdict', `${record.verdict} (validated ${record.decidedAt}${outdated})`],
    ...record.reasons.map((reason): [string, string] => ['  why', healthReasonMessage(reason)]),
    ['  tests', `${testsText(record.tests.preserved)} preserved (developers' before + after + generated)`],
    [
      '  strength',
      strength === null
        ? 'not measured'
        : `${strengthText(strength, ' hunk mutants killed, ')} migrated lines run`,
    ],
    ...(strength?.unreachable ?? []).map(({ path, why }): [string, string] => [
      '  left out',
      `${path} cannot be run here: ${why}`,
    ]),
  ];
}

function libraryText({ name, version, provenance, importNames }: Library): string {
  const shown = provenance === 'stdlib' ? 'standard library' : (version ?? 'version not stated');
  return `${name} (${shown}; imported as ${importNames.join(', ')})`;
}

function sourceText(source: TreeSource): string {
  switch (source.kind) {
    case 'git':
      return `${source.parentOf ? 'the parent of ' : ''}commit ${source.commit}${source.url === null ? '' : ` of ${source.url}`}`;
    case 'sdist':
      return `release ${source.version} of ${source.name}${source.sha256 === null ? '' : ` (sha256 ${source.sha256})`}`;
    case 'path':
      return `folder ${source.dir}`;
  }
}

function labelsText(labels: Labels): string {
  if (labels === 'derived') return 'derived from the difference';
  if (labels === 'all') return 'every changed line of code';
  return `${labels.flatMap(({ changes }) => changes).length} changes in ${labels.length} files`;
}

function fileRow(file: LabelledFile): [string, string] {
  const imports = file.changes.filter(({ isImport }) => isImport).length;
  return ['', `${file.path}: ${file.changes.length} changes, ${imports} of them imports`];
}
