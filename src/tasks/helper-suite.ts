import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { EnvironmentArtefact, RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { Completion, TaskWork } from '../pipeline/task.ts';
import { gatesNote, gatesTable } from '../report/gates-table.ts';
import type { PythonQuestion } from '../runners/ask-python.ts';
import { mountEnvironment } from '../runners/environment.ts';
import { readPytestSettings } from '../runners/pytest-settings.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { sourceNameLines } from '../scoring/migrated-lines.ts';
import { digestJson, sha256File, writeAtomically } from '../workspace/disk.ts';
import { exportTree } from '../workspace/git.ts';
import { entriesOf } from './composed-tree.ts';
import { copyHelperFiles, helperDevelopers, howToRun } from './helper-developers.ts';
import { helperGenerated } from './helper-generated.ts';
import { HELPER_MANIFEST, type HelperManifest } from './helper-manifest.ts';
import { type ReadyRecord, suiteRunner } from './suite-runs.ts';
import type { SuiteMakerContext } from './testing-session.ts';
import { openTrees, readWhatIsNeeded } from './tree-views.ts';

/** Chooses the developers' tests, adds what the testing agent writes, and copies both into the suite. */
export async function makeHelperSuite(given: {
  readonly context: SuiteMakerContext;
  readonly work: TaskWork;
  readonly environment: EnvironmentArtefact;
  readonly record: ReadyRecord;
  readonly runtime: () => Promise<Result<Runtime, Failure>>;
}): Promise<Result<Completion, Failure>> {
  const { context, work, environment, record } = given;
  const repo = work.artefact<RepoArtefact>('repo_dl');
  const trees = await openTrees(repo.dir, repo.beforeTree);
  if (!trees.ok) return trees;
  const names = record.source.flatMap(({ importNames }) => importNames);
  const watched = await readWhatIsNeeded(trees.value, ([before]) => sourceNameLines(before, names));
  if (!watched.ok) return watched;
  if (Object.keys(watched.value).length === 0) {
    return ok(completeHelper(work, noHelpers(`no line of the code uses ${names.join(', ')}`)));
  }
  const runtime = await given.runtime();
  if (!runtime.ok) return runtime;
  const tree = path.join(work.scratchDir, 'before');
  const exported = await exportTree(repo.dir, repo.beforeTree, tree);
  if (!exported.ok) return exported;
  const run = suiteRunner(context, work, environment, record, runtime.value, 'helper_test');
  const settings = readPytestSettings(tree);
  const question = (name: string, of: string): PythonQuestion => ({
    runtime: runtime.value,
    tree: of,
    environment: mountEnvironment(environment, record.roles.a, runtime.value),
    limits: context.limits,
    labels: { run: work.runId, unit: context.migration.id, task: 'helper_test' },
    scratchDir: work.scratchDir,
    logDir: work.logDir,
    name,
    signal: work.signal,
  });
  const dest = path.join(work.dir, 'tests');
  const before = entriesOf(trees.value.listings[0] ?? []);
  const { testing } = context;
  const [chosen, added] = await Promise.all([
    helperDevelopers({ tree, settings, run, watched: watched.value, names }),
    testing === null
      ? ok(null)
      : helperGenerated({
          context,
          testing,
          work,
          record,
          runtime: runtime.value,
          run,
          question,
          before,
          settings,
          watched: watched.value,
          dest,
        }),
  ]);
  if (!chosen.ok) return chosen;
  if (!added.ok) return added;
  const copies = copyHelperFiles(tree, dest, chosen.value.ids, record);
  const generated = added.value?.ids ?? [];
  const ids = [...chosen.value.ids, ...generated];
  return ok(
    completeHelper(work, {
      schema: 2,
      ids,
      generated: [...generated],
      files: [...copies, ...(added.value?.files ?? [])],
      chosenBy: chosen.value.chosenBy,
      environment: record.roles.a === record.roles.work ? 'the environment' : 'old environment',
      howToRun: ids.length === 0 ? '' : howToRun(record),
      why: ids.length === 0 ? chosen.value.why : null,
      gates: [...(added.value?.gates ?? [])],
      testingAgent: added.value?.session ?? null,
    }),
  );
}

/** A suite of nothing, and why. */
export function noHelpers(why: string): HelperManifest {
  return {
    schema: 2,
    ids: [],
    generated: [],
    files: [],
    chosenBy: 'none',
    environment: 'the environment',
    howToRun: '',
    why,
    gates: [],
    testingAgent: null,
  };
}

/** Writes the manifest, and the table of the gates into the logs. */
export function completeHelper(work: TaskWork, made: HelperManifest): Completion {
  mkdirSync(path.join(work.dir, 'tests'), { recursive: true });
  writeAtomically(path.join(work.dir, HELPER_MANIFEST), `${JSON.stringify(made, null, 2)}\n`);
  if (made.testingAgent !== null) {
    mkdirSync(work.logDir, { recursive: true });
    const facts = { strength: null, mutants: [], testingAgent: made.testingAgent };
    writeAtomically(path.join(work.logDir, '0-gates.txt'), gatesTable(made.gates, facts));
  }
  const copies = made.files.map((file) => [file, sha256File(path.join(work.dir, 'tests', file))]);
  const ended =
    made.testingAgent === null || made.testingAgent.why === ''
      ? ''
      : `${made.testingAgent.agent}: ${made.testingAgent.why}`;
  const note = [made.why ?? '', ended, gatesNote(made.gates)].filter((text) => text !== '').join('; ');
  return {
    outcome: made.ids.length === 0 ? 'empty' : 'ready',
    ports: { 'helper-suite': digestJson({ manifest: made, copies }) },
    files: [HELPER_MANIFEST, ...made.files.map((file) => path.join('tests', file))],
    ...(note === '' ? {} : { note }),
  };
}
