import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { CliResult } from './cli.ts';

/** One clear message that names these words, the right code, and no stack trace. */
export function refused(result: CliResult, code: number, ...words: string[]): void {
  expect(result.stderr + result.stdout).not.toMatch(/\n?\s+at .*[(:]\d+:\d+/);
  for (const word of words) expect(result.stderr).toContain(word);
  expect({ code: result.code, stderr: result.stderr }).toMatchObject({ code });
}

/** No result was written: no stamp, no output folder, no half of one. */
export function nothingMade(dataDir: string): void {
  const made = existsSync(dataDir) ? readdirSync(dataDir, { recursive: true, encoding: 'utf8' }) : [];
  const results = /^(repos|envs|input-tests|eval-tests|trajectories|score)\//;
  const failure = /\.stamp\.json$/; // that an attempt failed is told by a stamp without an output
  expect(
    made.filter((name) => results.test(name) && !failure.test(name) && path.dirname(name).includes('/')),
  ).toEqual([]);
  expect(made.filter((name) => /\.(running$|lock$|tmp-|scratch-|old-)/.test(name))).toEqual([]);
}
