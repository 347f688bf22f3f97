import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { BenchmarkPlace } from './benchmark.ts';

/** The folder to which `benchmark get pymigbench` clones. */
export function pyMigBenchClone(dataDir: string): string {
  return path.join(dataDir, 'benchmarks', 'pymigbench');
}

/** The folder with PyMigBench's entries inside a clone. */
export function pyMigBenchEntries(clone: string): string {
  return path.join(clone, 'data', 'migration');
}

/** The folder with the entries, given that folder or the clone around it. */
export function entriesFolder(dir: string): string {
  return existsSync(pyMigBenchEntries(dir)) ? pyMigBenchEntries(dir) : dir;
}

/** PyMigBench's form where a folder's first entry looks like it (`commit_url` at the top level), else manifests. */
export function kindOfFolder(dir: string): BenchmarkPlace['kind'] {
  try {
    const entries = entriesFolder(dir);
    const first = readdirSync(entries).find((name) => name.endsWith('.yaml'));
    if (first === undefined) return 'manifest';
    return /^commit_url:/m.test(readFileSync(path.join(entries, first), 'utf8')) ? 'pymigbench' : 'manifest';
  } catch {
    // absent or unreadable: opening it says so
    return 'manifest';
  }
}
