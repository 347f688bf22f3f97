import { ok, type Result } from '../model/result.ts';
import type { PythonQuestion } from '../runners/ask-python.ts';
import { executableLines } from '../runners/inspect-tests.ts';
import { missingModules } from '../runners/missing-modules.ts';
import type { SuiteFailure } from '../runners/test-suite.ts';
import { type Reach, withinReach } from '../scoring/reach.ts';
import type { EvalTrees } from './eval-trees.ts';
import type { MutantTree } from './eval-views.ts';
import type { ReadyRecord } from './suite-runs.ts';

export interface EvalReach extends Reach {
  /** Those that change a file which can be run here. */
  readonly mutants: readonly MutantTree[];
}

/** Asks of the ground truth in E_B which of its migrated lines and hunk mutants can be run at all. */
export async function evalReach(
  question: (name: string, tree: string) => PythonQuestion,
  trees: EvalTrees,
  record: ReadyRecord,
): Promise<Result<EvalReach, SuiteFailure>> {
  const tree = (trees.after ?? trees.afterWithTestsBefore).dir;
  const [executable, missing] = await Promise.all([
    executableLines(question('executable-lines', tree), trees.lines.after),
    missingModules(question('missing-modules', tree), {
      files: Object.keys(trees.lines.after),
      pythonpath: record.pythonpath,
      libraries: [...record.source, ...record.target].flatMap(({ importNames }) => importNames),
    }),
  ]);
  if (!executable.ok) return executable;
  if (!missing.ok) return missing;
  const reach = withinReach(executable.value, missing.value);
  const lost = new Set(reach.unreachable.map(({ path }) => path));
  const mutants = trees.mutants.filter(({ changes }) => [...changes.keys()].some((path) => !lost.has(path)));
  return ok({ ...reach, mutants });
}
