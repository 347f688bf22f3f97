import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RuntimeFailure } from '../model/failures/runtime.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Cgroup } from './cgroup.ts';
import { isDead, thisOwner, type Owner } from './owner.ts';
import { mayBegin, record, type Recording, type StreamName } from './recording.ts';
import type { RunExit, RunSpec } from './runtime.ts';

const PREFIX = 'mig-pipeline-run-';
const run = promisify(execFile);

/** A folder of one run that is no mount (pipes, `passwd`, a home): removed with the run, or by the next one. */
export function makeRunFolder(): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
  writeFileSync(path.join(dir, 'owner.json'), JSON.stringify(thisOwner()));
  return dir;
}

/** Removes run folders whose maker is dead; answers them. */
export function removeDeadRunFolders(): readonly string[] {
  const removed: string[] = [];
  for (const name of readdirSync(os.tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const dir = path.join(os.tmpdir(), name);
    try {
      if (!isDead(JSON.parse(readFileSync(path.join(dir, 'owner.json'), 'utf8')) as Partial<Owner>)) continue;
      rmSync(dir, { recursive: true, force: true });
      removed.push(dir);
    } catch {
      // Being made or removed by somebody else, or not ours.
    }
  }
  return removed;
}

/** How a started command is ended, and how its end is read. */
export interface Control {
  /** Ends all of it at once. Called at the end of every run, also after it ended by itself. */
  kill(child: ChildProcess): void;
  /** The exit code from what the process that we started ended with; a failure when it never got to the command. */
  codeOf(
    exit: { code: number | null; signal: NodeJS.Signals | null },
    status: string,
  ): Result<number, RuntimeFailure>;
}

/**
 * Starts `command` and follows it to its end under the limits of `spec` that are ours to watch. Streams are named
 * pipes rather than Node's sockets, since `echo x >/dev/stderr` fails on a socket.
 */
export async function followCommand(
  spec: RunSpec,
  start: {
    command: readonly [string, ...string[]];
    env: Record<string, string>;
    cwd: string;
    folder: string;
  },
  cgroup: Cgroup | null,
  control: Control,
): Promise<Result<RunExit, RuntimeFailure>> {
  const out = await makePipe(start.folder);
  const err = await makePipe(start.folder);
  const started: { child?: ChildProcess } = {};
  const recording = record(spec, spec.limits, () => {
    if (started.child !== undefined) control.kill(started.child);
  });
  const [program, ...args] = enter(cgroup, start.command);
  if (!(await mayBegin(spec, recording))) {
    for (const end of [out.write, err.write, out.read, err.read]) closeSync(end);
    await recording.finish();
    return fail({ class: 'cancelled', reason: 'run-cancelled' });
  }
  const child = spawn(program, args, {
    stdio: ['ignore', out.write, err.write, 'pipe'],
    env: start.env,
    cwd: start.cwd,
    detached: true,
  });
  started.child = child;
  closeSync(out.write);
  closeSync(err.write);
  let status = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => (status += chunk.toString()));
  recording.start();
  const drained = Promise.all([drain(out.read, 'stdout', recording), drain(err.read, 'stderr', recording)]);
  const exit = await ended(child);
  control.kill(child);
  // What was written is read at once; somebody who escaped and holds a pipe open does not hold us.
  const patience = setTimeout(() => held.get(recording)?.forEach((socket) => socket.destroy()), 2000);
  await drained;
  clearTimeout(patience);
  const { seconds, outputBytes } = await recording.finish();
  if (recording.stopped === 'cancelled') return fail({ class: 'cancelled', reason: 'run-cancelled' });
  if (recording.stopped !== undefined)
    return ok({ code: null, ended: recording.stopped, seconds, outputBytes });
  if (exit instanceof Error)
    return fail({
      class: 'infra',
      reason: 'engine-failed',
      action: `start ${program}`,
      detail: exit.message,
    });
  const code = control.codeOf(exit, status);
  if (cgroup?.ranOutOfMemory() === true && !(code.ok && code.value === 0))
    return ok({ code: null, ended: 'oom', seconds, outputBytes });
  if (!code.ok)
    return exit.signal === 'SIGKILL' ? ok({ code: null, ended: 'killed', seconds, outputBytes }) : code;
  return ok({ code: code.value, ended: 'exited', seconds, outputBytes });
}

/** The command that enters the group and then becomes `command`. */
function enter(
  cgroup: Cgroup | null,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  if (cgroup === null) return command;
  const script = 'while [ "$1" != -- ]; do echo $$ >"$1" || exit 125; shift; done; shift; exec "$@"';
  return ['/bin/sh', '-c', script, 'sh', ...cgroup.entrances, '--', ...command];
}

async function makePipe(folder: string): Promise<{ read: number; write: number }> {
  const file = path.join(folder, `pipe-${randomBytes(6).toString('hex')}`);
  // Whoever holds the writing end may open it again by its device name, also as another user; the folder is ours.
  await run('mkfifo', ['-m', '622', file]);
  // The reader must be there first, and must not wait for a writer.
  const read = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const write = openSync(file, constants.O_WRONLY);
  rmSync(file);
  return { read, write };
}

const held = new WeakMap<Recording, Set<Socket>>();

function drain(fd: number, name: StreamName, recording: Recording): Promise<void> {
  const socket = new Socket({ fd, readable: true, writable: false });
  const sockets = held.get(recording) ?? new Set<Socket>();
  held.set(recording, sockets.add(socket));
  recording.onDrain = () => sockets.forEach((each) => each.resume());
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      if (!recording.write(name, chunk)) sockets.forEach((each) => each.pause());
    });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
}

function ended(child: ChildProcess): Promise<Error | { code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}
