import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** What looking for a repository in mirror folders found. */
export interface MirrorSearch {
  /** Object folders of the repositories with that owner and name, best first. */
  readonly named: readonly GitFolder[];
  /** Of repositories with that name under another owner (moved ones); only a commit can vouch for them. */
  readonly moved: readonly GitFolder[];
}

export interface GitFolder {
  /** As the user would name it. */
  readonly dir: string;
  /** Its `objects` folder. Nothing else of it is read: no configuration, no refs. */
  readonly objects: string;
}

/**
 * Looks for `owner/repo` in mirror folders without regard to case: `owner+repo`, then `owner/repo`, each with
 * or without `.git`, bare or not, or with the repository one level deeper.
 */
export function searchMirrors(mirrors: readonly string[], owner: string, repo: string): MirrorSearch {
  const wanted = { owner: owner.toLowerCase(), repo: repo.toLowerCase() };
  const named: GitFolder[] = [];
  const moved: GitFolder[] = [];
  for (const mirror of mirrors) {
    const names = foldersIn(mirror);
    for (const name of names.filter((name) => name.includes('+'))) {
      const plus = name.indexOf('+');
      if (bare(name.slice(plus + 1)) !== wanted.repo) continue;
      const sameOwner = name.slice(0, plus).toLowerCase() === wanted.owner;
      (sameOwner ? named : moved).push(...repositoriesAt(path.join(mirror, name)));
    }
    for (const name of names.filter((name) => !name.includes('+'))) {
      const sameOwner = name.toLowerCase() === wanted.owner;
      for (const below of foldersIn(path.join(mirror, name))) {
        if (bare(below) !== wanted.repo) continue;
        (sameOwner ? named : moved).push(...repositoriesAt(path.join(mirror, name, below)));
      }
    }
  }
  return { named, moved };
}

/** Repositories at a folder: itself, its `.git`, else those of its children. */
export function repositoriesAt(dir: string): GitFolder[] {
  const own = gitFolder(dir);
  if (own !== undefined) return [own];
  return foldersIn(dir).flatMap((name) => gitFolder(path.join(dir, name)) ?? []);
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\.git$/, '');
}

function foldersIn(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => isFolder(path.join(dir, name)))
      .sort();
  } catch {
    return [];
  }
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
}

function gitFolder(dir: string): GitFolder | undefined {
  for (const candidate of [dir, path.join(dir, '.git')]) {
    const gitDir = isFolder(candidate) ? candidate : linked(candidate);
    if (gitDir === undefined) continue;
    const objects = path.join(commonDir(gitDir), 'objects');
    if (isFolder(objects) && statSync(path.join(gitDir, 'HEAD'), { throwIfNoEntry: false })?.isFile()) {
      return { dir, objects };
    }
  }
  return undefined;
}

/** A `.git` file names the real folder (work trees, submodules). */
function linked(file: string): string | undefined {
  const target = /^gitdir: (.+)$/m.exec(textOf(file))?.[1];
  return target === undefined ? undefined : path.resolve(path.dirname(file), target.trim());
}

function commonDir(gitDir: string): string {
  const shared = textOf(path.join(gitDir, 'commondir')).trim();
  return shared === '' ? gitDir : path.resolve(gitDir, shared);
}

function textOf(file: string): string {
  const status = statSync(file, { throwIfNoEntry: false });
  return status?.isFile() === true && status.size < 4096 ? readFileSync(file, 'utf8') : '';
}
