import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BenchmarkPlace } from '../../src/benchmarks/benchmark.ts';
import { scratchFolder } from '../rigs/scratch.ts';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** An entry in PyMigBench's form; `change` replaces keys of its one code change, `entry` those of the entry. */
export function pyMigBenchText(
  entry: Record<string, unknown> = {},
  change: Record<string, unknown> = {},
): string {
  const fields = {
    repo: 'owner/repo',
    commit: COMMIT,
    source: 'toml',
    target: 'tomli',
    commit_url: 'https://example.org/owner/repo/commit/01234567',
    domain: 'Configuration',
    ...entry,
  };
  const changes = {
    line: '1:1',
    cardinality: 'one-to-one',
    source_program_elements: ['function call'],
    target_program_elements: ['function call'],
    properties: [],
    source_apis: ['load'],
    target_apis: ['load'],
    ...change,
  };
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const nested = Object.entries(changes).map(
    ([key, value], index) => `  ${index === 0 ? '-' : ' '} ${key}: ${JSON.stringify(value)}`,
  );
  return [...lines, 'files:', '- path: "src/a b/{x}.py"', '  code_changes:', ...nested, ''].join('\n');
}

export const PYMIGBENCH_ID = 'toml__tomli__owner@repo__01234567';

/** A folder with these files, as a benchmark. */
export function benchmarkOf(kind: BenchmarkPlace['kind'], files: Record<string, string>): BenchmarkPlace {
  const dir = scratchFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  return { name: kind === 'pymigbench' ? 'pymigbench' : 'own', kind, dir };
}
