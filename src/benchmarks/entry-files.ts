import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fail, ok, type Result } from '../model/result.ts';
import type { BenchmarkPlace, EntryFailure } from './benchmark.ts';

const ENTRY = /\.ya?ml$/i;

/** The YAML files directly in a benchmark's folder (absolute, sorted). Fails `benchmark-missing`. */
export function entryFiles(place: BenchmarkPlace): Result<string[], EntryFailure> {
  let names: string[];
  try {
    names = readdirSync(place.dir);
  } catch (error) {
    return fail(missing(place, place.dir, error));
  }
  const files = names.filter((name) => ENTRY.test(name) && !name.startsWith('.')).sort();
  if (files.length === 0) return fail(missing(place, place.dir, new Error('it holds no YAML file')));
  return ok(files.map((name) => path.join(place.dir, name)));
}

/** The text of one entry. Fails `benchmark-entry-invalid` where it cannot be read or is not UTF-8. */
export function readEntry(place: BenchmarkPlace, file: string): Result<string, EntryFailure> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)));
  } catch (error) {
    const problem = error instanceof TypeError ? 'it is not UTF-8 text' : wordsOf(error);
    return fail({ class: 'infra', reason: 'benchmark-entry-invalid', benchmark: place.name, file, problem });
  }
}

function missing(place: BenchmarkPlace, dir: string, error: unknown): EntryFailure {
  return { class: 'infra', reason: 'benchmark-missing', benchmark: place.name, dir, detail: wordsOf(error) };
}

function wordsOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOENT') return 'it is not there';
  if (code === 'ENOTDIR') return 'it is not a folder';
  if (code === 'EACCES') return 'it may not be read';
  return error instanceof Error ? error.message : String(error);
}
