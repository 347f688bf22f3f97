import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ManifestFacts } from './manifests/facts.ts';
import { normaliseName } from './requirement.ts';

/** Whether the tree brings its own metadata on the import path (`<name>.egg-info`, `.dist-info`). */
export function hasOwnMetadata(paths: readonly string[], pythonpath: readonly string[]): boolean {
  return paths.some((file) => {
    const parts = file.split('/');
    const at = parts.findIndex((part) => /\.(egg|dist)-info$/.test(part));
    return at >= 0 && pythonpath.includes(at === 0 ? '.' : parts.slice(0, at).join('/'));
  });
}

/**
 * Writes metadata for the repository, which itself is not installed: name, version and entry points, so that
 * version look-ups and plug-ins work. Answers the folder's name, null when the manifests name no project.
 */
export function writeMetadata(sitePackages: string, facts: ManifestFacts): string | null {
  if (facts.name === null || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(facts.name)) return null;
  const version = facts.version !== null && /^[\w.+!-]+$/.test(facts.version) ? facts.version : '0.0.0';
  const folder = `${normaliseName(facts.name).replaceAll('-', '_')}-${version}.dist-info`;
  const dir = path.join(sitePackages, folder);
  if (existsSync(dir)) return null;
  mkdirSync(dir);
  writeFileSync(
    path.join(dir, 'METADATA'),
    `Metadata-Version: 2.1\nName: ${facts.name}\nVersion: ${version}\n`,
  );
  writeFileSync(path.join(dir, 'INSTALLER'), 'mig-pipeline\n');
  const points = Object.entries(facts.entryPoints)
    .map(([group, all]) => {
      const lines = Object.entries(all).map(([name, target]) => `${name} = ${target}`);
      return `[${group}]\n${lines.join('\n')}\n`;
    })
    .join('\n');
  if (points !== '') writeFileSync(path.join(dir, 'entry_points.txt'), points);
  return folder;
}
