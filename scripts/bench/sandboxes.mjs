// What a command costs in each sandbox over the bare calls that it cannot do without.
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { importSources } from './bundle.mjs';
import { measureJobs, measureSpawning } from './in-process.mjs';
import { row } from './rows.mjs';
import { onEnd, onStop, scratchFolder } from './scratch.mjs';

const image = process.env.MIG_BASE_IMAGE ?? 'mig-pipeline-base:bookworm';
const MARK = `bench-${process.pid}`;
const IGNORES_TERM = 'trap "" TERM INT HUP; echo up; while :; do sleep 1; done';

const sources = () =>
  importSources(
    'runtimes/choose',
    'runtimes/find-engine',
    'runtimes/local',
    'pipeline/executor',
    'workspace/disk',
  );

function specOf(dir, signal, more = {}) {
  return {
    role: 'bench',
    image: null,
    command: ['true'],
    cwd: '/',
    mounts: [],
    env: {},
    limits: { memoryBytes: 256 << 20, cpus: 1, pids: 32, wallMs: 60_000, idleMs: null, outputBytes: 1 << 20 },
    network: 'none',
    foreign: false,
    stdout: path.join(dir, 'stdout'),
    stderr: path.join(dir, 'stderr'),
    labels: { run: MARK },
    signal,
    ...more,
  };
}

async function runTrue(runtime, spec) {
  const result = await runtime.run(spec);
  if (!result.ok || result.value.code !== 0) throw new Error(`a command failed: ${JSON.stringify(result)}`);
}

/** One task through the executor, stamp and all, whose work is one command in the runtime. */
function containerTask({ DAGExecutor, sha256 }, dir, spec, runtime) {
  let number = 0;
  return async () => {
    const unit = `a__b__owner@repository__${(number++).toString(16).padStart(8, '0')}`;
    const task = {
      ...{
        id: 'coding_agent',
        unit,
        variant: 'bench',
        needs: [],
        codeVersion: 1,
        params: {},
        acceptsAny: [],
      },
      ...{ inputFiles: [], knownPorts: {}, shared: false },
      provides: [{ name: 'patch', visibility: 'public' }],
      outputDir: path.join(dir, 'data', 'trajectories', unit),
      run: async (work) => {
        await work.limited('container', () => runTrue(runtime, { ...spec, signal: work.signal }));
        writeFileSync(path.join(work.dir, 'out.json'), '{}');
        return { ok: true, value: { outcome: 'patch', ports: { patch: sha256(unit) }, files: ['out.json'] } };
      },
      load: (out) => ({ ok: true, value: readFileSync(path.join(out, 'out.json'), 'utf8') }),
    };
    const executor = new DAGExecutor({
      tasks: [task],
      about: { id: unit, agent: 'bench', variant: 'bench', runtime: 'docker' },
      runsDir: path.join(dir, 'data', 'runs'),
      locksDir: path.join(dir, 'data', '.locks'),
      signal: spec.signal,
    });
    const outcome = await executor.run();
    await executor.close();
    if (outcome.tasks[0]?.state !== 'completed') throw new Error(`the task is not completed: ${unit}`);
  };
}

/** What nobody can do without: create, attach, start, wait, remove. */
async function bareContainer(engine) {
  const container = await createBare(engine, ['true']);
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  stream.resume();
  await container.start();
  await container.wait();
  await container.inspect();
  await container.remove({ force: true });
}

function createBare(engine, Cmd) {
  return engine.createContainer({
    Image: image,
    Cmd,
    Labels: { [MARK]: '' },
    HostConfig: { NetworkMode: 'none', Init: true, LogConfig: { Type: 'none', Config: {} } },
  });
}

/** Wall time from the removal of a container that is up to the end of it. */
async function bareRemoval(engine) {
  const container = await createBare(engine, ['sh', '-c', IGNORES_TERM]);
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const up = new Promise((resolve) => stream.once('data', resolve));
  await container.start();
  await up;
  const start = performance.now();
  await container.remove({ force: true });
  return performance.now() - start;
}

