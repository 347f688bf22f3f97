import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { CollectionError, FrozenTest, GatedTest, TestOrigin } from '../model/tests.ts';
import type { PythonQuestion } from '../runners/ask-python.ts';
import { inspectTests } from '../runners/inspect-tests.ts';
import { freezeGroup } from '../scoring/frozen-group.ts';
import { gateTest } from '../scoring/gates.ts';
import { outcomeOf } from '../scoring/test-classes.ts';
import type { Stage } from './eval-stage.ts';
import type { RunNotes, StateRunner } from './eval-states.ts';
import { originOptions } from './eval-suite.ts';
import type { EvalTrees } from './eval-trees.ts';
import { type FrozenRuns, freezeStates, type StateSuite } from './freeze-states.ts';
import { sourceOf } from './generated-facts.ts';
import type { ReadyRecord } from './suite-runs.ts';

/** The developers' tests of both trees, frozen, and what the gates say of them. */
export interface DeveloperStages {
  readonly stages: readonly Stage[];
  readonly gated: readonly GatedTest[];
  /** Files of the tests before that cannot be collected on the ground truth. */
  readonly goldErrors: readonly CollectionError[];
}

/** Runs the developers' tests of both trees on B and G; those that the later tree does not change run once. */
export async function developerStages(given: {
  readonly record: ReadyRecord;
  readonly trees: EvalTrees;
  readonly run: StateRunner;
  readonly notes: RunNotes;
  readonly question: (name: string, tree: string) => PythonQuestion;
}): Promise<Result<DeveloperStages, Failure>> {
  const { record, trees, run, notes } = given;
  const plans: { origin: Exclude<TestOrigin, 'generated'>; suite: StateSuite }[] = [
    {
      origin: 'developers-before',
      suite: {
        prefix: 'before',
        before: trees.before,
        after: trees.afterWithTestsBefore,
        origin: originOptions(trees, 'developers-before'),
        files: null,
      },
    },
  ];
  if (
    trees.after !== null &&
    trees.beforeWithTestsAfter !== null &&
    areCollected(trees.changedTests, record)
  ) {
    plans.push({
      origin: 'developers-after',
      suite: {
        prefix: 'after',
        before: trees.beforeWithTestsAfter,
        after: trees.after,
        origin: originOptions(trees, 'developers-after'),
        files: trees.changedTests,
      },
    });
  }
  const frozen = await Promise.all(plans.map(({ suite }) => freezeStates(run, notes, suite)));
  const stages: Stage[] = [];
  const gated: GatedTest[] = [];
  for (const [index, runs] of frozen.entries()) {
    if (!runs.ok) return runs;
    const plan = plans[index];
    if (plan === undefined) continue;
    const { origin, suite } = plan;
    const isHidden = (file: string): boolean => origin === 'developers-after' && trees.hiddenTests.has(file);
    const tests = freezeGroup(origin, runs.value, (id) => isHidden(fileOf(id))).filter(
      ({ id }) => suite.files?.has(fileOf(id)) ?? true,
    );
    const [, executed = {}] = runs.value.executed;
    const { loaded, doctests } = runs.value;
    const { before, after, origin: options } = suite;
    stages.push({ origin, before, after, options, tests, executed, loaded, doctests });
    const files = [...new Set(tests.map(({ id }) => fileOf(id)))].filter((file) =>
      after.paths.includes(file),
    );
    const inspected = await inspectTests(given.question(`${origin}-sources`, after.dir), {
      files: files.filter((file) => file.endsWith('.py')),
      libraries: [],
      pythonpath: record.pythonpath,
      generated: null,
    });
    if (!inspected.ok) return inspected;
    for (const test of tests) gated.push(gateOne(test, runs.value, sourceOf(test.id, inspected.value)));
  }
  const [first] = frozen;
  const goldErrors = first?.ok === true ? (first.value.after[0]?.collectionErrors ?? []) : [];
  return ok({ stages, gated, goldErrors });
}

function gateOne(test: FrozenTest, runs: FrozenRuns, source: ReturnType<typeof sourceOf>): GatedTest {
  const { id, origin, blocked, relevant } = test;
  const [plain = 'missing', shuffled = null, again = null] = runs.after.map((run) => outcomeOf(id, run));
  return gateTest({
    id,
    origin,
    ...source,
    steady: { plain, shuffled, again, alone: null, clock: null, hashSeed: null },
    message: runs.messages[id] ?? '',
    before: runs.before.map((run) => outcomeOf(id, run)),
    relevance: { blocked, executes: relevant, kills: null },
  });
}

const fileOf = (id: string): string => id.split('::')[0] ?? id;

/** Whether pytest is given any of these files: not where the paths of the tests are others. */
function areCollected(files: ReadonlySet<string>, record: ReadyRecord): boolean {
  const places = record.testPaths.map((place) => path.posix.join(place, '.'));
  const isGiven = (file: string): boolean =>
    places.some((place) => place === '.' || file === place || file.startsWith(`${place}/`));
  return places.length === 0 || [...files].some(isGiven);
}
