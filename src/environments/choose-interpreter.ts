import type { DeclaredPython } from './declared-python.ts';
import {
  allowsPython,
  comparePython,
  minorName,
  pythonVersion,
  releasedAt,
  type PythonVersion,
} from './version.ts';

/** What speaks for Python 2 in the code itself. */
export interface SyntaxFacts {
  readonly labelledPython2: boolean;
  /** Share of the tree's files that only Python 2 reads, 0 to 1. */
  readonly sharePython2: number;
  /** Names of modules that only Python 2 has are imported unguarded. */
  readonly python2Modules: boolean;
}

/** One interpreter to try and why. `version` is `X.Y`. */
export interface InterpreterChoice {
  readonly version: string;
  readonly why: string;
}

const YEAR = 365 * 24 * 3600 * 1000;
/** A commit before this day is tried with 2.7 first where both lines are declared. */
const BEFORE_3 = Date.parse('2015-01-01T00:00:00Z');
const SHARE_OF_PYTHON_2 = 0.15;

/**
 * Interpreters in the order in which they are tried: what was stated wins; else what suits the code (declared,
 * else Python 2 syntax, else the newest that was a year old at the date), then the other line where both are
 * declared. Empty when nothing at hand suits; `atHand` are versions `X.Y`.
 */
export function chooseInterpreters(
  stated: string,
  declared: DeclaredPython,
  syntax: SyntaxFacts,
  date: string | null,
  atHand: readonly string[],
): InterpreterChoice[] {
  const available = atHand.map(pythonVersion).filter((version) => version !== null);
  if (stated !== 'auto') {
    const wanted = pythonVersion(stated);
    const there = wanted !== null && available.some((version) => comparePython(version, wanted) === 0);
    return there ? [{ version: minorName(wanted), why: `stated: ${stated}` }] : [];
  }
  const at = date === null ? Number.POSITIVE_INFINITY : Date.parse(date);
  const named = declared.named.map(pythonVersion).filter((version) => version !== null);
  const two = available.find((version) => version.major === 2);
  const three = chooseThree(declared, named, available, at);
  const declares2 = named.some((version) => version.major === 2) || declared.exact?.startsWith('2') === true;
  const declares3 =
    named.some((version) => version.major === 3) ||
    declared.exact?.startsWith('3') === true ||
    declared.ranges.some((range) => !allowsPython(range, { major: 2, minor: 7 }));
  const only2 = syntax.labelledPython2 || syntax.sharePython2 > SHARE_OF_PYTHON_2;
  const why2 = only2
    ? 'Python 2 syntax'
    : declares2 && !declares3
      ? 'only Python 2 declared'
      : syntax.python2Modules && !declares3
        ? 'modules of Python 2, no 3.x declared'
        : null;
  const choices: InterpreterChoice[] = [];
  if (two !== undefined && why2 !== null) choices.push({ version: minorName(two), why: why2 });
  if (three !== null && !only2) choices.push(three);
  if (two !== undefined && why2 === null && declares2) {
    const second = { version: minorName(two), why: 'declared beside 3.x' };
    if (at < BEFORE_3) choices.unshift(second);
    else choices.push(second);
  }
  return choices;
}

function chooseThree(
  declared: DeclaredPython,
  named: readonly PythonVersion[],
  available: readonly PythonVersion[],
  at: number,
): InterpreterChoice | null {
  const threes = available.filter((version) => version.major === 3).sort(comparePython);
  const allowed = threes.filter((version) => declared.ranges.every((range) => allowsPython(range, version)));
  const pool = allowed.length > 0 ? allowed : threes;
  const exact = declared.exact === null ? null : pythonVersion(declared.exact);
  if (exact !== null && threes.some((version) => comparePython(version, exact) === 0)) {
    return { version: minorName(exact), why: `declared exactly (${declared.sources.join(', ')})` };
  }
  const wanted = [...named.filter((version) => version.major === 3), ...(exact?.major === 3 ? [exact] : [])];
  if (wanted.length > 0) {
    const highest = wanted.reduce((a, b) => (comparePython(a, b) > 0 ? a : b));
    const matching = pool.filter((version) => wanted.some((other) => comparePython(other, version) === 0));
    const best =
      matching.at(-1) ?? pool.find((version) => comparePython(version, highest) > 0) ?? pool.at(-1);
    if (best !== undefined) {
      return { version: minorName(best), why: `newest declared at hand (${declared.sources.join(', ')})` };
    }
  }
  const old = pool.filter((version) => (releasedAt(version) ?? Number.POSITIVE_INFINITY) + YEAR <= at);
  const best = old.at(-1) ?? pool[0];
  if (best === undefined) return null;
  const range = declared.ranges.length === 0 ? '' : `, within ${declared.ranges.join(' and ')}`;
  const why = old.length > 0 ? `newest that was a year old at the date${range}` : `oldest at hand${range}`;
  return { version: minorName(best), why };
}
