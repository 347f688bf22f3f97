import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PatchArtefact, RepoArtefact } from '../../src/model/artefacts.ts';
import { sha, unitId } from '../../src/model/ids.ts';
import type { Labels } from '../../src/model/labels.ts';
import type { Migration } from '../../src/model/migration.ts';
import type { TaskWork } from '../../src/pipeline/task.ts';
import { definePatchEval, loadPatchScore, patchEvalScore } from '../../src/tasks/patch-eval.ts';
import { removeTree } from '../../src/workspace/disk.ts';
import { initRepository, treeOfFolder } from '../../src/workspace/git.ts';
import { diffTrees } from '../../src/workspace/patch.ts';
import { library } from '../scoring/trees.ts';

const BEFORE = {
  'pkg/a.py':
    'from .compat import toml\n\n\ndef load(path):\n    with open(path) as f:\n        return toml.load(f)\n',
  'pkg/compat.py': 'import toml\n',
  'pkg/same.py': 'import os\n',
};
const AFTER = {
  ...BEFORE,
  'pkg/a.py':
    'import tomli\n\n\ndef load(path):\n    with open(path, "rb") as f:\n        return tomli.load(f)\n',
};

const root = mkdtempSync(path.join(tmpdir(), 'mig-pipeline-patch-eval-'));
const repoDir = path.join(root, 'repo');
let repo: RepoArtefact;
let goldPatch: Buffer;
let count = 0;

async function treeOf(files: Record<string, string>) {
  const dir = mkdtempSync(path.join(root, 'tree-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(dir, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  const tree = await treeOfFolder(repoDir, dir);
  if (!tree.ok) throw new Error(JSON.stringify(tree.failure));
  return sha(tree.value);
}

async function patchTo(files: Record<string, string>): Promise<Buffer> {
  const made = await diffTrees(repoDir, repo.beforeTree, await treeOf(files));
  if (!made.ok) throw new Error(made.failure.detail);
  return made.value.patch;
}

beforeAll(async () => {
  await initRepository(repoDir);
  const [beforeTree, afterTree] = [await treeOf(BEFORE), await treeOf(AFTER)];
  repo = { dir: repoDir, beforeTree, afterTree, date: null, missing: [] };
  goldPatch = await patchTo(AFTER);
});
afterAll(() => removeTree(root));

async function evaluate(patch: Buffer, labels: Labels = 'derived', given: RepoArtefact = repo) {
  const dir = path.join(root, `run-${++count}`);
  const folder = (name: string): string => {
    const made = path.join(dir, name);
    mkdirSync(made, { recursive: true });
    return made;
  };
  writeFileSync(path.join(folder('attempt'), 'migration.patch'), patch);
  const attempt: PatchArtefact = {
    dir: folder('attempt'),
    outcome: patch.length === 0 ? 'no-patch' : 'patch',
    exitCode: 0,
    trust: 'sealed',
    why: '',
  };
  const migration = {
    id: unitId('toml__tomli__local@x__00000000'),
    source: library('toml'),
    target: library('tomli'),
    labels,
  } as unknown as Migration;
  const task = definePatchEval({ migration, outputDir: path.join(dir, 'out'), variant: 'gold~existing' });
  const artefacts: Record<string, unknown> = { repo_dl: given, coding_agent: attempt };
  const work: TaskWork = {
    dir: folder('out'),
    scratchDir: folder('scratch'),
    logDir: folder('logs'),
    runId: 'r',
    signal: new AbortController().signal,
    artefact: ((name: string) => artefacts[name]) as TaskWork['artefact'],
    progress: () => undefined,
    warn: () => undefined,
    limited: (_, job) => job(),
  };
  const done = await task.run(work);
  if (!done.ok) throw new Error(JSON.stringify(done.failure));
  const loaded = loadPatchScore(work.dir);
  if (!loaded.ok) throw new Error(loaded.failure);
  return {
    completion: done.value,
    score: loaded.value,
    text: readFileSync(path.join(work.dir, 'score.json'), 'utf8'),
    dir: work.dir,
  };
}

test('the ground truth scores 1, an empty patch 0; both calibrate', async () => {
  const gold = await evaluate(goldPatch);
  expect(gold.score).toMatchObject({ editF1: 1, apply: 'strict', calibration: { noop: 0, gold: 1 } });
  expect(gold.score.labels.used).toBe('derived');
  expect(gold.completion).toMatchObject({ outcome: 'scored', files: ['score.json', 'labels.json'] });
  const noop = await evaluate(Buffer.alloc(0));
  expect(noop.score).toMatchObject({ editF1: 0, apply: 'empty' });
  expect(patchEvalScore(noop.score)).toEqual({ status: 'scored', value: 0 });
});

test('a name that comes by way of an unchanged module is found: what is needed is read, though it is alike', async () => {
  const { score, dir } = await evaluate(Buffer.alloc(0));
  expect(score.residualA?.uses.map(({ text }) => text)).toContain('return toml . load ( f )');
  const labels = JSON.parse(readFileSync(path.join(dir, 'labels.json'), 'utf8')) as {
    files: { path: string }[];
  };
  expect(labels.files.map((file) => file.path)).toEqual(['pkg/a.py']);
});

test('equal inputs give equal bytes', async () => {
  const patch = await patchTo({ ...AFTER, 'pkg/a.py': AFTER['pkg/a.py'].replace('"rb"', '"r"') });
  const [first, second] = [await evaluate(patch), await evaluate(patch)];
  expect(second.text).toBe(first.text);
  expect(second.completion.ports).toEqual(first.completion.ports);
  expect(first.score.editF1).toBeGreaterThan(0.5);
  expect(first.score.editF1).toBeLessThan(1);
  expect(first.text).not.toContain(root);
});

test('a patch that cannot go on scores 0 and says why', async () => {
  const conflict = Buffer.from(
    goldPatch
      .toString()
      .replaceAll('toml.load(f)', 'nothing(f)')
      .replace('-from .compat import toml', '-from .other import thing')
      .replace(
        /^index .*$/m,
        'index 1111111111111111111111111111111111111111..2222222222222222222222222222222222222222 100644',
      ),
  );
  const unfit = await evaluate(conflict);
  expect(unfit.score).toMatchObject({ status: 'scored', editF1: 0, apply: 'conflict' });
  expect(patchEvalScore(unfit.score)).toMatchObject({ value: 0, marks: ['apply: conflict'] });
  expect((await evaluate(Buffer.from('hello\n'))).score).toMatchObject({ editF1: 0, apply: 'malformed' });
});

test('identical trees are not applicable; nothing to derive from is unscored', async () => {
  const same = await evaluate(Buffer.alloc(0), 'derived', { ...repo, afterTree: repo.beforeTree });
  expect(patchEvalScore(same.score)).toEqual({ status: 'not_applicable', why: 'identical by design' });
  const afterTree = await treeOf({ ...BEFORE, 'pkg/same.py': 'import sys\n' });
  const other = await evaluate(Buffer.alloc(0), 'derived', { ...repo, afterTree });
  expect(patchEvalScore(other.score)).toEqual({ status: 'unscored', why: 'nothing derivable' });
  expect(other.completion).toMatchObject({ outcome: 'unscored', note: 'nothing derivable' });
});

test('a score file that was cut in half does not load', () => {
  const dir = mkdtempSync(path.join(root, 'cut-'));
  writeFileSync(path.join(dir, 'score.json'), '{"schema": 1, "sta');
  expect(loadPatchScore(dir).ok).toBe(false);
});
