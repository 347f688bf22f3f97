import * as z from 'zod';
import type { LabelledChange } from '../model/labels.ts';
import { unknownKeysFirst } from './one-of.ts';
import { parseLineShape } from './line-shape.ts';

/** `owner/repo` as hosts spell it: no further slash, no `.` or `..`. */
export const REPOSITORY = /^[A-Za-z0-9_][A-Za-z0-9_-]*\/(?!\.{1,2}$)[A-Za-z0-9._-]+$/;
/** Names that are parts of ids and of folders. */
export const LIBRARY_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
export const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

const SMALL_COUNTS = ['zero', 'one'];

const change = z
  .strictObject({
    line: z.string(),
    cardinality: z.string(),
    source_program_elements: z.array(z.string()),
    target_program_elements: z.array(z.string()),
    properties: z.array(z.string()),
    source_apis: z.array(z.string()),
    target_apis: z.array(z.string()),
  })
  .transform((entry, context): LabelledChange => {
    const refuse = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    const shape = parseLineShape(entry.line);
    if (!shape.ok) {
      refuse('line', shape.failure);
      return z.NEVER;
    }
    const { before, after } = shape.value;
    const isImport = [...entry.source_program_elements, ...entry.target_program_elements].includes('import');
    const due = isImport ? 'not applicable' : `${count(entry.source_apis)}-to-${count(entry.target_apis)}`;
    if (entry.cardinality !== due) refuse('cardinality', `"${entry.cardinality}" where the change is ${due}`);
    if ((before.length === 0) !== (entry.source_apis.length === 0)) {
      refuse('line', `"${entry.line}" and source_apis disagree on whether anything was removed`);
    }
    if ((after.length === 0) !== (entry.target_apis.length === 0)) {
      refuse('line', `"${entry.line}" and target_apis disagree on whether anything was added`);
    }
    return {
      before,
      after,
      isImport,
      cardinality: entry.cardinality,
      sourceApis: entry.source_apis,
      targetApis: entry.target_apis,
      properties: entry.properties,
    };
  });

function count(apis: readonly string[]): string {
  return SMALL_COUNTS[apis.length] ?? 'many';
}

/** A path inside a tree, with forward slashes: neither absolute nor leading out. */
export const treePath = z
  .string()
  .min(1)
  .refine((text) => !/^[/\\]|^[A-Za-z]:|\\|\0/.test(text) && !text.split('/').includes('..'), {
    message: 'not a path inside the tree',
  });

/** PyMigBench's `files`, with the rules that always hold. */
export const labelledFiles = z.array(
  z
    .strictObject({ path: treePath, code_changes: z.array(change) })
    .transform(({ path, code_changes }) => ({ path, changes: code_changes })),
);

const entry = z.strictObject({
  repo: z.string().regex(REPOSITORY, 'not "<owner>/<repository>"'),
  commit: z.string().regex(COMMIT, 'not a full commit id'),
  source: z.string().regex(LIBRARY_NAME, 'not the name of a library'),
  target: z.string().regex(LIBRARY_NAME, 'not the name of a library'),
  commit_url: z.string().regex(/^https:\/\/\S+$/, 'not an https address'),
  domain: z.string().min(1),
  files: labelledFiles.min(1),
});
/** One entry of PyMigBench: exactly these keys, all of them. */
export type PyMigBenchEntry = z.infer<typeof entry>;
export const pyMigBenchEntry: z.ZodType<PyMigBenchEntry> = unknownKeysFirst(entry);
