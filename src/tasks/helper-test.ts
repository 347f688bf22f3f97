import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { EnvironmentArtefact, HelperSuiteArtefact, RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { TestId } from '../model/tests.ts';
import type { Completion, Task, TaskWork } from '../pipeline/task.ts';
import type { ExecutedLines } from '../runners/test-events.ts';
import { hasPassed } from '../scoring/test-classes.ts';
import { testFileKind } from '../scoring/test-files.ts';
import { digestJson, sha256File, writeAtomically } from '../workspace/disk.ts';
import { readyRecord, suiteParams, suiteRunner, type ReadyRecord, type SuiteContext } from './suite-runs.ts';

const manifest = z.strictObject({
  schema: z.literal(1),
  origin: z.literal('developers-before'),
  ids: z.array(z.string()),
  /** Copies below `tests/`, at their paths of the tree. */
  files: z.array(z.string()),
  /** `executed`: each test runs a line that uses the source library; `loaded`: such lines run only while files are loaded. */
  chosenBy: z.enum(['executed', 'loaded', 'none']),
  /** `old environment`: the tests pass where the source library's old version is. */
  environment: z.enum(['the environment', 'old environment']),
  howToRun: z.string(),
  /** Why there are none; null when there are. */
  why: z.string().nullable(),
});
export type HelperManifest = z.infer<typeof manifest>;
const MANIFEST = 'manifest.json';

/**
 * `helper_test` of the built-in testing agent `existing`: the developers' tests of the tree before that pass there
 * and run code which uses the source library, found by that library's names alone. Reads nothing of the tree after.
 */
export function defineHelperTest(context: SuiteContext): Task<HelperSuiteArtefact> {
  return {
    id: 'helper_test',
    unit: context.migration.id,
    variant: context.variant,
    needs: [
      { task: 'repo_dl', port: 'before' },
      { task: 'env_setup', port: 'environment' },
    ],
    provides: [{ name: 'helper-suite', visibility: 'public' }],
    codeVersion: 1,
    params: suiteParams(context),
    acceptsAny: context.anyRuntime ? ['runtime'] : [],
    inputFiles: [],
    knownPorts: {},
    outputDir: context.outputDir,
    shared: true,
    run: (work) => choose(context, work),
    load: loadHelperSuite,
  };
}

async function choose(context: SuiteContext, work: TaskWork): Promise<Result<Completion, Failure>> {
  const environment = work.artefact<EnvironmentArtefact>('env_setup');
  const record = readyRecord(environment);
  if (typeof record === 'string') return ok(complete(work, none(`there is no environment: ${record}`)));
  const repo = work.artefact<RepoArtefact>('repo_dl');
  // Loaded here and not above: a run with nothing to do must not pay for it.
  const [{ readPytestSettings }, { sourceNameLines }, { exportTree }, { openTrees, readWhatIsNeeded }] =
    await Promise.all([
      import('../runners/pytest-settings.ts'),
      import('../scoring/migrated-lines.ts'),
      import('../workspace/git.ts'),
      import('./tree-views.ts'),
    ]);
  const trees = await openTrees(repo.dir, repo.beforeTree);
  if (!trees.ok) return trees;
  const names = record.source.flatMap(({ importNames }) => importNames);
  const watched = await readWhatIsNeeded(trees.value, ([before]) => sourceNameLines(before, names));
  if (!watched.ok) return watched;
  if (Object.keys(watched.value).length === 0) {
    return ok(complete(work, none(`no line of the code uses ${names.join(', ')}`)));
  }

  const runtime = await context.runtime();
  if (!runtime.ok) return runtime;
  const tree = path.join(work.scratchDir, 'before');
  const exported = await exportTree(repo.dir, repo.beforeTree, tree);
  if (!exported.ok) return exported;
  const run = suiteRunner(context, work, environment, record, runtime.value, 'helper_test');
  const options = { tree, role: 'a', block: null, settings: readPytestSettings(tree) } as const;
  // Watched first, all of them: then only what was chosen has to pass unwatched too.
  const traced = await run({ ...options, name: 'before-traced', ids: null, trace: watched.value });
  if (!traced.ok) return traced;
  const passing = passingIds(traced.value.tests);
  if (passing.length === 0) return ok(complete(work, none('no test of the repository passes')));
  const executing = passing.filter((id) => touches(traced.value.executed[id]));
  const chosenBy = executing.length > 0 ? 'executed' : touches(traced.value.loaded) ? 'loaded' : 'none';
  const nothing = none(`no passing test runs code that uses ${names.join(', ')}`);
  if (chosenBy === 'none') return ok(complete(work, nothing));
  const chosen = chosenBy === 'executed' ? executing : passing;
  const plain = await run({ ...options, name: 'before', ids: chosen });
  if (!plain.ok) return plain;
  const steady = new Set(passingIds(plain.value.tests));
  const ids = chosen.filter((id) => steady.has(id));
  if (ids.length === 0) return ok(complete(work, nothing));
  const files = copyFiles(tree, path.join(work.dir, 'tests'), ids, record);
  return ok(
    complete(work, {
      schema: 1,
      origin: 'developers-before',
      ids,
      files,
      chosenBy,
      environment: record.roles.a === record.roles.work ? 'the environment' : 'old environment',
      howToRun: howToRun(record),
      why: null,
    }),
  );
}

function touches(lines: ExecutedLines | undefined): boolean {
  return Object.values(lines ?? {}).some((executed) => executed.length > 0);
}

function passingIds(tests: Readonly<Record<TestId, Parameters<typeof hasPassed>[0]>>): TestId[] {
  return Object.entries(tests)
    .filter(([, outcome]) => hasPassed(outcome))
    .map(([id]) => id)
    .sort();
}

function howToRun(record: ReadyRecord): string {
  const args = record.testArgs.map((arg) =>
    /^[\w./=-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`,
  );
  const folder = record.testsCwd === '.' ? 'the root of the tree' : `${record.testsCwd}/`;
  return `in ${folder}, with PYTHONPATH=${record.pythonpath.join(':')}: python -m pytest ${[...args, ...record.testPaths].join(' ')}`;
}

/** Copies the files of the chosen tests; code with doctests is in the workspace anyway and stays there. */
function copyFiles(tree: string, dest: string, ids: readonly TestId[], record: ReadyRecord): string[] {
  const files = [...new Set(ids.map((id) => id.split('::')[0] ?? ''))].filter(
    (file) => testFileKind(file, record.testPaths) !== null,
  );
  for (const file of files) {
    mkdirSync(path.dirname(path.join(dest, file)), { recursive: true });
    cpSync(path.join(tree, file), path.join(dest, file));
  }
  return files.sort();
}

function none(why: string): HelperManifest {
  return {
    schema: 1,
    origin: 'developers-before',
    ids: [],
    files: [],
    chosenBy: 'none',
    environment: 'the environment',
    howToRun: '',
    why,
  };
}

function complete(work: TaskWork, made: HelperManifest): Completion {
  mkdirSync(path.join(work.dir, 'tests'), { recursive: true });
  writeAtomically(path.join(work.dir, MANIFEST), `${JSON.stringify(made, null, 2)}\n`);
  const copies = made.files.map((file) => [file, sha256File(path.join(work.dir, 'tests', file))]);
  return {
    outcome: made.ids.length === 0 ? 'empty' : 'ready',
    ports: { 'helper-suite': digestJson({ manifest: made, copies }) },
    files: [MANIFEST, ...made.files.map((file) => path.join('tests', file))],
    ...(made.why === null ? {} : { note: made.why }),
  };
}

function loadHelperSuite(dir: string): Result<HelperSuiteArtefact, string> {
  try {
    const parsed = manifest.safeParse(JSON.parse(readFileSync(path.join(dir, MANIFEST), 'utf8')));
    if (!parsed.success) return fail(`${MANIFEST}: ${z.prettifyError(parsed.error)}`);
    return ok({ dir, ids: parsed.data.ids, why: parsed.data.why });
  } catch (error) {
    return fail(`${MANIFEST}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
