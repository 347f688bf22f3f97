import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';
import type { OpenedTree } from './opened-tree.ts';

/** Where the record lies in a made repository: in git's folder, so that the checkout stays clean. */
export const RECORD_FILE = '.git/mig-pipeline.json';

const objectId = z.string().regex(/^[0-9a-f]{40,64}$/);
const side = z.strictObject({
  /** Tree as made; the source's own where nothing is missing. */
  tree: objectId,
  date: z.string().nullable(),
  missing: z.array(z.string()),
  source: z.record(z.string(), z.json()),
});

const repositoryRecord = z.strictObject({ schema: z.literal(1), before: side, after: side });

/** What a made repository says about where its trees came from; holds no path of this machine. */
export type RepositoryRecord = z.infer<typeof repositoryRecord>;

export function writeRecord(dir: string, before: OpenedTree, after: OpenedTree): void {
  const sideOf = ({ tree, date, missing, facts }: OpenedTree): object => ({
    tree,
    date,
    missing,
    source: facts,
  });
  const record = { schema: 1, before: sideOf(before), after: sideOf(after) };
  writeFileSync(path.join(dir, RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** Fails as text when the record is gone or does not parse. */
export function readRecord(dir: string): Result<RepositoryRecord, string> {
  try {
    const value: unknown = JSON.parse(readFileSync(path.join(dir, RECORD_FILE), 'utf8'));
    const record = repositoryRecord.safeParse(value);
    return record.success ? ok(record.data) : fail(`${RECORD_FILE}: ${record.error.message}`);
  } catch (error) {
    return fail(`${RECORD_FILE}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
