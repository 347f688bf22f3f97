import path from 'node:path';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { TestId } from '../model/tests.ts';
import { hasPassed, outcomeOf } from '../scoring/test-classes.ts';
import { removeTree } from '../workspace/disk.ts';
import { layChanged } from './changed-tree.ts';
import { preservedIds, type Stage } from './eval-stage.ts';
import type { StateRunner } from './eval-states.ts';
import type { MutantEvidence } from './eval-suite.ts';
import type { EvalTrees } from './eval-trees.ts';
import type { MutantTree } from './eval-views.ts';
import type { ReadyRecord } from './suite-runs.ts';

/** Of one origin no more tests than these are run on one mutant, and as many of those that do not execute its lines. */
const MOST_TESTS = 200;
const MOST_NAMED = 10;
/** Mutants at a time: their trees take room on disk. */
const AT_A_TIME = 2;

export interface Killed {
  readonly evidence: readonly MutantEvidence[];
  /** A mutant that each of these tests fails on; only of tests whose relevance was open. */
  readonly kills: ReadonlyMap<TestId, string>;
}

/**
 * Runs preserved tests on hunk mutants of the ground truth in E_B: first those that execute a mutant's lines, then,
 * where none of them fails, the others.
 *
 * @param open tests that are relevant only if they fail on a mutant: run on each
 */
export async function killMutants(given: {
  readonly run: StateRunner;
  readonly stages: readonly Stage[];
  readonly trees: Pick<EvalTrees, 'mutants' | 'migratedTests'>;
  readonly open: ReadonlySet<TestId>;
  readonly record: ReadyRecord;
  readonly scratchDir: string;
}): Promise<Result<Killed, Failure>> {
  const { trees, open } = given;
  const evidence: MutantEvidence[] = [];
  const kills = new Map<TestId, string>();
  for (let from = 0; from < trees.mutants.length; from += AT_A_TIME) {
    const batch = trees.mutants.slice(from, from + AT_A_TIME);
    const done = await Promise.all(batch.map((mutant, index) => killOne(given, mutant, from + index + 1)));
    for (const [index, one] of done.entries()) {
      if (!one.ok) return one;
      const { killers, ran } = one.value;
      const { name, lines } = batch[index] as MutantTree;
      for (const id of killers) if (open.has(id) && !kills.has(id)) kills.set(id, name);
      evidence.push({
        name,
        lines: lines.map((span) => ({ ...span })),
        killed: killers.length > 0,
        killedBy: killers.slice(0, MOST_NAMED),
        ran,
      });
    }
  }
  return ok({ evidence, kills });
}

async function killOne(
  given: Parameters<typeof killMutants>[0],
  mutant: MutantTree,
  number: number,
): Promise<Result<{ killers: TestId[]; ran: number }, Failure>> {
  const { run, stages, record, open } = given;
  const killers: TestId[] = [];
  let ran = 0;
  const rounds: { stage: Stage; ids: TestId[] }[][] = [[], []];
  for (const stage of stages) {
    const ids = preservedIds(stage);
    const executing = ids.filter((id) => open.has(id) || executes(stage, id, mutant));
    const rest = ids.filter((id) => !executing.includes(id));
    rounds[0]?.push({ stage, ids: spread(executing, MOST_TESTS) });
    rounds[1]?.push({ stage, ids: spread(rest, MOST_TESTS) });
  }
  for (const round of rounds) {
    if (killers.length > 0) break;
    for (const { stage, ids } of round) {
      if (ids.length === 0) continue;
      const dir = path.join(given.scratchDir, `mutant-${number}-${stage.origin}-${rounds.indexOf(round)}`);
      const tree = layChanged(stage.after, mutant.changes, dir, record, given.trees.migratedTests);
      const { options: origin, doctests } = stage;
      const done = await run({
        name: path.basename(dir),
        tree,
        role: 'b',
        control: true,
        origin,
        ids,
        doctests,
      });
      removeTree(dir);
      if (!done.ok) return done;
      ran += ids.length;
      killers.push(...ids.filter((id) => !hasPassed(outcomeOf(id, done.value))));
    }
  }
  return ok({ killers: killers.sort(), ran });
}

function executes(stage: Stage, id: TestId, mutant: MutantTree): boolean {
  const lines = stage.executed[id];
  if (lines === undefined) return false;
  return mutant.lines.some(({ path: file, first, last }) =>
    (lines[file] ?? []).some((line) => first <= line && line <= last),
  );
}

function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)] as T);
}