async function removal(runtime, dir) {
  const stop = new globalThis.AbortController();
  const forget = onStop(() => stop.abort());
  let start = NaN;
  const result = await runtime.run(
    specOf(dir, stop.signal, {
      command: ['sh', '-c', IGNORES_TERM],
      onStdout: () => {
        start = performance.now();
        stop.abort();
      },
    }),
  );
  const wall = performance.now() - start;
  forget();
  if (result.ok || result.failure.reason !== 'run-cancelled')
    throw new Error(`a stopped command is not cancelled: ${JSON.stringify(result)}`);
  return wall;
}

async function namedByUs(engine) {
  const labels = [MARK, `mig-pipeline.run=${MARK}`];
  const found = await Promise.all(
    labels.map((label) => engine.listContainers({ all: true, filters: { label: [label] } })),
  );
  return found.flat();
}

export async function container({ rounds, say }) {
  const modules = await sources();
  const address = await modules.findEngine();
  if (address === null) return { leftOut: 'no container engine answers (scripts/engine.sh start makes one)' };
  if (!address.startsWith('unix://')) return { leftOut: `${address} is not a local socket` };
  const { default: Docker } = await import('dockerode');
  const engine = new Docker({ socketPath: address.slice('unix://'.length) });
  const chosen = await modules.chooseRuntime({ requested: 'docker', unsafeLocal: false, baseImage: image });
  if (!chosen.ok) return { leftOut: `${chosen.failure.reason}: ${image} (scripts/base-image.sh makes it)` };
  const dir = scratchFolder();
  const stop = new globalThis.AbortController();
  const forget = onStop(() => stop.abort());
  onEnd(async () => {
    for (const { Id } of await namedByUs(engine)) await engine.getContainer(Id).remove({ force: true });
  });
  const spec = specOf(dir, stop.signal);
  say('containers that end');
  const best = await measureJobs(
    { floor: () => bareContainer(engine), task: containerTask(modules, dir, spec, chosen.value) },
    { rounds: 8 * rounds },
  );
  say('containers that ignore TERM');
  const taken = await measureJobs(
    { floor: () => bareRemoval(engine), ours: () => removal(chosen.value, dir) },
    { rounds: 4 * rounds },
  );
  const left = await namedByUs(engine);
  forget();
  if (left.length > 0) throw new Error(`${left.length} containers were left behind`);
  const bare = { is: 'the same bare engine calls', ...best.floor };
  return {
    rows: [
      row('a containerised task, executor and stamp', best.task, bare, { overMs: 100 }),
      row(
        'removal of a container that ignores TERM',
        taken.ours,
        { is: 'bare removal', ...taken.floor },
        {
          wallMs: 1000,
        },
      ),
    ],
  };
}

const BARE_BWRAP = [
  ...['--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-net', '--die-with-parent'],
  ...['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', 'true'],
];

export async function bubblewrap({ rounds, say }) {
  if (spawnSync('bwrap', BARE_BWRAP, { stdio: 'ignore' }).status !== 0)
    return { leftOut: 'bubblewrap is not installed or may not make namespaces here' };
  const { createLocalRuntime } = await sources();
  const local = createLocalRuntime({
    platform: 'local~bench',
    base: 'bench',
    unsafeLocal: true,
    isolation: 'bubblewrap',
  });
  if (!local.ok) return { leftOut: local.failure.detail };
  const stop = new globalThis.AbortController();
  const forget = onStop(() => stop.abort());
  const spec = specOf(scratchFolder(), stop.signal);
  const bare = promisify(execFile);
  say('bubblewrap');
  const means = await measureSpawning(
    { floor: () => bare('bwrap', BARE_BWRAP), ours: () => runTrue(local.value, spec) },
    { rounds: 20 * rounds },
  );
  forget();
  return { rows: [row('a command in bubblewrap', means.ours, { is: 'a bare bwrap', ...means.floor })] };
}
