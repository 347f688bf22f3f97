import { normaliseName, type Requirement } from './requirement.ts';

/** What resolution is asked for; a repair changes one thing of it. */
export interface Wanted {
  readonly requirements: readonly Requirement[];
  /** Packages whose own date is later (or free: null) than the environment's. */
  readonly lifted: Readonly<Record<string, string | null>>;
  readonly dropped: readonly string[];
  /** A's and B's distributions: dated like everything else, also where the test runner's own needs are not. */
  readonly libraries?: ReadonlySet<string>;
}

/** One step of the repair loop: what is asked for next, and the sentence that the record keeps. */
export interface Repair {
  readonly wanted: Wanted;
  readonly step: string;
}

/** The next later date of a package from where it is now; null is free, undefined: there is none. */
export type NextDate = (name: string, now: string | null | undefined) => string | null | undefined;

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]*';

/**
 * Reads uv's own error and answers the next thing to try: unpin, then lift the date of that one package (as often
 * as `nextDate` has a later one), then drop it. A and B (`kept`) are never dropped; what was stated (`fixed`) is neither unpinned nor dropped. Null
 * when nothing in the error points at anything that may change.
 */
export function repairFor(
  error: string,
  wanted: Wanted,
  held: { readonly kept: ReadonlySet<string>; readonly fixed: ReadonlySet<string> },
  nextDate: NextDate,
): Repair | null {
  const { kept, fixed } = held;
  const later = (name: string): string | null | undefined => nextDate(name, wanted.lifted[name]);
  const asked = new Map(wanted.requirements.map((requirement) => [requirement.name, requirement]));
  const blamed = blamedNames(error);
  const direct = blamed.filter((name) => asked.has(name));
  for (const name of direct) {
    if (!fixed.has(name) && asked.get(name)?.specifier !== '') return unpin(wanted, name, error);
  }
  for (const name of blamed) {
    const to = later(name);
    if (to !== undefined && isDateAtFault(error, name)) return lift(wanted, name, to);
  }
  for (const name of blamed) {
    const to = later(name);
    if (to !== undefined && isBuildAtFault(error, name)) return lift(wanted, name, to);
  }
  for (const name of direct) if (!kept.has(name) && !fixed.has(name)) return drop(wanted, name, error);
  for (const name of blamed) {
    const to = later(name);
    if (to !== undefined) return lift(wanted, name, to);
  }
  return null;
}

/** Packages that the error names as its cause, the nearest cause first. */
export function blamedNames(error: string): string[] {
  const found: string[] = [];
  const add = (name: string | undefined): void => {
    if (name === undefined) return;
    const normal = normaliseName(name);
    if (normal !== 'python' && !found.includes(normal)) found.push(normal);
  };
  const flat = error.replace(/\s+/g, ' ');
  for (const pattern of [
    new RegExp(
      `Failed to (?:build|download(?: and build)?|prepare|fetch|read) \`?(${NAME}?)(?:==|@| |\`)`,
      'g',
    ),
    new RegExp(`Unable to extract metadata from source distribution of \`?(${NAME})`, 'g'),
    new RegExp(`(${NAME}) was not found in the (?:package registry|cache)`, 'g'),
    new RegExp(`there (?:is|are) no versions? of (${NAME}?)(?:[=<>!~,]|\\{| and | that |\\.)`, 'g'),
    new RegExp(`all versions of (${NAME}) (?:have|need|depend|are)`, 'g'),
    new RegExp(`only (?:the following versions of )?(${NAME}?)(?:[=<>!~]|\\{| is | are )`, 'g'),
    new RegExp(`\`(${NAME})\` was filtered by`, 'g'),
    new RegExp(`Wheels are required for \`(${NAME})\``, 'g'),
    new RegExp(
      `(${NAME}?)(?:[=<>!~]=?[^ ]*)? (?:has no usable wheels|has no wheels|could not be|is unusable)`,
      'g',
    ),
    new RegExp(`you require (${NAME})`, 'g'),
    new RegExp(`depends on (${NAME})`, 'g'),
    new RegExp(`your project depends on (${NAME})`, 'g'),
    new RegExp(`Because (${NAME}?)(?:[=<>!~]|\\{| )`, 'g'),
  ]) {
    for (const match of flat.matchAll(pattern)) add(match[1]);
  }
  const noise = new Set(['all', 'there', 'only', 'the', 'your', 'you', 'no', 'we', 'any', 'it']);
  return found.filter((name) => !noise.has(name));
}

function isDateAtFault(error: string, name: string): boolean {
  const flat = error.replace(/\s+/g, ' ');
  return new RegExp(`\`${escaped(name)}\` was filtered by \`exclude-newer\``, 'i').test(flat);
}

function isBuildAtFault(error: string, name: string): boolean {
  const flat = error.replace(/\s+/g, ' ');
  return new RegExp(`Failed to (?:build|prepare|download and build) \`?${escaped(name)}\\b`, 'i').test(flat);
}

/** A name as a pattern that also meets its other spellings. */
const escaped = (name: string): string => name.replace(/-/g, '[-_.]');

/** The part of the error that a reader needs, on one line. */
export function causeOf(error: string): string {
  const flat = error
    .replace(/^(warning|Using|Resolved|DEBUG|TRACE|INFO).*$/gim, '')
    .replace(/\s+/g, ' ')
    .trim();
  const from = /(cause: |error: |× )/.exec(flat);
  return flat.slice(from?.index ?? 0).slice(0, 300);
}

function unpin(wanted: Wanted, name: string, error: string): Repair {
  const requirements = wanted.requirements.map((requirement) =>
    requirement.name === name ? { ...requirement, specifier: '' } : requirement,
  );
  const was = wanted.requirements.find((requirement) => requirement.name === name)?.specifier ?? '';
  return { wanted: { ...wanted, requirements }, step: `unpinned ${name}${was}: ${causeOf(error)}` };
}

function lift(wanted: Wanted, name: string, liftTo: string | null): Repair {
  const lifted = { ...wanted.lifted, [name]: liftTo };
  return { wanted: { ...wanted, lifted }, step: `lifted the date of ${name} to ${liftTo ?? 'now'}` };
}

function drop(wanted: Wanted, name: string, error: string): Repair {
  const requirements = wanted.requirements.filter((requirement) => requirement.name !== name);
  const dropped = [...wanted.dropped, name];
  return { wanted: { ...wanted, requirements, dropped }, step: `dropped ${name}: ${causeOf(error)}` };
}
