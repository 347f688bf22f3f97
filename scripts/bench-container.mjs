// What a command costs in each runtime: wall time and our own processor time, medians, beside the same bare engine
// calls (create, attach, start, wait, remove) and the same program run directly, all in this one run.
//   node scripts/bench-container.mjs [ROUNDS]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { build } from 'esbuild';

const rounds = Number(process.argv[2] ?? 15);
const image = process.env.MIG_BASE_IMAGE ?? 'mig-pipeline-base:bookworm';
const root = path.dirname(import.meta.dirname);
const dir = mkdtempSync(path.join(root, 'node_modules', '.bench-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));

const entry = ['choose', 'find-engine', 'local']
  .map((name) => `export * from '${root}/src/runtimes/${name}.ts';`)
  .join('\n');
const outfile = path.join(dir, 'runtimes.mjs');
await build({
  stdin: { contents: entry, resolveDir: root },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile,
});
const { chooseRuntime, createLocalRuntime, findEngine } = await import(outfile);

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
async function measure(name, once) {
  await once();
  const walls = [];
  const cpus = [];
  for (let round = 0; round < rounds; round++) {
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    await once();
    const used = process.cpuUsage(cpu);
    walls.push(performance.now() - wall);
    cpus.push((used.user + used.system) / 1000);
  }
  const row = { name, wallMs: Math.round(median(walls)), cpuMs: Math.round(median(cpus) * 10) / 10 };
  console.log(
    `${name.padEnd(22)} ${String(row.wallMs).padStart(6)} ms wall ${String(row.cpuMs).padStart(7)} ms cpu of ours`,
  );
  return row;
}

const spec = {
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
  labels: { run: 'bench' },
};
const runIn = (runtime) => async () => {
  const result = await runtime.run(spec);
  if (!result.ok || result.value.code !== 0) throw new Error(JSON.stringify(result));
};

await measure('direct', async () => spawnSync('true'));
const address = await findEngine();
if (address?.startsWith('unix://')) {
  const engine = new Docker({ socketPath: address.slice('unix://'.length) });
  const bare = await measure('bare engine calls', async () => {
    const container = await engine.createContainer({
      Image: image,
      Cmd: ['true'],
      HostConfig: { NetworkMode: 'none', Init: true, LogConfig: { Type: 'none', Config: {} } },
    });
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    stream.resume();
    await container.start();
    await container.wait();
    await container.inspect();
    await container.remove({ force: true });
  });
  const docker = await chooseRuntime({ requested: 'docker', unsafeLocal: false, baseImage: image });
  if (!docker.ok) throw new Error(JSON.stringify(docker.failure));
  const ours = await measure('docker', runIn(docker.value));
  console.log(
    `docker over bare: ${ours.wallMs - bare.wallMs} ms wall, ${(ours.cpuMs - bare.cpuMs).toFixed(1)} ms cpu (limit 100)`,
  );
  if (ours.cpuMs - bare.cpuMs > 100) process.exitCode = 1;
} else console.log('no engine at a socket: containers are not measured');
for (const isolation of ['bubblewrap', 'process']) {
  const local = createLocalRuntime({
    platform: 'local~bench',
    base: os.type(),
    unsafeLocal: true,
    isolation,
  });
  if (local.ok) await measure(isolation, runIn(local.value));
  else console.log(`${isolation}: ${local.failure.detail}`);
}
