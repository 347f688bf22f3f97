import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chooseRuntime } from '../../src/runtimes/choose.ts';
import { createDockerRuntime, type DockerRuntime, isDockerRuntime } from '../../src/runtimes/docker.ts';
import { connectEngine, type Engine, type Labelled } from '../../src/runtimes/engine.ts';
import { identity } from '../../src/runtimes/container-spec.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { runtimeContract } from '../contracts/runtime.ts';
import { BASE_IMAGE, engineSocket } from '../rigs/engine.ts';

const open = async (): Promise<Runtime> => {
  const runtime = await chooseRuntime({ requested: 'docker', unsafeLocal: false, baseImage: BASE_IMAGE });
  if (!runtime.ok) throw new Error(JSON.stringify(runtime.failure));
  return runtime.value;
};
const engine = async (): Promise<Engine> => {
  const connected = await connectEngine(engineSocket!);
  if (!connected.ok) throw new Error(JSON.stringify(connected.failure));
  return connected.value;
};
const containersOfOurs = async (of: Engine): Promise<readonly Labelled[]> => {
  const found = await of.containers(`mig-pipeline.owner-pid=${process.pid}`);
  if (!found.ok) throw new Error(JSON.stringify(found.failure));
  return found.value;
};
const ours = async (): Promise<readonly string[]> =>
  (await containersOfOurs(await engine())).map(({ name }) => name);

describe.skipIf(engineSocket === null)('docker', () => {
  runtimeContract('docker', open, ours);

  test('containers of a dead owner are removed, those of other machines and those of other people are not', async () => {
    const runtime = await open();
    if (!isDockerRuntime(runtime)) throw new Error('not docker');
    const make = async (change: Record<string, string>): Promise<string> => {
      const { name, Labels } = identity('test', {});
      const made = await runtime.engine.create({
        name,
        Image: BASE_IMAGE,
        Cmd: ['sleep', '60'],
        Labels: { ...Labels, ...change },
      });
      if (!made.ok) throw new Error(JSON.stringify(made.failure));
      await runtime.engine.start(made.value);
      return made.value;
    };
    const ids = [
      await make({ 'mig-pipeline.owner-pid': '4194304' }),
      await make({ 'mig-pipeline.owner-start': '1' }),
      await make({ 'mig-pipeline.owner-boot': 'an-earlier-one' }),
      await make({ 'mig-pipeline.owner-host': 'elsewhere', 'mig-pipeline.owner-pid': '4194304' }),
      await make({ 'mig-pipeline.name': 'of-an-image', 'mig-pipeline.owner-pid': '4194304' }),
      await make({}),
    ];
    const removed = await runtime.removeOrphans();
    const alive = await Promise.all(ids.map(async (id) => (await runtime.engine.inspect(id)).ok));
    for (const id of ids) await runtime.engine.remove(id);
    expect(removed.ok && removed.value.length >= 3).toBe(true);
    expect(alive).toEqual([false, false, false, true, true, true]);
  });

  test('the network of a start whose owner is dead goes with what is in it, that of a living one stays', async () => {
    const runtime = (await open()) as DockerRuntime;
    const of = runtime.engine;
    const make = async (change: Record<string, string>): Promise<{ id: string; name: string }> => {
      const { name, Labels } = identity('model-network', {});
      const network = await of.createNetwork(name, { ...Labels, ...change });
      if (!network.ok) throw new Error(JSON.stringify(network.failure));
      const relay = identity('model-relay', {});
      const container = await of.create({
        name: relay.name,
        Image: BASE_IMAGE,
        Cmd: ['sleep', '60'],
        Labels: { ...relay.Labels, ...change },
      });
      if (!container.ok) throw new Error(JSON.stringify(container.failure));
      await of.joinNetwork(network.value.id, container.value);
      await of.start(container.value);
      onTestFinished(async () => {
        await of.remove(container.value);
        await of.removeNetwork(network.value.id);
      });
      return { id: network.value.id, name };
    };
    const dead = await make({ 'mig-pipeline.owner-start': '1' });
    const living = await make({});
    expect(await runtime.removeOrphans()).toMatchObject({ ok: true });
    const label = `mig-pipeline.owner-pid=${process.pid}`;
    const left = await of.networks(label);
    expect(left.ok && left.value.map(({ name }) => name)).toEqual([living.name]);
    // whoever else clears up at the same time finds nothing, and that is no failure
    expect(await of.removeNetwork(dead.id)).toMatchObject({ ok: true });
  });

  test('an image that is not there is named', async () => {
    const result = await (await open()).run({
      role: 'test', image: 'mig-pipeline-no-such-image:1', command: ['true'], cwd: '/', mounts: [], env: {},
      limits: { memoryBytes: 1 << 28, cpus: 1, pids: 9, wallMs: 9000, idleMs: null, outputBytes: 9 },
      network: 'none', foreign: false, stdout: '/dev/null', stderr: '/dev/null', labels: {},
    }); // prettier-ignore
    expect(result).toMatchObject({
      ok: false,
      failure: { reason: 'image-missing', image: 'mig-pipeline-no-such-image:1' },
    });
  });
});

