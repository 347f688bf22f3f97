import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { RepoArtefact } from '../model/artefacts.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { GatedTest, TestId } from '../model/tests.ts';
import type { TaskWork } from '../pipeline/task.ts';
import type { PythonQuestion } from '../runners/ask-python.ts';
import { inspectTests } from '../runners/inspect-tests.ts';
import type { PytestSettings } from '../runners/pytest-settings.ts';
import type { ExecutedLines } from '../runners/test-events.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { gateTest, passesStatically } from '../scoring/gates.ts';
import { applyPatch } from '../workspace/patch.ts';
import type { Entries } from './composed-tree.ts';
import { RunNotes, stateRunner } from './eval-states.ts';
import { GENERATED_PLACE, originOptions, type TestingSession } from './eval-suite.ts';
import { generatedFacts, sourceOf } from './generated-facts.ts';
import { layGenerated } from './generated-trees.ts';
import { touches } from './helper-developers.ts';
import { steadyRuns } from './steady-runs.ts';
import type { ReadyRecord, SuiteRunner } from './suite-runs.ts';
import { helperSession, type SuiteMakerContext, type TestingAgentContext } from './testing-session.ts';

/** What a testing agent adds to a helper suite. */
export interface HelperGenerated {
  readonly session: TestingSession;
  readonly gates: readonly GatedTest[];
  readonly ids: readonly TestId[];
  /** Files that the kept tests need, copied to the suite. */
  readonly files: readonly string[];
}

/**
 * Runs the testing agent in mode `helper` and takes what it hands over through the gates on (B, E_A): without any ground
 * truth a test is relevant where it executes a line that uses the source library.
 */
export async function helperGenerated(given: {
  readonly context: SuiteMakerContext;
  readonly testing: TestingAgentContext;
  readonly work: TaskWork;
  readonly record: ReadyRecord;
  readonly runtime: Runtime;
  readonly run: SuiteRunner;
  readonly question: (name: string, tree: string) => PythonQuestion;
  readonly before: Entries;
  readonly settings: PytestSettings;
  readonly watched: ExecutedLines;
  /** The suite's `tests/`. */
  readonly dest: string;
}): Promise<Result<HelperGenerated, Failure>> {
  const { context, work, record, before, watched } = given;
  const done = await helperSession(context, given.testing, work, given.runtime);
  if (!done.ok) return done;
  const { session, tests: handed } = done.value;
  if (session.outcome !== 'tests') return ok({ session, gates: [], ids: [], files: [] });
  const repo = work.artefact<RepoArtefact>('repo_dl');
  // an empty patch gives a git folder of our own over the repository's objects
  const own = await applyPatch(repo.dir, repo.beforeTree, Buffer.alloc(0), path.join(work.scratchDir, 'git'));
  if (!own.ok) {
    if (own.failure.reason === 'git-failed') return fail(own.failure);
    throw new Error(`an empty patch is ${own.failure.reason}`);
  }
  const laid = await layGenerated({
    objects: own.value.objects,
    before,
    after: null,
    handed,
    record,
    migratedTests: new Set(),
    scratchDir: work.scratchDir,
    keepDir: path.join(work.scratchDir, 'generated-tests'),
  });
  if (!laid.ok) return laid;
  const { before: tree, files } = laid.value;
  const python = files.filter((file) => file.endsWith('.py'));
  const libraries = [...record.source, ...record.target].flatMap(({ importNames }) => importNames);
  const inspected = await inspectTests(given.question('generated-sources', tree.dir), {
    files: python,
    libraries,
    pythonpath: record.pythonpath,
    generated: `${GENERATED_PLACE}/`,
  });
  if (!inspected.ok) return inspected;
  const run = stateRunner(given.run, new RunNotes(), record, {
    lines: { before: watched, after: {} },
    kept: [],
    migratedTests: new Set(),
  });
  const origin = originOptions({ settings: { before: given.settings, after: {} } }, 'generated');
  const state = { name: 'generated', tree, role: 'a', origin, ids: null } as const;
  const steady = await steadyRuns(run, state, (id) => passesStatically(sourceOf(id, inspected.value)));
  if (!steady.ok) return steady;
  const known = generatedFacts(python, inspected.value, steady.value);
  const sound = known.filter((facts) => gateTest(facts).kept).map(({ id }) => id);
  const traced =
    sound.length === 0 ? null : await run({ ...state, name: 'generated-traced', ids: sound, traced: true });
  if (traced?.ok === false) return traced;
  const gates = known.map((facts) => {
    const executes = traced === null ? null : touches(traced.value.executed[facts.id]);
    return gateTest({ ...facts, relevance: { blocked: null, executes, kills: null } });
  });
  const ids = gates.filter(({ kept }) => kept).map(({ id }) => id);
  const needed = ids.length === 0 ? [] : filesNeeded(ids, files);
  for (const file of needed) {
    mkdirSync(path.dirname(path.join(given.dest, file)), { recursive: true });
    cpSync(path.join(tree.dir, file), path.join(given.dest, file));
  }
  return ok({ session, gates, ids, files: needed });
}

/** Files with kept tests, and all that are no tests of their own, which tests may load. */
function filesNeeded(ids: readonly TestId[], files: readonly string[]): string[] {
  const kept = new Set(ids.map((id) => id.split('::')[0] ?? id));
  return files.filter((file) => kept.has(file) || !/(?:^|\/)(?:test[^/]*|[^/]*_tests?)\.py$/.test(file));
}
