import { readdirSync, cpSync, lstatSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openGateway } from '../../src/gateway/gateway.ts';
import { modelScript } from '../../src/gateway/scripted/script.ts';
import { startScriptedModel } from '../../src/gateway/scripted/server.ts';
import type { DoorChoice } from '../../src/model/model-calls.ts';
import { fail } from '../../src/model/result.ts';
import type { ModelAccess } from '../../src/runners/model-door.ts';
import { AT } from '../../src/runners/mounts.ts';
import { isDockerRuntime, type DockerRuntime } from '../../src/runtimes/docker.ts';
import type { RunSpec } from '../../src/runtimes/runtime.ts';
import { dockerRuntime, play, type Played, recordOf } from '../rigs/agent-rig.ts';
import { engineSocket } from '../rigs/engine.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const PARAMETERS = { stream: false, then: 'exit', model: '', calls: 5, seed: 1 };

/** A way to a model that edits a file and says so. */
async function access(door: DoorChoice): Promise<ModelAccess> {
  const model = await startScriptedModel({
    script: modelScript.parse({
      schema: 1,
      turns: [{ shell: "sed -i 's/toml/tomli/' app.py" }, { text: 'Done.' }],
    }),
  });
  const gateway = openGateway({
    providers: [{ name: 'p', form: 'openai', baseUrl: `${model.url}/v1`, keyVariable: null }],
    prices: [],
    models: { m: { provider: 'p', model: 'm' } },
    keyOf: () => undefined,
    ...{ record: null, replay: null, day: '2026-11-29' },
  });
  if (!gateway.ok) throw new Error(JSON.stringify(gateway.failure));
  onTestFinished(async () => {
    await gateway.value.close();
    await model.close();
  });
  return { gateway: gateway.value, model: 'm', shown: 'p/m', form: 'openai', door, meters: [] };
}

/** As an engine in a virtual machine shows a folder of this machine: its files, and none of its sockets. */
async function virtual(starts: RunSpec[]): Promise<DockerRuntime> {
  const runtime = await dockerRuntime();
  if (!isDockerRuntime(runtime)) throw new Error('no engine');
  const filesOf = (folder: string): string => {
    const dir = path.join(scratchFolder(), 'shared');
    mkdirSync(dir);
    for (const name of readdirSync(folder))
      if (lstatSync(path.join(folder, name)).isFile()) cpSync(path.join(folder, name), path.join(dir, name));
    return dir;
  };
  return {
    ...runtime,
    run: (spec) => {
      starts.push(spec);
      const mounts = spec.mounts.map((mount) =>
        mount.at === AT.door ? { ...mount, host: filesOf(mount.host) } : mount,
      );
      return runtime.run({ ...spec, mounts });
    },
  };
}

const started = async (runtime: DockerRuntime, door: DoorChoice): Promise<Played> => {
  const way = await access(door);
  return await play('asks', runtime, (request) => ({ ...request, parameters: PARAMETERS, access: way }));
};

/** Networks and containers that this process has at the engine. */
async function left({ engine }: DockerRuntime): Promise<string[]> {
  const label = `mig-pipeline.owner-pid=${process.pid}`;
  const found = await Promise.all([engine.networks(label), engine.containers(label)]);
  return found.flatMap((list) => (list.ok ? list.value.map(({ name }) => name) : ['?']));
}

describe.skipIf(engineSocket === null)(
  'where a mounted socket cannot be reached',
  { timeout: 120_000 },
  () => {
    test('a start is made anew over a network, and the next one begins there', async () => {
      const starts: RunSpec[] = [];
      const runtime = await virtual(starts);
      for (const ways of [['none', 'sealed'], ['sealed']]) {
        starts.length = 0;
        const played = await started(runtime, 'auto');
        expect(recordOf(played)).toMatchObject({ outcome: 'patch', door: 'network', ledger: { calls: 2 } });
        expect(played.patch()).toContain('+import tomli');
        expect(starts.map(({ network }) => (typeof network === 'string' ? network : 'sealed'))).toEqual(ways);
      }
      expect(await left(runtime)).toEqual([]);
    });

    test.each<[string, DoorChoice, (runtime: DockerRuntime) => DockerRuntime, [string, RegExp][]]>([
      ['the socket alone is wanted', 'socket', (runtime) => runtime, [['socket', /did not start/]]],
      [
        'the network cannot be made either',
        'auto',
        (runtime) => ({
          ...runtime,
          relay: () =>
            Promise.resolve(
              fail({ class: 'infra', reason: 'engine-failed', action: 'x', detail: 'no more subnets' }),
            ),
        }),
        [
          ['socket', /did not start/],
          ['network', /no more subnets/],
        ],
      ],
      [
        'the engine has no networks',
        'network',
        (runtime) => ({ ...runtime, engine: { ...runtime.engine, network: 'host' } }),
        [['network', /without networks/]],
      ],
    ])('and %s: a failure of the world that says what was tried', async (_, choice, change, tried) => {
      const runtime = change(await virtual([]));
      const { result } = await started(runtime, choice);
      expect(result).toMatchObject({
        ok: false,
        failure: {
          class: 'infra',
          reason: 'model-door-closed',
          tried: tried.map(([way, words]) => ({ way, detail: expect.stringMatching(words) as string })),
        },
      });
      expect(await left(runtime)).toEqual([]);
    });
  },
);
