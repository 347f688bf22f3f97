import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { normaliseName } from './requirement.ts';
import { pythonVersion, type PythonVersion } from './version.ts';

/** A distribution as it lies in an environment, read from its own records: nothing is run. */
export interface InstalledDistribution {
  readonly name: string;
  readonly version: string;
  /** Names of distributions that it needs on this interpreter without any extra. */
  readonly needs: readonly string[];
  /** Modules and packages that it brings, one and two levels deep (`yaml`, `google.cloud`). */
  readonly modules: readonly string[];
}

/** The folder of an environment where packages lie. */
export function sitePackages(environment: string, python: string): string {
  return path.join(environment, 'lib', `python${python}`, 'site-packages');
}

/** All distributions of a `site-packages` folder, by name. */
export function readInstalled(folder: string, python: string): InstalledDistribution[] {
  const line = pythonVersion(python) ?? { major: 3, minor: 0 };
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith('.dist-info') && existsSync(path.join(folder, name, 'RECORD')))
    .map((name) => {
      const text = readFileSync(path.join(folder, name, 'METADATA'), 'utf8');
      const record = readFileSync(path.join(folder, name, 'RECORD'), 'utf8');
      return installedDistribution(text, record, line);
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Pure: what METADATA and RECORD say. */
export function installedDistribution(
  metadata: string,
  record: string,
  line: PythonVersion,
): InstalledDistribution {
  const header = metadata.split(/\r?\n\r?\n/, 1)[0] ?? '';
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(header)?.[1]?.trim() ?? '';
  const requires = [
    ...header.matchAll(/^Requires-Dist:[ \t]*([A-Za-z0-9][A-Za-z0-9._-]*)([^;\n]*)(?:;(.*))?$/gim),
  ];
  const needs = requires
    .filter((match) => markerHolds(match[3] ?? '', line))
    .map((match) => normaliseName(match[1] ?? ''));
  return {
    name: normaliseName(field('Name')),
    version: field('Version'),
    needs: [...new Set(needs)],
    modules: modulesOf(record),
  };
}

/** Extras do not hold; of comparisons only those of Python's version are decided, anything else may hold. */
function markerHolds(marker: string, line: PythonVersion): boolean {
  if (/\bextra\s*==/.test(marker)) return false;
  if (/\bor\b/.test(marker)) return true;
  return [...marker.matchAll(/python_(?:full_)?version\s*(<=|>=|<|>|==)\s*['"]([\d.]+)['"]/g)].every(
    (match) => {
      const other = pythonVersion(match[2] ?? '');
      if (other === null) return true;
      const order = line.major - other.major || line.minor - other.minor;
      switch (match[1]) {
        case '<':
          return order < 0;
        case '<=':
          return order <= 0;
        case '>':
          return order > 0;
        case '>=':
          return order >= 0;
        default:
          return order === 0;
      }
    },
  );
}

/** The paths that a RECORD names, relative to site-packages. */
export function recordedFiles(record: string): string[] {
  return record
    .split(/\r?\n/)
    .map((line) => (/^"(.*)",/.exec(line)?.[1] ?? line.split(',')[0] ?? '').replaceAll('""', '"'))
    .filter((file) => file !== '');
}

function modulesOf(record: string): string[] {
  const found = new Set<string>();
  for (const file of recordedFiles(record)) {
    if (file.startsWith('..') || file.startsWith('/') || /\.(dist|egg)-info\//.test(file)) continue;
    if (!/\.(py|pyc|so|pyd)$/.test(file) || file.includes('__pycache__')) continue;
    const parts = file.replace(/(\.cpython-[^/]*|\.abi3)?\.(py|pyc|so|pyd)$/, '').split('/');
    if (parts.at(-1) === '__init__') parts.pop();
    const [first, second] = parts;
    if (first === undefined || first === '') continue;
    found.add(first);
    if (second !== undefined) found.add(`${first}.${second}`);
  }
  return [...found].sort();
}

/**
 * The import names of a library, confirmed by what is installed: the hints that its distribution really
 * brings, else its own top-level names without private ones and tests. Hints stand where it is not installed.
 */
export function confirmedNames(
  hints: readonly string[],
  distribution: InstalledDistribution | undefined,
): readonly string[] {
  if (distribution === undefined) return hints;
  const brings = new Set(distribution.modules);
  const confirmed = hints.filter((name) => brings.has(name.split('.').slice(0, 2).join('.')));
  if (confirmed.length > 0) return confirmed;
  const top = distribution.modules.filter(
    (name) =>
      !name.includes('.') && !name.startsWith('_') && !/^(tests?|testing|examples?|docs?)$/i.test(name),
  );
  return top.length > 0 ? top : hints;
}
