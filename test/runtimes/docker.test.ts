import { describe, test, expect } from 'vitest';
import { chooseRuntime } from '../../src/runtimes/choose.ts';
import { isDockerRuntime } from '../../src/runtimes/docker.ts';
import { connectEngine, type Engine } from '../../src/runtimes/engine.ts';
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
const ours = async (): Promise<readonly string[]> => {
  const found = await (await engine()).containers(`mig-pipeline.owner-pid=${process.pid}`);
  return found.ok ? found.value.map(({ name }) => name) : ['engine failed'];
};

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
