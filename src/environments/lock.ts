import path from 'node:path';
import { parseToml } from './manifests/toml.ts';
import { table, textOrNull } from './manifests/facts.ts';
import { normaliseName } from './requirement.ts';

/** One file of a distribution in a lock. */
export interface LockedFile {
  /** Address, or path relative to the lock file. */
  readonly at: string;
  readonly kind: 'url' | 'path';
  readonly filename: string;
  readonly sha256: string | null;
}

export interface LockedDistribution {
  readonly name: string;
  readonly version: string;
  readonly sdist: LockedFile | null;
  readonly wheels: readonly LockedFile[];
}

/** Reads a PEP 751 lock as uv writes it; null when it is none. */
export function parseLock(text: string): LockedDistribution[] | null {
  const packages = parseToml(text)?.['packages'] ?? [];
  if (!Array.isArray(packages) || parseToml(text)?.['lock-version'] === undefined) return null;
  return (packages as unknown[]).map((item) => {
    const one = table(item);
    return {
      name: normaliseName(textOrNull(one['name']) ?? ''),
      version: textOrNull(one['version']) ?? '',
      sdist: lockedFile(one['sdist'] ?? one['archive']),
      wheels: (Array.isArray(one['wheels']) ? (one['wheels'] as unknown[]) : [])
        .map(lockedFile)
        .filter((file) => file !== null),
    };
  });
}

function lockedFile(value: unknown): LockedFile | null {
  const one = table(value);
  const url = textOrNull(one['url']);
  const local = textOrNull(one['path']);
  const at = url ?? local;
  if (at === null) return null;
  const filename =
    textOrNull(one['name']) ?? decodeURIComponent(path.posix.basename(at.replace(/[#?].*$/, '')));
  return {
    at,
    kind: url === null ? 'path' : 'url',
    filename,
    sha256: textOrNull(table(one['hashes'])['sha256']),
  };
}

/** Writes a lock that holds wheels alone, so that nothing of it can be built. */
export function wheelsLock(distributions: readonly LockedDistribution[], requiresPython: string): string {
  const lines = [
    'lock-version = "1.0"',
    'created-by = "mig-pipeline"',
    `requires-python = "${requiresPython}"`,
  ];
  for (const one of distributions) {
    lines.push(
      '',
      '[[packages]]',
      `name = ${quote(one.name)}`,
      `version = ${quote(one.version)}`,
      'wheels = [',
    );
    for (const wheel of one.wheels) {
      const hashes = wheel.sha256 === null ? '{}' : `{ sha256 = ${quote(wheel.sha256)} }`;
      lines.push(
        `  { name = ${quote(wheel.filename)}, ${wheel.kind} = ${quote(wheel.at)}, hashes = ${hashes} },`,
      );
    }
    lines.push(']');
  }
  return `${lines.join('\n')}\n`;
}

const quote = (text: string): string => JSON.stringify(text);

/** The distributions' hashes as the record and the port's digest hold them, sorted. */
export function hashesOf(one: LockedDistribution): string[] {
  const files = [...one.wheels, ...(one.sdist === null ? [] : [one.sdist])];
  return files.flatMap((file) => (file.sha256 === null ? [] : [`sha256:${file.sha256}`])).sort();
}

/** Machine names in wheel tags, by Node's name of the architecture. */
const MACHINES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/**
 * Whether a wheel's tags suit CPython `X.Y` on this machine's Linux (glibc). Uses the file name alone; the
 * version of glibc is not looked at, the installer does.
 */
export function suits(filename: string, python: { major: number; minor: number }, arch: string): boolean {
  const parts = filename.replace(/\.whl$/, '').split('-');
  const [pythonTags, abiTags, platformTags] = parts.slice(-3);
  if (
    !filename.endsWith('.whl') ||
    pythonTags === undefined ||
    abiTags === undefined ||
    platformTags === undefined
  ) {
    return false;
  }
  const machine = MACHINES[arch] ?? arch;
  const platform = platformTags
    .split('.')
    .some((tag) => tag === 'any' || (/^(many)?linux/.test(tag) && tag.endsWith(`_${machine}`)));
  if (!platform) return false;
  const abis = abiTags.split('.');
  return pythonTags.split('.').some((tag) => {
    const shape = /^(py|cp)(\d)(\d*)$/.exec(tag);
    if (shape === null || Number(shape[2]) !== python.major) return false;
    const minor = shape[3] === '' || shape[3] === undefined ? null : Number(shape[3]);
    if (shape[1] === 'py') return (minor === null || minor <= python.minor) && abis.includes('none');
    if (abis.includes('abi3')) return minor === null || minor <= python.minor;
    if (abis.includes('none')) return minor === null || minor === python.minor;
    return minor === python.minor;
  });
}
