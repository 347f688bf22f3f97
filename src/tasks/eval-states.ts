import type { Failure } from '../model/failure.ts';
import type { Result } from '../model/result.ts';
import type { TestId } from '../model/tests.ts';
import type { SuiteRun, TestSuiteRequest } from '../runners/test-suite.ts';
import type { EvalSuite, OriginOptions } from './eval-suite.ts';
import type { EvalTrees, LaidTree } from './eval-trees.ts';
import { blockFor, type ReadyRecord, type SuiteRunner } from './suite-runs.ts';

/** Of runs in random order. */
const SEED = 20261121;

/** One run of a state of the code. */
export interface StateOptions {
  readonly name: string;
  readonly tree: LaidTree;
  readonly role: 'a' | 'b';
  readonly origin: OriginOptions;
  readonly ids: readonly TestId[] | null;
  readonly ignore?: readonly string[];
  readonly shuffled?: boolean;
  readonly traced?: boolean;
  readonly hashSeed?: number;
  readonly early?: NonNullable<TestSuiteRequest['early']>;
  readonly doctests?: Readonly<Record<TestId, string>>;
  readonly falsified?: readonly TestId[];
  readonly falsifySeed?: string;
  /** It is neither B nor G, or tests are not as they were: how the run ended says nothing of the suite. */
  readonly control?: boolean;
}

export type StateRunner = (options: StateOptions) => Promise<Result<SuiteRun, Failure>>;

/** What the runs of B and G, as they are, left to know. */
export class RunNotes {
  readonly runs: EvalSuite['runs'] = [];
  private readonly early: { run: string; ended: string }[] = [];
  private readonly integrity = new Set<string>();
  private readonly watched = new Map<string, EvalSuite['known']['watched'][number]>();

  note(name: string, run: SuiteRun, control: boolean): void {
    const outcomes: Record<string, number> = {};
    for (const outcome of Object.values(run.tests)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const { collectionErrors, ended, starts, seconds } = run;
    if (ended !== 'exited' && !control) this.early.push({ run: name, ended });
    this.runs.push({ name, outcomes, collectionErrors: [...collectionErrors], ended, starts, seconds });
  }

  /** Differences that honest code shows. */
  know(run: SuiteRun): void {
    for (const { reason, detail } of run.disagreements) this.integrity.add(`${reason}: ${detail}`);
    for (const { kind, path, what } of run.watched)
      this.watched.set(`${kind}\0${path}\0${what}`, { kind, path, what });
  }

  /** Runs that a limit ended, in order of their names. */
  get unfinished(): readonly { run: string; ended: string }[] {
    return this.early.sort((a, b) => (a.run < b.run ? -1 : 1));
  }

  get known(): EvalSuite['known'] {
    const watched = [...this.watched].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, use]) => use);
    return { integrity: [...this.integrity].sort(), watched };
  }
}

/** Runs states of the code and notes everything that ran. */
export function stateRunner(
  run: SuiteRunner,
  notes: RunNotes,
  record: ReadyRecord,
  trees: Pick<EvalTrees, 'lines' | 'kept' | 'migratedTests'>,
): StateRunner {
  return async (options) => {
    const {
      name,
      tree,
      role,
      origin,
      ids,
      ignore = [],
      shuffled = false,
      traced = false,
      control = false,
      ...rest
    } = options;
    const lines = role === 'a' ? trees.lines.before : trees.lines.after;
    const done = await run({
      name,
      tree: tree.dir,
      role,
      block: role === 'a' ? null : blockFor(record, tree.paths, trees.kept, trees.migratedTests),
      ids,
      ignore,
      ...origin,
      ...(shuffled ? { order: { seed: SEED } } : {}),
      ...(traced ? { trace: lines } : {}),
      ...rest,
    });
    if (done.ok) notes.note(name, done.value, control);
    return done;
  };
}
