import type { Failure } from '../model/failure.ts';
import type { Migration } from '../model/migration.ts';
import type { Result } from '../model/result.ts';
import type { Interpreter } from './interpreters.ts';
import type { Survey } from './survey.ts';
import type { Workshop } from './workshop.ts';

/** What a whole set of environments is made from. */
export interface MakeInput {
  readonly migration: Migration;
  readonly survey: Survey;
  readonly interpreters: readonly Interpreter[];
  /** RFC 3339 instant; null: not dated. */
  readonly date: string | null;
  /** Only what the migration and the configuration state is installed. */
  readonly onlyStated: boolean;
  /** Wheels of the locked test runner, for environments that ask for nothing else. */
  readonly lockedWheels: () => Promise<Result<string, Failure>>;
  /** The workshop for one interpreter. */
  readonly workshop: (interpreter: Interpreter) => Promise<Result<Workshop, Failure>>;
  readonly runtime: { readonly kind: string; readonly base: string };
  /** The tree before: git folder and object. */
  readonly tree: { readonly repo: string; readonly id: string };
}
