/** A Python release as far as interpreters are chosen by it. */
export interface PythonVersion {
  readonly major: number;
  readonly minor: number;
}

/** `3.8` or `3.8.18` to its first two numbers; null for anything else. */
export function pythonVersion(text: string): PythonVersion | null {
  const found = /^(\d+)\.(\d+)(?:\.\d+)?/.exec(text.trim());
  return found === null ? null : { major: Number(found[1]), minor: Number(found[2]) };
}

export const minorName = (version: PythonVersion): string => `${version.major}.${version.minor}`;

/** Orders by release: negative when `a` is older. */
export function comparePython(a: PythonVersion, b: PythonVersion): number {
  return a.major - b.major || a.minor - b.minor;
}

/**
 * Whether some release `X.Y.*` satisfies a specifier of Python versions (`>=3.6,<4`, `~=3.7`, `!=3.0.*`).
 * Clauses that cannot be read are taken as satisfied: they would only shut out what might run.
 */
export function allowsPython(specifier: string, version: PythonVersion): boolean {
  return specifier
    .split(/,|\s+(?=[<>=!~])/)
    .map((clause) => clause.trim().replace(/\s+/g, ''))
    .filter((clause) => clause !== '')
    .every((clause) => allowsClause(clause, version));
}

function allowsClause(clause: string, version: PythonVersion): boolean {
  const parts = /^(\^|~=|~|===?|!=|<=|>=|<|>)?v?(\d+)(?:\.(\d+|\*))?(?:\.(\d+|\*))?/.exec(clause);
  if (parts === null) return true;
  const [, operator = '==', majorText = '', minorText, patch] = parts;
  const major = Number(majorText);
  const wild = minorText === undefined || minorText === '*';
  const minor = wild ? 0 : Number(minorText);
  const order = comparePython(version, { major, minor });
  const hasPatch = patch !== undefined && patch !== '*' && patch !== '0';
  switch (operator) {
    case '>=':
      return order >= 0;
    case '>':
      return hasPatch ? order >= 0 : order > 0;
    case '<=':
      return order <= 0;
    case '<':
      return hasPatch ? order <= 0 : order < 0;
    case '!=':
      return hasPatch || (patch === undefined && !wild) ? true : wild ? version.major !== major : order !== 0;
    case '^':
      return version.major === major && order >= 0;
    case '~=':
      return version.major === major && (patch === undefined ? order >= 0 : order === 0);
    case '~':
      return wild ? version.major === major : order === 0;
    default:
      return wild ? version.major === major : order === 0;
  }
}

/** First release of each line, for "was a year old at the date". */
const RELEASED: Readonly<Record<string, string>> = {
  '2.7': '2010-07-03',
  '3.3': '2012-09-29',
  '3.4': '2014-03-16',
  '3.5': '2015-09-13',
  '3.6': '2016-12-23',
  '3.7': '2018-06-27',
  '3.8': '2019-10-14',
  '3.9': '2020-10-05',
  '3.10': '2021-10-04',
  '3.11': '2022-10-24',
  '3.12': '2023-10-02',
  '3.13': '2024-10-07',
  '3.14': '2025-10-07',
};

/** Instant of the first release of this line, null where unknown (newer than this program). */
export function releasedAt(version: PythonVersion): number | null {
  const day = RELEASED[minorName(version)];
  return day === undefined ? null : Date.parse(`${day}T00:00:00Z`);
}
