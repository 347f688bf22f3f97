// Scoring one more candidate on a unit that is prepared, over a bare sandbox that runs its tests with plain pytest.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { importSources, root } from './bundle.mjs';
import { call } from './children.mjs';
import { measureJobs } from './in-process.mjs';
import { row } from './rows.mjs';
import { onEnd, scratchFolder } from './scratch.mjs';

const ID = 'optparse__argparse__local@wordtally__c3315010';
const EXAMPLE = path.join(root, 'config', 'benchmarks', 'examples', 'wordtally', 'after');
const CLI = path.join(root, 'dist', 'cli.js');
const IMAGE = process.env.MIG_BASE_IMAGE ?? 'mig-pipeline-base:bookworm';
const MARK = `bench-candidate-${process.pid}`;
const PYTEST = ['-B', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests'];
/** What may lie between the two, by the issue that asked for it. */
const OVER_MS = 500;

/** Runs the graph of the example and answers the events, `more` being further flags. */
async function run(dataDir, runtime, ...more) {
  const flags = ['--agent', 'codemod', '--data-dir', dataDir, '--runtime', runtime, '--json'];
  const told = await call([process.execPath, CLI, 'run', ID, ...flags, ...more]);
  return told
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Scores the candidate once more; answers the wall time of `unit_test_eval`, and how many suites it ran. */
async function scoreOnce(dataDir, runtime) {
  const events = await run(dataDir, runtime, '--force', 'unit_test_eval');
  const end = events.find(({ event, task }) => event === 'task-end' && task === 'unit_test_eval');
  const score = events.find(({ event }) => event === 'summary')?.scores?.unit_test_eval;
  if (end?.state !== 'completed' || score?.status !== 'scored' || score.resolved !== true)
    throw new Error(`the candidate was not scored: ${JSON.stringify(end ?? null)}`);
  const origins = ['developers-before', 'developers-after', 'generated'];
  return { wallMs: end.seconds * 1000, suites: origins.filter((name) => score.counts[name] > 0).length };
}

/** The environment that the candidate's tests run in, and what its interpreter needs. */
function environmentOf(dataDir) {
  const unit = path.join(dataDir, 'envs', ID);
  const platform = readdirSync(unit).find((name) => existsSync(path.join(unit, name, 'environment.json')));
  const record = JSON.parse(readFileSync(path.join(unit, platform, 'environment.json'), 'utf8'));
  if (record.status !== 'ready') throw new Error(`no environment: ${record.why}`);
  const dir = path.join(unit, platform, record.roles.b);
  const home =
    /^home\s*=\s*(.+)$/m.exec(readFileSync(path.join(dir, 'pyvenv.cfg'), 'utf8'))?.[1]?.trim() ?? '/usr';
  return { dir, prefix: path.basename(home) === 'bin' ? path.dirname(home) : home };
}

function candidateTree() {
  const dir = path.join(scratchFolder(), 'tree');
  cpSync(EXAMPLE, dir, { recursive: true });
  return dir;
}

/** A bare sandbox of each kind that runs the tests; null with a reason where there is none. */
const SANDBOXES = {
  local: async () => {
    const flags = ['--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-net', '--die-with-parent'];
    const view = ['--dev-bind', '/', '/', '--proc', '/proc'];
    if (spawnSync('bwrap', [...flags, ...view, 'true'], { stdio: 'ignore' }).status !== 0)
      return { leftOut: 'bubblewrap is not installed or may not make namespaces here' };
    return {
      is: 'bwrap, plain pytest',
      start: ({ dir }, tree) =>
        call(['bwrap', ...flags, ...view, '--chdir', tree, path.join(dir, 'bin', 'python'), ...PYTEST]),
    };
  },
  docker: async () => {
    const { findEngine } = await importSources('runtimes/find-engine');
    const address = await findEngine();
    if (address === null)
      return { leftOut: 'no container engine answers (scripts/engine.sh start makes one)' };
    if (!address.startsWith('unix://')) return { leftOut: `${address} is not a local socket` };
    const { default: Docker } = await import('dockerode');
    const engine = new Docker({ socketPath: address.slice('unix://'.length) });
    if (
      !(await engine
        .getImage(IMAGE)
        .inspect()
        .then(
          () => true,
          () => false,
        ))
    )
      return { leftOut: `${IMAGE} is not there (scripts/base-image.sh makes it)` };
    onEnd(async () => {
      const left = await engine.listContainers({ all: true, filters: { label: [MARK] } });
      for (const { Id } of left) await engine.getContainer(Id).remove({ force: true });
    });
    return {
      is: 'engine calls, plain pytest',
      start: (environment, tree) => inContainer(engine, environment, tree),
    };
  },
};

async function inContainer(engine, { dir, prefix }, tree) {
  const container = await engine.createContainer({
    Image: IMAGE,
    Cmd: ['/env/bin/python', ...PYTEST],
    WorkingDir: '/workspace',
    Labels: { [MARK]: '' },
    HostConfig: {
      NetworkMode: 'none',
      Init: true,
      LogConfig: { Type: 'none', Config: {} },
      Binds: [
        `${dir}:/env:ro`,
        `${tree}:/workspace`,
        ...(prefix === '/usr' ? [] : [`${prefix}:${prefix}:ro`]),
      ],
    },
  });
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  let said = '';
  stream.on('data', (bytes) => (said += bytes));
  await container.start();
  const { StatusCode } = await container.wait();
  await container.remove({ force: true });
  if (StatusCode !== 0) throw new Error(`plain pytest: exit ${StatusCode}: ${said.slice(-500)}`);
}

/** The unit is prepared once; then candidates and bare sandboxes take turns. */
export async function candidate({ rounds, say }) {
  const rows = [];
  const reasons = [];
  for (const [runtime, open] of Object.entries(SANDBOXES)) {
    const sandbox = await open();
    if (sandbox.leftOut !== undefined) {
      reasons.push(`${runtime}: ${sandbox.leftOut}`);
      continue;
    }
    const dataDir = scratchFolder();
    say(`${runtime}: preparing a unit (needs the package index)`);
    try {
      await run(dataDir, runtime);
    } catch (error) {
      reasons.push(`${runtime}: the unit could not be prepared: ${error.message}`);
      continue;
    }
    const environment = environmentOf(dataDir);
    const tree = candidateTree();
    const { suites } = await scoreOnce(dataDir, runtime);
    say(`${runtime}: candidates`);
    const best = await measureJobs(
      {
        floor: async () => {
          for (let at = 0; at < suites; at++) await sandbox.start(environment, tree);
        },
        scored: async () => (await scoreOnce(dataDir, runtime)).wallMs,
      },
      { rounds: 5 * rounds, warmUp: 1 },
    );
    const wall = ({ wallMs }) => ({ cpuMs: null, wallMs });
    const floor = { is: sandbox.is, ...wall(best.floor) };
    rows.push(row(`one more candidate, ${runtime}`, wall(best.scored), floor, { overWallMs: OVER_MS }));
  }
  return { rows, leftOut: reasons.length === 0 ? null : reasons.join('; ') };
}
