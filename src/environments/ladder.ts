import type { InterpreterChoice } from './choose-interpreter.ts';
import { comparePython, pythonVersion, releasedAt } from './version.ts';

/** One way to try to resolve an environment. */
export interface Rung {
  readonly name: string;
  /** `X.Y`. */
  readonly python: string;
  /** Nothing newer than this instant is taken; null: newest of everything. */
  readonly date: string | null;
  readonly pins: 'kept' | 'names-only';
  readonly why: string;
}

const YEAR = 365 * 24 * 3600 * 1000;
const USUAL = { major: 3, minor: 11 };

/**
 * The rungs in order: the chosen interpreters with the date and the pins kept, then a common interpreter with
 * names alone and a later date. A date always is a full instant. Empty when no interpreter suits.
 */
export function ladderOf(
  choices: readonly InterpreterChoice[],
  stated: boolean,
  date: string | null,
  atHand: readonly string[],
): Rung[] {
  const rungs: Rung[] = choices.map(({ version, why }) => ({
    name: `python ${version}, pins kept${date === null ? '' : ', dated'}`,
    python: version,
    date,
    pins: 'kept',
    why,
  }));
  const first = choices[0];
  if (first === undefined) return rungs;
  // code of Python 2 alone: nothing of it could be read by a 3
  if (choices.every(({ version }) => version.startsWith('2'))) return rungs;
  const common = stated ? first.version : commonOf(atHand);
  if (common === null || common.startsWith('2')) return rungs;
  const version = pythonVersion(common) ?? USUAL;
  const released = releasedAt(version);
  if (date !== null && released !== null) {
    const later = new Date(Math.max(Date.parse(date) + YEAR, released + YEAR / 2)).toISOString();
    const why = 'names alone, later date';
    rungs.push({ name: `python ${common}, ${why}`, python: common, date: later, pins: 'names-only', why });
  } else {
    const why = 'names alone, newest';
    rungs.push({ name: `python ${common}, ${why}`, python: common, date: null, pins: 'names-only', why });
  }
  return rungs;
}

/** 3.11 where it is at hand, else the newest Python 3. */
function commonOf(atHand: readonly string[]): string | null {
  const threes = atHand
    .map(pythonVersion)
    .filter((version) => version?.major === 3)
    .filter((version) => version !== null)
    .sort(comparePython);
  const usual = threes.find((version) => comparePython(version, USUAL) === 0) ?? threes.at(-1);
  return usual === undefined ? null : `${usual.major}.${usual.minor}`;
}
