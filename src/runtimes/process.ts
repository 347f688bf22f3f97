import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { makeCgroup } from './cgroup.ts';
import { hostNetwork } from './host-network.ts';
import { followCommand, makeRunFolder, type Control } from './local-run.ts';
import { SUPERVISOR } from './supervisor.ts';
import type { Mount, RunExit, RunSpec } from './runtime.ts';

const PATH = '/usr/local/bin:/usr/bin:/bin';
const RUN_VARIABLE = 'SANDBOX_RUN';

/**
 * Runs one command as a plain child process of the user who started us, on the host's own files: limits hold, and
 * nothing else does. A supervisor (Python) adopts whatever the command leaves behind and ends it with the command.
 */
export async function runProcess(spec: RunSpec): Promise<Result<RunExit, RuntimeFailure>> {
  if (spec.signal?.aborted === true) return fail({ class: 'cancelled', reason: 'run-cancelled' });
  const folder = makeRunFolder();
  const home = path.join(folder, 'home');
  const temporary = path.join(folder, 'tmp');
  mkdirSync(home);
  mkdirSync(temporary);
  const cgroup = makeCgroup({ ...spec.limits, pids: spec.limits.pids + 1 });
  const network = spec.network === 'registries' ? hostNetwork(null).env : {};
  const env = {
    HOME: home,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    PATH,
    ...network,
    ...spec.env,
    [RUN_VARIABLE]: path.basename(folder),
  };
  const { limits } = spec;
  const own = cgroup === null ? [limits.memoryBytes, limits.pids] : [0, 0];
  const settings = [process.pid, ...own, Math.ceil((limits.wallMs / 1000) * limits.cpus) + 1].map(String);
  const python = findPython();
  if (python === null)
    return fail({
      class: 'infra',
      reason: 'sandbox-unusable',
      needs: 'python3',
      detail: 'there is none on PATH',
    });
  const command: [string, ...string[]] = [python, '-I', '-S', '-c', SUPERVISOR, ...settings, ...spec.command];
  try {
    const cwd = hostPath(spec.mounts, spec.cwd);
    return await followCommand(spec, { command, env, cwd, folder }, cgroup, {
      ...control,
      kill: (child) => {
        control.kill(child);
        cgroup?.kill();
        killMarked(path.basename(folder));
      },
    });
  } finally {
    await cgroup?.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

let python: string | null | undefined;

/** The interpreter behind `python3`: asked once, since what is on PATH may be a launcher that takes longer than the run. */
export function findPython(): string | null {
  if (python !== undefined || process.platform !== 'linux') return python ?? null;
  try {
    const script = 'import ctypes, resource, sys; print(sys.executable)';
    const options = { encoding: 'utf8', stdio: 'pipe', timeout: 10_000 } as const;
    python = execFileSync('python3', ['-I', '-S', '-c', script], options).trim();
  } catch {
    python = null;
  }
  return python;
}

/** The host's own path of sandbox path `at`: below the innermost mount that holds it, else as it is. */
export function hostPath(mounts: readonly Mount[], at: string): string {
  const holders = mounts.filter(
    (mount) => at === mount.at || at.startsWith(`${mount.at.replace(/\/$/, '')}/`),
  );
  const holder = holders.sort((a, b) => b.at.length - a.at.length)[0];
  return holder === undefined ? at : path.join(holder.host, path.relative(holder.at, at));
}

const control: Control = {
  kill: (child) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    // A supervisor that the command has stopped or killed ends nobody.
    setTimeout(() => child.kill('SIGKILL'), 500).unref();
  },
  codeOf: (exit, status) => {
    if (/^started/m.test(status) && exit.code !== null) return ok(exit.code);
    const detail = `the supervisor ended with ${exit.code ?? exit.signal ?? 'nothing'}`;
    return fail({ class: 'infra', reason: 'engine-failed', action: 'start a process', detail });
  },
};

/** Ends processes that carry the mark of a run in their first environment: what got away from a killed supervisor. */
function killMarked(mark: string): void {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (
        readFileSync(`/proc/${name}/environ`, 'latin1').includes(`${RUN_VARIABLE}=${mark}`) &&
        !isSupervisor(name)
      )
        process.kill(Number(name), 'SIGKILL');
    } catch {
      // Gone, or another user's.
    }
  }
}

function isSupervisor(pid: string): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(`${python ?? ''}\0-I\0-S\0-c\0`);
}
