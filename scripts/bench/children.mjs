// Processor and wall time of whole processes. Node does not say what a child used, so Python's wait4 does.
import { spawn, spawnSync } from 'node:child_process';
import { breathe, onStop } from './scratch.mjs';

const MEASURE = `
import json, os, sys, time
given = json.load(sys.stdin)
nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
best = {}
for _ in range(given['rounds']):
    for name, argv in given['commands']:
        start = time.perf_counter()
        child = os.posix_spawnp(argv[0], argv, os.environ, file_actions=nothing)
        _, status, used = os.wait4(child, 0)
        wall = (time.perf_counter() - start) * 1000
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            sys.exit(f'{name}: exit {code}')
        cpu = (used.ru_utime + used.ru_stime) * 1000
        known = best.setdefault(name, {'cpuMs': cpu, 'wallMs': wall})
        known['cpuMs'] = min(known['cpuMs'], cpu)
        known['wallMs'] = min(known['wallMs'], wall)
json.dump(best, sys.stdout)
`;

/** Whether there is a Python that can measure. */
export function hasPython() {
  const script = 'import sys; sys.exit(sys.version_info < (3, 9))';
  return spawnSync('python3', ['-c', script], { stdio: 'ignore' }).status === 0;
}

/** Runs a program to its end; rejects on any exit code but 0. `input` is what its stdin holds. */
export async function call([program, ...args], { cwd, env = process.env, input = '' } = {}) {
  await breathe();
  const child = spawn(program, args, { cwd, env, stdio: 'pipe' });
  const forget = onStop(() => child.kill('SIGTERM'));
  const streams = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => (streams[name] += text));
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  forget();
  await breathe();
  if (code === 0) return streams.stdout;
  throw new Error(`${program} ${args[0]}: exit ${code}: ${streams.stderr.trim().slice(-500)}`);
}

/**
 * Milliseconds that each command takes, itself and the children it waits for: minima over rounds, in which the
 * commands take turns so that a busy moment of the machine meets them all. Rejects when one of them fails.
 */
export async function measureCommands(commands, { rounds, cwd, env }) {
  const given = { rounds, commands: Object.entries(commands) };
  return JSON.parse(await call(['python3', '-c', MEASURE], { cwd, env, input: JSON.stringify(given) }));
}
