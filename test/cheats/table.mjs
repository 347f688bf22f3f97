// Grades every cheat and every odd but honest patch, and prints the tables: cheat, score, caught by.
// Usage: node test/cheats/table.mjs [part of a name...]; `npm run build` first.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

const root = path.dirname(path.dirname(import.meta.dirname));
const names = process.argv.slice(2);
const args = ['vitest', 'run', 'test/cheats/cheats.test.ts', '--disable-console-intercept'];
const env = { ...process.env, MIG_CHEATS: names.length === 0 ? 'all' : names.join(',') };
const { status } = spawnSync('npx', args, { cwd: root, env, stdio: 'inherit' });
process.exitCode = status ?? 1;
