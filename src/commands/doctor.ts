import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../config/load.ts';
import { EXIT } from '../model/failure.ts';
import { failureMessage } from '../report/failure-message.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { Check } from './doctor-agent.ts';
import type { Io } from './io.ts';
import { early } from './laid-out.ts';
import type { RunRequest } from './run-request.ts';

/** `doctor`: everything outside the program that a run needs, and how to mend what is not there. Exit 3 when something is bad. */
export async function doctorCommand(
  request: RunRequest & { readonly fetch: boolean; readonly agent: string | null },
  io: Io,
): Promise<number> {
  const loaded = loadConfig({ cwd: io.cwd, variables: io.env, flags: request.config });
  if (!loaded.ok) {
    return early(loaded.failure, request, io);
  }
  const { config } = loaded.value;
  if (request.fetch) {
    const { fetchTools } = await import('../runners/tools.ts');
    const fetched = await fetchTools(path.join(config.dataDir, 'cache'));
    if (!fetched.ok) return early(fetched.failure, request, io);
  }
  const runtimes = await runtimeChecks(config.runtime, config.baseImage, config.unsafeLocal);
  const checks: Check[] = [
    version('node', process.execPath, ['--version'], 'install Node 20.19 or newer'),
    version('git', 'git', ['--version'], 'install git'),
    version('python', 'python3', ['--version'], 'install Python 3.11'),
    ...runtimes.checks,
    await toolCheck(path.join(config.dataDir, 'cache')),
    dataCheck(config.dataDir),
  ];
  if (request.agent !== null) {
    const { agentChecks } = await import('./doctor-agent.ts');
    checks.push(...(await agentChecks(request.agent, config, io, runtimes.used)));
  }
  const bad = checks.some(({ state }) => state === 'bad');
  if (request.json) io.stdout.write(`${JSON.stringify({ schema: 1, healthy: !bad, checks }, null, 2)}\n`);
  else
    for (const check of checks) {
      const mend = check.mend === '' ? '' : `\n${' '.repeat(20)}-> ${check.mend}`;
      io.stdout.write(`${check.state.padEnd(8)} ${check.name.padEnd(10)} ${check.found}${mend}\n`);
    }
  return bad ? EXIT.outside : EXIT.done;
}

function version(name: string, command: string, args: string[], mend: string): Check {
  try {
    const text = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
    return { name, state: 'ok', found: text.split('\n')[0] ?? '', mend: '' };
  } catch {
    return { name, state: 'bad', found: 'not found', mend };
  }
}

async function runtimeChecks(
  requested: 'auto' | 'docker' | 'local',
  baseImage: string,
  unsafeLocal: boolean,
): Promise<{ readonly checks: readonly Check[]; readonly used: Runtime | null }> {
  const { chooseRuntime } = await import('../runtimes/choose.ts');
  const checks: Check[] = [];
  let used: Runtime | null = null;
  if (requested !== 'local') {
    const docker = await chooseRuntime({ requested: 'docker', baseImage, unsafeLocal });
    if (docker.ok) used = docker.value;
    checks.push(
      docker.ok
        ? {
            name: 'engine',
            state: 'ok',
            found: `answers, base image ${docker.value.base.slice(0, 19)}`,
            mend: '',
          }
        : {
            name: 'engine',
            state: requested === 'docker' ? 'bad' : 'warning',
            found: failureMessage(docker.failure),
            mend: 'start an engine (as root: scripts/engine.sh start), then scripts/base-image.sh',
          },
    );
  }
  const local = await chooseRuntime({ requested: 'local', baseImage, unsafeLocal });
  if (!local.ok) {
    checks.push({ name: 'local', state: 'warning', found: failureMessage(local.failure), mend: '' });
  } else if (local.value.isolation === 'process') {
    const mend = 'install bubblewrap (apt-get install bubblewrap) so that local runs are isolated';
    checks.push({
      name: 'local',
      state: 'warning',
      found: 'plain processes: nothing but limits is isolated',
      mend,
    });
  } else {
    checks.push({ name: 'local', state: 'ok', found: 'bubblewrap isolates local runs', mend: '' });
  }
  if (local.ok && requested !== 'docker') used ??= local.value;
  return { checks, used };
}

async function toolCheck(cacheDir: string): Promise<Check> {
  const { toolsLock } = await import('../runners/tools.ts');
  const entries = Object.entries(toolsLock().tools);
  const missing = entries
    .filter(([name, tool]) => {
      const dir = path.join(cacheDir, 'tools', `${name}-${tool.version}-${process.arch}`);
      return !tool.binaries.every((binary) => existsSync(path.join(dir, binary)));
    })
    .map(([name]) => name);
  if (missing.length === 0) return { name: 'tools', state: 'ok', found: 'locked tools are there', mend: '' };
  const mend = '`mig-pipeline doctor --fetch`, or the first run, fetches them from the package index';
  return { name: 'tools', state: 'warning', found: `not fetched yet: ${missing.join(', ')}`, mend };
}

function dataCheck(dataDir: string): Check {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK);
    const { bavail, bsize } = statfsSync(dataDir);
    const gib = (bavail * bsize) / 1024 ** 3;
    const found = `${dataDir}, ${gib.toFixed(1)} GiB free`;
    return gib < 2
      ? { name: 'data', state: 'warning', found, mend: 'free some space, or choose another --data-dir' }
      : { name: 'data', state: 'ok', found, mend: '' };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      name: 'data',
      state: 'bad',
      found: detail,
      mend: 'choose another --data-dir or mend its rights',
    };
  }
}
