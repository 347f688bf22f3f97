declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** `<source>__<target>__<owner>@<repo>__<sha8>`, the benchmark's id of one migration. */
export type UnitId = Brand<string, 'UnitId'>;
/** A full git object id (40 or 64 hexadecimal digits). */
export type Sha = Brand<string, 'Sha'>;
/** A sha256 in lower-case hexadecimal: of a file, of a port's content, of a key. */
export type Digest = Brand<string, 'Digest'>;

export const unitId = (text: string): UnitId => text as UnitId;
export const sha = (text: string): Sha => text as Sha;
export const digest = (text: string): Digest => text as Digest;

/** The tasks of the one graph, in the order of their levels. The names are public. */
export const TASK_IDS = [
  'repo_dl',
  'env_setup',
  'helper_test',
  'eval_test',
  'coding_agent',
  'patch_eval',
  'unit_test_eval',
] as const;
export type TaskId = (typeof TASK_IDS)[number];
