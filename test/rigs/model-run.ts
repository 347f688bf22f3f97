import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inject } from 'vitest';
import { modelScript, type ScriptText } from '../../src/gateway/scripted/script.ts';
import { startScriptedModel, type ScriptedModel } from '../../src/gateway/scripted/server.ts';
import { removeTree } from '../../src/workspace/disk.ts';
import type { AttemptRecord } from '../../src/runners/attempt.ts';
import { cli, type CliResult } from './cli.ts';
import { copyOf, preparedData, type Kind, withDownloadsOf } from './data-folder.ts';
import { scratchFolder } from './scratch.ts';
import { TINY, tinyBenchmark, tinyFlags } from './tiny-migration.ts';

export const AGENTS = path.join(path.dirname(import.meta.dirname), 'fixtures', 'agents');
export const MODEL = 'scripted/scripted-1';
/** The migration of the tiny repository, as one command. */
export const EDIT = `printf '%s\\n' 'import argparse' '' '' 'def read(argv):' '    parser = argparse.ArgumentParser()' "    parser.add_argument('-n', type=int, default=1)" "    parser.add_argument('rest', nargs='*')" '    options = parser.parse_args(argv)' '    return options.n * len(options.rest)' > tally.py`;

/** What the tests of agents with a model share: a migration, a data folder, and a working folder that names a scripted model. */
export interface ModelWorld {
  readonly cwd: string;
  readonly data: string;
  readonly key: string;
  /** Starts a model that says this; a later one takes its place. */
  says(script: Omit<ScriptText, 'schema'>, key?: string): Promise<ScriptedModel>;
  run(...more: string[]): Promise<CliResult>;
  attempt(variant: string): AttemptRecord;
  read(...name: string[]): string;
}

/** The session's data folder in which the tiny migration is ready for an agent; whoever comes second waits. */
async function readyData(kind: Kind, bench: string): Promise<string> {
  const dir = path.join(inject('sharedFolder'), `${kind}-tiny`);
  if (!existsSync(dir)) {
    const copy = withDownloadsOf(await preparedData(kind), `${dir}-${randomBytes(4).toString('hex')}`);
    try {
      renameSync(copy, dir);
    } catch {
      // another file of tests was quicker
      removeTree(copy);
    }
  }
  const flags = [...tinyFlags(bench), '--runtime', kind, '--data-dir', dir, '--until', 'helper_test'];
  const result = await cli(['run', TINY, ...flags, '--agent', 'noop', '--wait', '300']);
  if (result.code !== 0) throw new Error(`exit ${result.code}\n${result.stdout}\n${result.stderr}`);
  return dir;
}

/** More configuration is YAML text that is added to `config/pipeline.yaml`. */
export async function modelWorld(kind: Kind, more = ''): Promise<ModelWorld> {
  const top = scratchFolder();
  const bench = tinyBenchmark(path.join(top, 'bench'));
  const data = copyOf(await readyData(kind, bench));
  const key = `sk-nonce-${randomBytes(12).toString('hex')}`;
  const cwd = path.join(top, 'work');
  mkdirSync(path.join(cwd, 'config'), { recursive: true });
  let model: ScriptedModel | undefined;
  return {
    cwd,
    data,
    key,
    says: async (script, accepted = key) => {
      await model?.close();
      model = await startScriptedModel({
        script: modelScript.parse({ schema: 1, ...script }),
        key: accepted,
      });
      const providers = `providers:\n  scripted:\n    form: openai\n    baseUrl: ${model.url}/v1\n    key: NONCE_KEY\n`;
      writeFileSync(path.join(cwd, 'config', 'pipeline.yaml'), `${providers}${more}`);
      writeFileSync(
        path.join(cwd, 'config', 'prices.yaml'),
        'schema: 1\nproviders:\n  scripted:\n    - { model: scripted-1, from: "2020-01-01", input: 10, cachedInput: 1, output: 40 }\n',
      );
      return model;
    },
    run: (...flags) =>
      cli(
        [
          'run', TINY, ...tinyFlags(bench), '--agents-dir', AGENTS, '--runtime', kind, '--data-dir', data,
          '--agent', 'asks', '--model', MODEL, ...flags,
        ],
        { cwd, env: { NONCE_KEY: key } },
      ), // prettier-ignore
    attempt: (variant) =>
      JSON.parse(
        readFileSync(path.join(data, 'trajectories', TINY, variant, 'attempt.json'), 'utf8'),
      ) as AttemptRecord,
    read: (...name) => readFileSync(path.join(data, 'trajectories', TINY, ...name), 'utf8'),
  };
}

/** The end of a run in JSON: the state of the coding agent's task and the last line. */
export function endOf(result: CliResult): {
  readonly coding: {
    readonly state: string;
    readonly outcome: string | null;
    readonly reason: string | null;
  };
  readonly variant: string;
  readonly model?: { readonly calls: number; readonly usd: number | null };
} {
  const lines = result.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const summary = lines.find(({ event }) => event === 'summary');
  if (summary === undefined) throw new Error(`no summary: ${result.stdout}\n${result.stderr}`);
  const tasks = summary['tasks'] as {
    id: string;
    state: string;
    outcome: string | null;
    reason: string | null;
  }[];
  const coding = tasks.find(({ id }) => id === 'coding_agent');
  if (coding === undefined) throw new Error('no coding agent');
  return { ...(summary as object), coding } as unknown as ReturnType<typeof endOf>;
}
