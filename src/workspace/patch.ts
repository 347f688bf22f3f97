import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GitFailure } from '../model/failures/source.ts';
import { type Sha, sha } from '../model/ids.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { git, lsTree } from './git.ts';
import { PATCH_LIMITS, type PatchLimits, type SkippedEntry } from './patch-entries.ts';
import { isWorldsDoing, patchProblem } from './patch-guard.ts';
import { ANY_NAME, snapshotFolder } from './patch-snapshot.ts';

/** The difference between a base and what a folder holds now. */
export interface TakenPatch {
  /** Empty when nothing differs. The same difference has the same bytes, always. */
  readonly patch: Buffer;
  /** Id of the folder's tree; its objects are gone when this is returned. */
  readonly tree: Sha;
  /** Paths that differ, in git's order; both names of a rename. */
  readonly files: string[];
  /** What could not or must not be taken, and why. */
  readonly skipped: readonly SkippedEntry[];
  /** New files that a pattern of `exclude` left out. */
  readonly excluded: readonly string[];
}

/** No patch within bounds takes git this long. */
const APPLY_MS = 300_000;
const ATTRIBUTES =
  '* !merge !filter !diff !text !eol !crlf !ident !whitespace !working-tree-encoding !conflict-marker-size !delta\n';

/** Every option that configuration, attributes or a newer git could decide otherwise. */
const DIFF = [
  'diff-tree', '-r', '-p', '--binary', '--full-index', '--no-ext-diff', '--no-textconv', '--no-color', '-M50%',
  '-l1000', '-U3', '--diff-algorithm=myers', '--no-indent-heuristic', '--src-prefix=a/', '--dst-prefix=b/',
  '--inter-hunk-context=0', '--ignore-submodules=none', '--submodule=short',
]; // prettier-ignore

/**
 * What `workspaceDir` differs from the base tree. Reads the folder as it lies there: never its `.git`, its
 * attributes or ignore files, never through a link; binary content, modes, renames and any name survive. What
 * cannot be taken is recorded in `skipped` and is as in the base.
 */
