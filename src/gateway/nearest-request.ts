import type { Json } from '../model/json.ts';
import { isObject, steadyBody } from './request-form.ts';

export interface Difference {
  /** Such as `messages[3].content`. */
  readonly path: string;
  /** Shortened; undefined: not there. */
  readonly recorded: string | undefined;
  readonly asked: string | undefined;
}

export interface Nearest<T> {
  readonly request: T;
  readonly difference: Difference;
}

/** Of the recorded bodies the one that shares most values in the same places, and where it first differs. */
export function nearestRequest<T extends { readonly body: string }>(
  asked: string,
  recorded: Iterable<T>,
): Nearest<T> | undefined {
  const wanted = leavesOf(steadyBody(asked));
  let best: { request: T; share: number; leaves: Map<string, string> } | undefined;
  for (const request of recorded) {
    const leaves = leavesOf(steadyBody(request.body));
    let same = 0;
    for (const [path, value] of wanted) if (leaves.get(path) === value) same++;
    const share = same / Math.max(wanted.size, leaves.size, 1);
    if (best === undefined || share > best.share) best = { request, share, leaves };
  }
  if (best === undefined) return undefined;
  return { request: best.request, difference: firstDifference(best.leaves, wanted) };
}

function leavesOf(value: Json, path = '', found = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(value)) {
    (value as readonly Json[]).forEach((one, at) => leavesOf(one, `${path}[${at}]`, found));
  } else if (isObject(value)) {
    for (const key of Object.keys(value).sort()) {
      leavesOf(value[key] ?? null, path === '' ? key : `${path}.${key}`, found);
    }
  } else found.set(path, JSON.stringify(value));
  return found;
}

function firstDifference(recorded: Map<string, string>, asked: Map<string, string>): Difference {
  for (const [path, value] of asked) {
    const known = recorded.get(path);
    if (known !== value) return { path, ...around(known, value) };
  }
  for (const [path, value] of recorded) {
    if (!asked.has(path)) return { path, ...around(value, undefined) };
  }
  return { path: '', recorded: undefined, asked: undefined };
}

const SHOWN = 120;

/** Both values near the first character in which they differ. */
function around(recorded: string | undefined, asked: string | undefined): Omit<Difference, 'path'> {
  let same = 0;
  if (recorded !== undefined && asked !== undefined) {
    while (same < recorded.length && recorded[same] === asked[same]) same++;
  }
  const from = Math.max(0, same - SHOWN / 3);
  const cut = (text: string | undefined): string | undefined =>
    text === undefined
      ? undefined
      : `${from > 0 ? '...' : ''}${text.slice(from, from + SHOWN)}${text.length > from + SHOWN ? '...' : ''}`;
  return { recorded: cut(recorded), asked: cut(asked) };
}
