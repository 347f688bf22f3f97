import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { fail, ok, type Result } from '../model/result.ts';
import type { Limits, Mount, Runtime } from '../runtimes/runtime.ts';
import { removeTree, sha256 } from '../workspace/disk.ts';
import { packageRoot } from '../workspace/package-root.ts';
import type { MountedEnvironment } from './environment.ts';
import { AT } from './mounts.ts';
import { type BlockRules, exemptDigests } from './test-block.ts';
import type { SuiteFailure } from './test-suite.ts';

const made = z.strictObject({
  mounts: z.array(z.strictObject({ at: z.string(), file: z.string() })),
  own: z.array(z.string()),
  unguarded: z.array(z.string()),
});
const INDEX = 'guards.json';

/** What a run of tests with the block is given. */
export interface SealRequest {
  readonly runtime: Runtime;
  readonly environment: MountedEnvironment;
  readonly block: BlockRules;
  /** Host folder of the tree as it will be run. */
  readonly tree: string;
  /** Folder beside the environment in which copies are kept, for every later run. */
  readonly cacheDir: string;
  readonly limits: Limits;
  readonly labels: Readonly<Record<string, string>>;
  readonly logDir: string;
  readonly signal?: AbortSignal;
}

export interface Sealed {
  readonly block: BlockRules;
  readonly environment: MountedEnvironment;
}

/**
 * The block with everything that it needs to hold: guarded copies of A mounted over A's own files, so that whoever
 * reads, copies, executes or starts them has guarded code, and the digests of exempt files. Copies are made once
 * for an environment. Where nothing can be mounted (plain processes) the import hook stands alone.
 */
export async function sealBlock(request: SealRequest): Promise<Result<Sealed, SuiteFailure>> {
  const { runtime, environment, block, tree } = request;
  const places = environment.mounts.map(({ at }) => runtime.pathOf(environment.mounts, at));
  const digests = exemptDigests(block, tree);
  if (runtime.isolation === 'process') {
    return ok({ block: { ...block, digests, places }, environment });
  }
  const copies = await guardedCopies(request);
  if (!copies.ok) return copies;
  const { dir, index } = copies.value;
  const mounts = index.mounts.map(({ at, file }): Mount => ({ host: path.join(dir, file), at, mode: 'ro' }));
  return ok({
    block: { ...block, digests, places, own: index.own },
    environment: { ...environment, mounts: [...environment.mounts, ...mounts] },
  });
}

async function guardedCopies(
  request: SealRequest,
): Promise<Result<{ dir: string; index: z.infer<typeof made> }, SuiteFailure>> {
  const { runtime, environment, block, cacheDir } = request;
  const scripts = path.join(packageRoot(), 'src', 'runners', 'python');
  const maker = readFileSync(path.join(scripts, 'mig_guard.py'));
  const key = sha256(JSON.stringify([[...block.names].sort(), environment.python, sha256(maker)]));
  const dir = path.join(cacheDir, key.slice(0, 16));
  if (!existsSync(path.join(dir, INDEX))) {
    mkdirSync(cacheDir, { recursive: true });
    const fresh = mkdtempSync(path.join(cacheDir, 'part-'));
    const log = path.join(request.logDir, 'guarded-copies');
    mkdirSync(request.logDir, { recursive: true });
    try {
      const out = path.join(fresh, 'copies');
      mkdirSync(out);
      const exit = await runtime.run({
        role: 'guarded-copies',
        image: null,
        command: [
          environment.python,
          '-B',
          `${AT.plugin}/mig_guard.py`,
          AT.results,
          AT.plugin,
          ...block.names,
        ],
        cwd: '/',
        mounts: [
          ...environment.mounts,
          { host: scripts, at: AT.plugin, mode: 'ro' },
          { host: out, at: AT.results, mode: 'rw' },
        ],
        env: environment.variables,
        limits: request.limits,
        network: 'none',
        foreign: true,
        stdout: `${log}.out`,
        stderr: `${log}.log`,
        labels: request.labels,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      if (!exit.ok) return exit;
      if (exit.value.code !== 0 || !existsSync(path.join(out, INDEX))) {
        const detail = `guarded copies: ${readFileSync(`${log}.log`, 'utf8').slice(-1000)}`;
        return fail({ class: 'eval', reason: 'runner-broken', detail, log: `${log}.log` });
      }
      try {
        renameSync(out, dir);
      } catch {
        // Another run was faster; its copies are the same.
      }
    } finally {
      removeTree(fresh);
    }
  }
  const index = made.parse(JSON.parse(readFileSync(path.join(dir, INDEX), 'utf8')));
  return ok({ dir, index });
}
