import path from 'node:path';
import type { Json } from '../model/json.ts';
import type { TreeSource } from '../model/migration.ts';
import { digestJson } from '../workspace/disk.ts';
import type { TreeForm } from './manifest-form.ts';

/** Has a scheme, or is `host:path`: an address and no folder. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/|^[^/\\:]+@?[^/\\:]*:(?!\\)/i;

/** Where a tree comes from; folders are resolved against the manifest's own folder. */
export function treeSource(form: TreeForm, manifestDir: string): TreeSource {
  if ('sdist' in form) {
    return { kind: 'sdist', name: form.sdist, version: form.version, sha256: form.sha256 ?? null };
  }
  if ('path' in form) return { kind: 'path', dir: path.resolve(manifestDir, form.path) };
  const url = ADDRESS.test(form.git) ? form.git : path.resolve(manifestDir, form.git);
  return { kind: 'git', url, commit: form.commit, parentOf: false };
}

/**
 * Who owns the repository and what it is called, from the later tree: the address's last two parts, `pypi` and
 * the package, or `local` and the folder that holds both trees (the repository's own for a local clone).
 */
export function ownerAndRepo(
  before: TreeForm,
  after: TreeForm,
  manifestDir: string,
): { owner: string; repo: string } {
  if ('sdist' in after) return { owner: 'pypi', repo: after.sdist };
  if ('path' in after) {
    const later = path.resolve(manifestDir, after.path);
    const earlier = 'path' in before ? path.resolve(manifestDir, before.path) : path.dirname(later);
    return { owner: 'local', repo: tame(path.basename(sharedFolder(earlier, later))) };
  }
  const parts = after.git
    .replace(/[/\\]+$/, '')
    .replace(/\.git$/, '')
    .split(/[/\\:]+/);
  const repo = tame(path.basename(parts.at(-1) ?? ''));
  if (!ADDRESS.test(after.git) || /^file:/i.test(after.git)) {
    return { owner: 'local', repo: tame(path.basename(path.resolve(manifestDir, parts.join('/')))) };
  }
  return { owner: tame(parts.at(-2) ?? '').replace(/\./g, '-'), repo };
}

/** First eight digits: of the later commit, or of the digest over both fields as written. */
export function shortSha(after: TreeForm, written: { before: Json; after: Json }): string {
  if ('git' in after) return after.commit.slice(0, 8);
  return digestJson({ before: written.before, after: written.after }).slice(0, 8);
}

function sharedFolder(a: string, b: string): string {
  const left = a.split(path.sep);
  const right = b.split(path.sep);
  let same = 0;
  while (same < left.length && same < right.length - 1 && left[same] === right[same]) same++;
  return left.slice(0, same).join(path.sep);
}

function tame(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '') || 'repository';
}
