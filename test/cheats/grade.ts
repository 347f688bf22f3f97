import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { patchScore } from '../../src/scoring/patch-score.ts';
import { unitTestScore } from '../../src/scoring/unit-test-score.ts';
import { cli, summaryIn } from '../rigs/cli.ts';
import { cheatsBenchmark, IDS, type Of } from './migrations.ts';
import type { CheatPatch } from './patch.ts';
import type { Graded } from './verdict.ts';

const AGENTS = path.join(import.meta.dirname, 'agents');
/** A file of tests that hangs costs this much, not half a minute. */
const SECONDS = '10';

/** A data folder in which both migrations are made and every cheat is scored by the command line. */
export class CheatRig {
  readonly kind: 'local' | 'docker';
  readonly data: string;
  private readonly cwd: string;
  private readonly flags: readonly string[];

  constructor(dir: string, kind: 'local' | 'docker', patches: readonly CheatPatch[]) {
    this.kind = kind;
    this.data = path.join(dir, 'data');
    const agents = path.join(dir, 'agents');
    cpSync(AGENTS, agents, { recursive: true });
    const all = path.join(agents, 'patches', 'all');
    mkdirSync(all, { recursive: true });
    // honest ones hold the answer, with which no agent is started: they are written so that nobody can read them
    for (const patch of patches)
      writeFileSync(
        path.join(all, patch.name),
        Buffer.from(written(patch)).map((byte) => byte ^ 0x5a),
      );
    this.cwd = dir;
    mkdirSync(path.join(dir, 'config'), { recursive: true });
    writeFileSync(
      path.join(dir, 'config', 'pipeline.yaml'),
      `tests: {testSeconds: ${SECONDS}, fileSeconds: ${SECONDS}}\nlimits:\n  testRun: {wallSeconds: 60, memoryMiB: 512, cpus: 1, pids: 64, idleSeconds: 25, outputMiB: 16}\n`,
    );
    this.flags = [
      ...cheatsBenchmark(path.join(dir, 'benchmark')),
      ...['--agents-dir', agents],
      ...['--runtime', kind, '--data-dir', this.data, '--json'],
    ];
  }

  /** Environments and suites of both, and what changing nothing earns. */
  async prepare(): Promise<Readonly<Record<Of, number>>> {
    const earned = async (of: Of): Promise<number> => {
      const { score } = await this.scores(of, ['--agent', 'noop'], 'noop');
      return score.grade?.passRate ?? Number.NaN;
    };
    return { blocked: await earned('blocked'), gone: await earned('gone') };
  }

  async grade(patch: CheatPatch): Promise<Graded> {
    const variant = `patches`;
    return await this.scores(patch.of, ['--agent', variant, '--param', `patch=${patch.name}`], patch.name);
  }

  private async scores(of: Of, agent: readonly string[], name: string): Promise<Graded> {
    const began = performance.now();
    const result = await cli(['run', IDS[of], ...this.flags, ...agent], {
      timeoutMs: 600_000,
      cwd: this.cwd,
    });
    if (result.code !== 0)
      throw new Error(
        `${name}: exit ${String(result.code)}\n${result.stdout.slice(-3000)}\n${result.stderr.slice(-3000)}`,
      );
    const { variant } = summaryIn(result) as unknown as { readonly variant: string };
    const dir = path.join(this.data, 'score', IDS[of], `${variant}~existing`);
    const read = (task: string): unknown => {
      const file = path.join(dir, task, 'score.json');
      if (!existsSync(file)) throw new Error(`${name}: ${file} is not there\n${result.stdout.slice(-3000)}`);
      return JSON.parse(readFileSync(file, 'utf8'));
    };
    const patch = patchScore.parse(read('patch_eval'));
    return {
      score: unitTestScore.parse(read('unit_test_eval')),
      residualA: patch.residualA?.count ?? 0,
      seconds: (performance.now() - began) / 1000,
    };
  }
}

/** Does the jobs, so many at once, and gives what they gave in their order. */
export async function inTurns<T, R>(
  jobs: readonly T[],
  atOnce: number,
  work: (job: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < jobs.length; at = next++) results[at] = await work(jobs[at] as T);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

function written({ files, removed = [], shell = '', handed = '' }: CheatPatch): string {
  const encoded = Object.entries(files).map(([file, content]) => {
    if (typeof content === 'object' && 'link' in content) return [file, { link: content.link }];
    const executable = typeof content === 'object' && 'exec' in content;
    const bytes = Buffer.from(executable ? (content as { exec: string }).exec : content);
    return [file, { bytes: bytes.toString('base64'), executable }];
  });
  return JSON.stringify({
    files: Object.fromEntries(encoded) as unknown,
    removed,
    shell,
    handed: Buffer.from(handed).toString('base64'),
  });
}
