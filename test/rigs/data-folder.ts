import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { inject } from 'vitest';
import { cli } from './cli.ts';
import { scratchFolder } from './scratch.ts';

export type Kind = 'docker' | 'local';
export const WORDTALLY = 'optparse__argparse__local@wordtally__c3315010';

/**
 * The session's data folder of a runtime, in which `wordtally` was run with the noop agent: tools, environment and
 * suites are there. Two files of tests that ask for it at once wait for each other as any two runs do.
 */
export async function preparedData(kind: Kind): Promise<string> {
  const dir = path.join(inject('sharedFolder'), kind);
  const args = ['run', WORDTALLY, '--agent', 'noop', '--runtime', kind, '--data-dir', dir, '--wait', '300'];
  const result = await cli(args);
  if (result.code !== 0) throw new Error(`exit ${result.code}\n${result.stdout}\n${result.stderr}`);
  return dir;
}

/** A copy of a data folder, times and hard links kept, that goes when the test ends. */
export function copyOf(data: string): string {
  const dir = path.join(scratchFolder(), 'data');
  execFileSync('cp', ['-a', data, dir]);
  return dir;
}

/** A new data folder that has the tools and downloads of the session's, and nothing else. */
export function withDownloadsOf(data: string, dir: string): string {
  mkdirSync(dir, { recursive: true });
  if (existsSync(path.join(data, 'cache')))
    cpSync(path.join(data, 'cache'), path.join(dir, 'cache'), { recursive: true });
  return dir;
}

/** Every file and folder with its time and size: two equal ones mean that nothing was written between them. */
export function inventory(dir: string): Record<string, string> {
  const entries = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    ['.', ...entries].flatMap((name) => {
      const stat = statSync(path.join(dir, name), { throwIfNoEntry: false, bigint: true });
      return stat === undefined ? [] : [[name, `${stat.mtimeNs} ${stat.size}`]];
    }),
  );
}

/** What a run must not leave in a data folder: temporary folders, `.running` files, locks. */
export function tracesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
    (name) =>
      !name.startsWith(`runs${path.sep}`) &&
      (/(\.running$)|\.(tmp|scratch|old|new)-[0-9a-f]{12}|\.stamp\.json\.new/.test(name) ||
        (name.startsWith(`.locks${path.sep}`) && name !== '.locks')),
  );
}
