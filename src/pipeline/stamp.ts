import { readFileSync } from 'node:fs';
import type { TaskId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { digestJson } from '../workspace/disk.ts';

/** Everything that a result was made from, in the clear: the key is its hash, and `why` is its diff with now. */
export interface Inputs {
  readonly code: number;
  readonly params: Readonly<Record<string, Json>>;
  /** `task.port` -> digest of what was read. */
  readonly ports: Readonly<Record<string, string>>;
  /** Stable name -> sha256, or `missing`. */
  readonly files: Readonly<Record<string, string>>;
}

/** A file that vouches for an output; `mtimeMs` as the file system gave it, with fractions. */
export interface ListedFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

/** Who made it and when (RFC 3339); `attempt` counts the tries in this folder. */
export interface StampRun {
  readonly id: string;
  readonly nonce: string;
  readonly attempt: number;
  readonly host: string;
  readonly bootId: string;
  readonly pid: number;
  readonly processStart: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly tool: string;
}

/** `<output folder>.stamp.json`. Holds no absolute path. `error` is null where the output is a result. */
export interface Stamp {
  readonly version: 1;
  readonly task: string;
  readonly unit: string;
  readonly variant: string | null;
  /** The task's result word, or `failed` or `interrupted`: then there is no result. */
  readonly outcome: string;
  readonly key: string;
  readonly inputs: Inputs;
  readonly outputs: {
    readonly ports: Readonly<Record<string, string>>;
    readonly files: readonly ListedFile[];
  };
  readonly run: StampRun;
  readonly usage: Json;
  readonly note: string | null;
  /** Folder of the task's logs, relative to the data folder. */
  readonly log: string | null;
  readonly error: { readonly class: string; readonly reason: string; readonly message: string } | null;
}

/** The key of these inputs: sha256 of their canonical JSON, with the task that they are for. */
export function keyOf(task: TaskId, inputs: Inputs): string {
  return digestJson({ task, ...inputs });
}

/** Whether a stamp vouches for a result (not for a failure or an interruption). */
export function isResult(stamp: Stamp): boolean {
  return stamp.error === null;
}

/** Reads a stamp: null when there is none, a text when it is not a whole stamp of this version. */
export function readStamp(file: string): Result<Stamp | null, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ENOTDIR' ? ok(null) : fail(`cannot be read (${String(code)})`);
  }
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return fail('is not whole JSON');
  }
  const wrong = wrongMember(read);
  if (wrong !== null) return fail(wrong);
  const stamp = read as Stamp;
  return keyOf(stamp.task as TaskId, stamp.inputs) === stamp.key
    ? ok(stamp)
    : fail('key does not fit its inputs');
}

type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === 'string';
const whole: Check = (value) => Number.isInteger(value);
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const anything: Check = () => true;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const recordOf =
  (check: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(check);
/** Exactly these members, each as its check says. */
const shape = (members: Readonly<Record<string, Check>>): Check => {
  const names = Object.keys(members);
  return (value) =>
    isRecord(value) &&
    Object.keys(value).length === names.length &&
    names.every((name) => name in value && members[name]?.(value[name]) === true);
};
const listedFile = shape({ path: text, size: whole, mtimeMs: number, sha256: text });

/**
 * The strict schema of a stamp. Written by hand where other doors use zod: a run that finds everything done
 * reads nothing but stamps, and loading zod alone costs it more than all its reads.
 */
const MEMBERS: Readonly<Record<string, Check>> = {
  version: (value) => value === 1,
  task: text,
  unit: text,
  variant: orNull(text),
  outcome: text,
  key: text,
  inputs: shape({ code: whole, params: recordOf(anything), ports: recordOf(text), files: recordOf(text) }),
  outputs: shape({
    ports: recordOf(text),
    files: (value) => Array.isArray(value) && value.every(listedFile),
  }),
  run: shape({
    id: text,
    nonce: text,
    attempt: whole,
    host: text,
    bootId: text,
    pid: whole,
    processStart: text,
    startedAt: text,
    endedAt: text,
    tool: text,
  }),
  usage: anything,
  note: orNull(text),
  log: orNull(text),
  error: orNull(shape({ class: text, reason: text, message: text })),
};

function wrongMember(value: unknown): string | null {
  if (!isRecord(value)) return 'is not an object';
  for (const [name, check] of Object.entries(MEMBERS)) {
    if (!(name in value)) return `has no "${name}"`;
    if (!check(value[name])) return `has a wrong "${name}"`;
  }
  const unknown = Object.keys(value).find((name) => !(name in MEMBERS));
  return unknown === undefined ? null : `has an unknown "${unknown}"`;
}