export async function takePatch(
  base: { readonly repo: string; readonly tree: Sha },
  workspaceDir: string,
  exclude: readonly string[],
  limits: PatchLimits = PATCH_LIMITS,
): Promise<Result<TakenPatch, GitFailure>> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'mig-pipeline-patch-'));
  try {
    const gitDir = await privateGitDir(path.join(scratch, 'objects.git'), base.repo, base.tree);
    if (!gitDir.ok) return gitDir;
    const snapshot = await snapshotFolder(gitDir.value, base.tree, workspaceDir, exclude, limits);
    if (!snapshot.ok) return snapshot;
    const { tree, skipped, excluded } = snapshot.value;
    const difference = await diffTrees(gitDir.value, base.tree, tree);
    if (!difference.ok) return difference;
    return ok({ ...difference.value, tree, skipped, excluded });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The patch between two trees that `repo` can read, by the same options as `takePatch`. */
export async function diffTrees(
  repo: string,
  from: Sha,
  to: Sha,
): Promise<Result<{ readonly patch: Buffer; readonly files: string[] }, GitFailure>> {
  if (from === to) return ok({ patch: Buffer.alloc(0), files: [] });
  const env = { GIT_DIR: gitDirOf(repo) };
  const patch = await git(repo, [...DIFF, from, to], { env });
  if (!patch.ok) return patch;
  const names = await git(repo, ['diff-tree', '-r', '--name-only', '--no-renames', '-z', from, to], { env });
  if (!names.ok) return names;
  const files = names.value.stdout
    .toString()
    .split('\0')
    .filter((name) => name !== '');
  return ok({ patch: patch.value.stdout, files });
}

/** The tree that a patch makes of another one. */
export interface AppliedPatch {
  /** git folder in which the tree can be read; it borrows the objects of the repository. */
  readonly objects: string;
  readonly tree: Sha;
  readonly how: 'empty' | 'strict' | '3way';
}

/** `malformed`: not a patch, or one that names a place outside the tree; `conflict`: it does not fit the tree. */
export interface PatchUnfit {
  readonly reason: 'conflict' | 'malformed';
  /** git's own words. */
  readonly detail: string;
}

/**
 * Applies a patch to a tree: strictly, else by three-way merge without conflicts. Works on a temporary index
 * below `scratchDir`; no work tree is ever written. `git-failed` is git's own trouble, not the patch's.
 */
export async function applyPatch(
  repo: string,
  beforeTree: Sha,
  patch: Buffer,
  scratchDir: string,
): Promise<Result<AppliedPatch, PatchUnfit | GitFailure>> {
  mkdirSync(scratchDir, { recursive: true });
  const made = await privateGitDir(mkdtempSync(path.join(scratchDir, 'patched-')), repo, beforeTree);
  if (!made.ok) return made;
  const objects = made.value;
  if (patch.length === 0) return ok({ objects, tree: beforeTree, how: 'empty' });
  const problem = patchProblem(patch);
  if (problem !== null) return fail({ reason: 'malformed', detail: problem });
  const env = { GIT_DIR: objects, GIT_INDEX_FILE: path.join(objects, 'patched.index') };
  const options = { env, input: patch, timeoutMs: APPLY_MS };
  const parsed = await git(objects, [...ANY_NAME, 'apply', '--numstat', '-'], options);
  if (!parsed.ok) return notApplied('malformed', parsed.failure);

  let detail = '';
  for (const how of ['strict', '3way'] as const) {
    const read = await git(objects, ['read-tree', beforeTree], { env });
    if (!read.ok) return read;
    const merge = how === 'strict' ? [] : ['--3way'];
    const args = [...ANY_NAME, 'apply', '--cached', ...merge, '--whitespace=nowarn', '-'];
    const applied = await git(objects, args, options);
    if (applied.ok) {
      const tree = await git(objects, [...ANY_NAME, 'write-tree', '--missing-ok'], { env });
      if (!tree.ok) return notApplied('conflict', tree.failure);
      const made = sha(tree.value.stdout.toString().trim());
      const large = await copiesTooMuch(objects, patch, beforeTree, made);
      if (!large.ok) return large;
      if (large.value !== null) return fail({ reason: 'malformed', detail: large.value });
      return ok({ objects, tree: made, how });
    }
    if (isWorldsDoing(applied.failure.detail)) return fail(applied.failure);
    detail = detail === '' ? applied.failure.detail : detail;
  }
  return fail({
    reason: /invalid path|beyond a symbolic link/i.test(detail) ? 'malformed' : 'conflict',
    detail,
  });
}

function notApplied(
  reason: PatchUnfit['reason'],
  failure: GitFailure,
): Result<never, PatchUnfit | GitFailure> {
  return fail(isWorldsDoing(failure.detail) ? failure : { reason, detail: failure.detail });
}

/** Copies cost a patch nothing and the tree everything: what they add up to is bounded like all new content. */
async function copiesTooMuch(
  objects: string,
  patch: Buffer,
  before: Sha,
  made: Sha,
): Promise<Result<string | null, GitFailure>> {
  if (!patch.includes('\ncopy from ')) return ok(null);
  const [was, is] = [await lsTree(objects, before), await lsTree(objects, made)];
  if (!was.ok) return was;
  if (!is.ok) return is;
  const known = new Set(was.value.map((entry) => `${entry.path}\0${entry.id}`));
  const fresh = is.value.filter((entry) => !known.has(`${entry.path}\0${entry.id}`));
  const bytes = fresh.reduce((sum, { size }) => sum + Math.max(size, 0), 0);
  return ok(bytes > PATCH_LIMITS.newBytes ? `its copies add up to ${bytes} bytes` : null);
}

/** An empty git folder of our own that borrows the objects of a repository (a work tree's, bare, or such a folder). */
async function privateGitDir(dir: string, repo: string, tree: Sha): Promise<Result<string, GitFailure>> {
  const format = tree.length === 64 ? 'sha256' : 'sha1';
  const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, dir];
  const made = await git(null, args);
  if (!made.ok) return made;
  mkdirSync(path.join(dir, 'objects', 'info'), { recursive: true });
  writeFileSync(
    path.join(dir, 'objects', 'info', 'alternates'),
    `${path.resolve(gitDirOf(repo), 'objects')}\n`,
  );
  // above every .gitattributes of a tree: no filter, driver, encoding or line end of a repository decides anything
  mkdirSync(path.join(dir, 'info'), { recursive: true });
  writeFileSync(path.join(dir, 'info', 'attributes'), ATTRIBUTES);
  return ok(dir);
}

function gitDirOf(repo: string): string {
  const inside = path.join(repo, '.git');
  return existsSync(path.join(inside, 'objects')) ? inside : repo;
}
