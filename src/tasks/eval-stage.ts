import type { FrozenTest, TestId, TestOrigin } from '../model/tests.ts';
import type { Executed } from '../scoring/frozen-group.ts';
import type { LinesByPath } from '../scoring/migrated-lines.ts';
import type { OriginOptions } from './eval-suite.ts';
import type { LaidTree } from './eval-trees.ts';

/** The frozen tests of one origin, and how they are run on other code. */
export interface Stage {
  readonly origin: TestOrigin;
  /** Product code of B and of G with the tests of this origin. */
  readonly before: LaidTree;
  readonly after: LaidTree;
  readonly options: OriginOptions;
  readonly tests: readonly FrozenTest[];
  /** Migrated lines of G by the test that executes them, and those that run while tests are loaded. */
  readonly executed: Executed;
  readonly loaded: LinesByPath;
  readonly doctests: Readonly<Record<TestId, string>>;
}

/** Its tests that judge candidates. */
export function preservedIds({ tests }: Pick<Stage, 'tests'>): TestId[] {
  return tests.filter((test) => test.class === 'preserved').map(({ id }) => id);
}
