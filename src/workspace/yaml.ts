import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument, stringify } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import type { ConfigFailure } from '../model/failures/config.ts';
import { nearestOf } from '../model/nearest.ts';
import { fail, ok } from '../model/result.ts';
import type { Result } from '../model/result.ts';

/** 1-based place in a text. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface ParsedYaml {
  /** Plain values; an empty text is null. */
  readonly value: unknown;
  /** Place of the key that `path` ends in (of the item, in a list); undefined where the text has no such place. */
  locate(path: readonly (string | number)[]): Place | undefined;
}

/** Reads one YAML 1.2 document safely: no tags of its own, doubled keys and many aliases are errors. */
export function parseYaml(
  text: string,
  file: string,
): Result<ParsedYaml, Place & { problem: string; file: string }> {
  const lines = new LineCounter();
  const end = text.trimEnd().length;
  const place = (offset: number): Place => {
    // what is not closed is noticed behind the last line
    const { line, col } = lines.linePos(Math.min(offset, end));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) return fail({ ...place(problem.pos[0]), problem: problem.message, file });
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return ok({ value, locate: (path) => locate(document, path, place) });
  } catch (error) {
    return fail({
      line: 1,
      column: 1,
      problem: error instanceof Error ? error.message : String(error),
      file,
    });
  }
}

function locate(
  document: Document,
  path: readonly (string | number)[],
  place: (offset: number) => Place,
): Place | undefined {
  const last = path.at(-1);
  const parent = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(last),
    );
    if (pair !== undefined && isNode(pair.key) && pair.key.range) return place(pair.key.range[0]);
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) && node.range ? place(node.range[0]) : undefined;
}

/**
 * Reads a YAML text by a strict schema. The failure names file, line, column and key of the first problem, and
 * for an unknown key the nearest one that the schema knows there.
 */
export function readStrict<T>(schema: z.ZodType<T>, text: string, file: string): Result<T, ConfigFailure> {
  const parsed = parseYaml(text, file);
  if (!parsed.ok) {
    const { line, column, problem } = parsed.failure;
    return fail({ class: 'config', reason: 'config-invalid', file, line, column, key: '', problem });
  }
  const read = schema.safeParse(parsed.value.value);
  if (read.success) return ok(read.data);
  const issue = firstIssue(read.error.issues);
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  if (unknown !== undefined) path.push(unknown);
  const nearest =
    unknown === undefined ? undefined : nearestOf(unknown, knownKeys(schema, path.slice(0, -1)), 1)[0];
  return fail({
    class: 'config',
    reason: 'config-invalid',
    file,
    ...nearestPlace(parsed.value, path),
    key: path.join('.'),
    problem: unknown === undefined ? issue.message : 'unknown key',
    ...(nearest === undefined ? {} : { nearest }),
  });
}

type Issue = z.core.$ZodIssue;

/** Unions answer with the issues of every member: the one that got deepest is about what was meant. */
function firstIssue(issues: readonly Issue[]): Issue {
  const first = issues[0];
  if (first === undefined) throw new Error('a failed parse without an issue');
  if (first.code !== 'invalid_union') return first;
  let best: Issue | undefined;
  for (const member of first.errors) {
    if (member.length === 0) continue;
    const inner = firstIssue(member);
    const issue = { ...inner, path: [...first.path, ...inner.path] };
    if (rank(issue) > (best === undefined ? -1 : rank(best))) best = issue;
  }
  return best ?? first;
}

function rank(issue: Issue): number {
  const unknownKey = issue.code === 'unrecognized_keys' ? 1 : 0;
  return issue.path.length * 2 + unknownKey;
}

function nearestPlace(parsed: ParsedYaml, path: readonly (string | number)[]): Partial<Place> {
  for (let length = path.length; length >= 0; length--) {
    const found = parsed.locate(path.slice(0, length));
    if (found !== undefined) return found;
  }
  return {};
}

/** Keys of the object schemas that can stand at `path`; wrappers and unions are looked through. */
function knownKeys(schema: unknown, path: readonly (string | number)[]): string[] {
  let level = unwrapped(schema);
  for (const part of path) level = level.flatMap((candidate) => childOf(candidate, part)).flatMap(unwrapped);
  return level.flatMap((candidate) => Object.keys(candidate.shape ?? {}));
}

/** What is read of a zod schema's own description of itself. */
interface Description {
  readonly type?: string;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly innerType?: unknown;
  readonly in?: unknown;
  readonly options?: readonly unknown[];
  readonly element?: unknown;
  readonly items?: readonly unknown[];
  readonly valueType?: unknown;
  readonly getter?: () => unknown;
}

function unwrapped(schema: unknown): Description[] {
  const description = (schema as { def?: Description } | undefined)?.def;
  if (description === undefined) return [];
  if (description.options !== undefined) return description.options.flatMap(unwrapped);
  if (description.innerType !== undefined) return unwrapped(description.innerType);
  if (description.in !== undefined) return unwrapped(description.in);
  if (description.getter !== undefined) return unwrapped(description.getter());
  return [description];
}

function childOf(description: Description, part: string | number): unknown[] {
  if (description.shape !== undefined) return [description.shape[String(part)]];
  if (description.items !== undefined) return [description.items[Number(part)]];
  return [description.element ?? description.valueType];
}

/** A value as YAML text, long lines unbroken. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}
