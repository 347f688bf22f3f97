import type { Change } from '../model/events.ts';
import type { TaskId } from '../model/ids.ts';
import { sha256File } from '../workspace/disk.ts';
import type { FreshnessFacts } from './freshness.ts';
import { ownerLives, thisProcess } from '../workspace/process-owner.ts';
import { checkOutputs, observe, type Observation } from './observe.ts';
import { isResult, type Inputs, type Stamp } from './stamp.ts';
import type { Need, Task } from './task.ts';

/** What one look at a task needs to know from outside its own folder. */
export interface Look {
  readonly forced: boolean;
  readonly verify: boolean;
  /** Digest of a need as it is now; null while its task has yet to run. */
  digestOf(need: Need): string | null;
  /** Content digests of input files, kept for the length of one run. */
  readonly files: Map<string, string>;
}

/** Reads everything that freshness of one task is decided from. Writes nothing, takes no lock. */
export function readFacts(task: Task, look: Look): FreshnessFacts & { readonly seen: Observation } {
  const seen = observe(task.outputDir);
  const ports: Record<string, string> = {};
  const unknown: { port: string; task: TaskId }[] = [];
  for (const need of task.needs) {
    const port = `${need.task}.${need.port}`;
    const digest = look.digestOf(need);
    if (digest === null) unknown.push({ port, task: need.task });
    else ports[port] = digest;
  }
  return {
    seen,
    stamp: seen.stamp,
    unreadable: seen.unreadable,
    interrupted: seen.running !== null && !isAlive(seen.running),
    forced: look.forced,
    inputs: { code: task.codeVersion, params: task.params, ports, files: inputFiles(task, look.files) },
    acceptsAny: task.acceptsAny,
    unknown,
    outgrown: outgrown(task, seen.stamp),
    outputs: outputChanges(task, seen, look.verify),
  };
}

/** A `.running` file has no beat of its own: owners elsewhere are judged when its lock is asked for. */
export function isAlive(running: NonNullable<Observation['running']>): boolean {
  return ownerLives(running, thisProcess(), Date.now(), Date.now());
}

function outgrown(task: Task, stamp: Stamp | null): readonly Change[] {
  if (stamp === null || !isResult(stamp)) return [];
  const change = task.outgrown?.(stamp.usage) ?? null;
  return change === null ? [] : [change];
}

function outputChanges(task: Task, seen: Observation, verify: boolean): readonly Change[] {
  const { stamp, folder } = seen;
  if (stamp === null || !isResult(stamp)) return [];
  const unstamped = task.provides
    .filter(({ name }) => !(name in task.knownPorts) && !(name in stamp.outputs.ports))
    .map(({ name }): Change => ({ reason: 'output-missing', name }));
  const { changes, hashed } = checkOutputs(stamp, folder, verify);
  if (changes.length > 0 || !hashed || folder === null) return [...unstamped, ...changes];
  return [...unstamped, ...brokenOutput(task, folder)];
}

/** Whether the output still parses; asked where its files had to be looked into, or something will read it. */
export function brokenOutput(task: Task, folder: string): readonly Change[] {
  const loaded = task.load(folder);
  return loaded.ok ? [] : [{ reason: 'output-changed', name: '.', new: loaded.failure }];
}

/** Digest of a port as its task's stamp and the benchmark's entry have it; what the entry says wins. */
export function portDigest(task: Task, stamp: Stamp | null, port: string): string | null {
  const known = task.knownPorts[port];
  if (known !== undefined) return known;
  return stamp !== null && isResult(stamp) ? (stamp.outputs.ports[port] ?? null) : null;
}

/** Inputs of a task whose needs are all known. */
export function inputsOf(facts: FreshnessFacts): Inputs {
  if (facts.unknown.length > 0) throw new Error('the key is computed when every need is known');
  return facts.inputs;
}

function inputFiles(task: Task, seen: Map<string, string>): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const { name, path } of task.inputFiles) {
    const digest = seen.get(path) ?? digestOfFile(path);
    seen.set(path, digest);
    digests[name] = digest;
  }
  return digests;
}

function digestOfFile(path: string): string {
  try {
    return sha256File(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    // What cannot be read is told apart from every content; the task itself fails on it with the reason.
    return code === 'ENOENT' ? 'missing' : `unreadable (${code})`;
  }
}