describe.skipIf(engineSocket?.startsWith('unix://') !== true)('an engine that goes away', () => {
  /** Stands between us and the engine, and can go away like an engine that is killed. */
  const between = async (): Promise<{ address: string; cut: () => void }> => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'engine-'));
    const sockets = new Set<Socket>();
    let gone = false;
    const server = createServer((near) => {
      // Taken in by the system before the cut, seen by us behind it.
      if (gone) return void near.destroy();
      const far = connect(engineSocket!.slice('unix://'.length));
      for (const [one, other] of [[near, far], [far, near]] as const) {
        sockets.add(one.on('error', () => other.destroy()).on('close', () => other.destroy()));
        one.pipe(other);
      }
    }); // prettier-ignore
    const file = path.join(dir, 'docker.sock');
    await new Promise<void>((resolve) => server.listen(file, resolve));
    const cut = (): void => {
      gone = true;
      server.close();
      rmSync(dir, { recursive: true, force: true });
      for (const socket of sockets) socket.destroy();
    };
    return { address: `unix://${file}`, cut };
  };

  test('in the middle of a run: the failure is of the world, and comes at once', async () => {
    const { address, cut } = await between();
    const far = await connectEngine(address);
    if (!far.ok) throw new Error(JSON.stringify(far.failure));
    const runtime = createDockerRuntime(far.value, { baseImage: BASE_IMAGE, base: 'x', platform: 'x' });
    const dir = mkdtempSync(path.join(os.tmpdir(), 'gone-'));
    let cutAt = 0;
    const result = await runtime.run({
      role: 'test', image: null, command: ['sh', '-c', 'echo up; sleep 60'], cwd: '/', mounts: [], env: {},
      limits: { memoryBytes: 1 << 28, cpus: 1, pids: 9, wallMs: 30_000, idleMs: null, outputBytes: 1000 },
      network: 'none', foreign: false, stdout: path.join(dir, 'o'), stderr: path.join(dir, 'e'), labels: {},
      onStdout: () => {
        cutAt = performance.now();
        cut();
      },
    }); // prettier-ignore
    expect(result).toMatchObject({ ok: false, failure: { class: 'infra', reason: 'engine-failed' } });
    expect(performance.now() - cutAt).toBeLessThan(3000);
    rmSync(dir, { recursive: true, force: true });
    // Nobody could remove the container then: whoever reaches the engine again can.
    const near = await engine();
    for (const { id } of await containersOfOurs(near)) await near.remove(id);
  });

  test('before it is asked: unreachable, with its address', async () => {
    const { address, cut } = await between();
    cut();
    expect(await connectEngine(address)).toMatchObject({
      ok: false,
      failure: { class: 'infra', reason: 'engine-unreachable', socket: address },
    });
  });
});
