import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { PatchArtefact, RepoArtefact } from '../../src/model/artefacts.ts';
import { sha, unitId } from '../../src/model/ids.ts';
import type { Labels } from '../../src/model/labels.ts';
import type { Migration } from '../../src/model/migration.ts';
import type { TaskWork } from '../../src/pipeline/task.ts';
import { requireAgent } from '../../src/runners/agents.ts';
import { definePatchEval, loadPatchScore } from '../../src/tasks/patch-eval.ts';
import { defineHalf } from '../../src/tasks/stand-ins.ts';
import { exportTree, initRepository, treeOfFolder } from '../../src/workspace/git.ts';
import { applyPatch } from '../../src/workspace/patch.ts';
import { type Files, writeFiles } from '../rigs/git-repository.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { label, library } from '../scoring/trees.ts';

const MIDDLE = Array.from({ length: 12 }, (_, index) => `x${index} = ${index}\n`).join('');
const BEFORE = `import toml\n${MIDDLE}\n\ndef load(text):\n    return toml.loads(text)\n`;
const AFTER = `import tomli\n${MIDDLE}\n\ndef load(text):\n    return tomli.loads(text)\n`;

async function repository(before: Files, after: Files): Promise<RepoArtefact> {
  const dir = path.join(scratchFolder(), 'repo');
  await initRepository(dir);
  const treeOf = async (files: Files) => {
    const folder = scratchFolder();
    writeFiles(folder, files);
    const tree = await treeOfFolder(dir, folder);
    if (!tree.ok) throw new Error(tree.failure.detail);
    return sha(tree.value);
  };
  return { dir, beforeTree: await treeOf(before), afterTree: await treeOf(after), date: null, missing: [] };
}

function agent(): Parameters<typeof defineHalf>[0]['agent'] {
  const found = requireAgent('half', 'coding', []);
  if (!found.ok) throw new Error(found.failure.reason);
  return found.value;
}

function work(artefacts: Readonly<Record<string, unknown>>): TaskWork {
  return {
    dir: scratchFolder(),
    scratchDir: scratchFolder(),
    logDir: scratchFolder(),
    runId: 'r',
    signal: new AbortController().signal,
    artefact: ((task: string) => artefacts[task]) as TaskWork['artefact'],
    progress: () => undefined,
    warn: () => undefined,
    limited: (_scarce, job) => job(),
  };
}

const halfTask = (labels: Labels) =>
  defineHalf({
    unit: unitId('u'),
    variant: 'half',
    outputDir: '/nowhere',
    agent: agent(),
    migration: migration(labels),
  });
const migration = (labels: Labels): Migration =>
  ({
    id: unitId('u'),
    source: library('toml'),
    target: library('tomli'),
    labels,
  }) as unknown as Migration;

async function halfOf(before: Files, after: Files, labels: Labels = 'derived') {
  const repo = await repository(before, after);
  const on = work({ repo_dl: repo });
  const task = halfTask(labels);
  const done = await task.run(on);
  if (!done.ok) throw new Error(JSON.stringify(done.failure));
  const loaded = task.load(on.dir);
  if (!loaded.ok) throw new Error(loaded.failure);
  const attempt: PatchArtefact = loaded.value;
  const patch = readFileSync(path.join(on.dir, 'migration.patch'));
  return { repo, done: done.value, attempt, patch };
}

/** The files of the tree before with the patch applied, which must go on strictly. */
async function patched(repo: RepoArtefact, patch: Buffer): Promise<(name: string) => Buffer> {
  const applied = await applyPatch(repo.dir, repo.beforeTree, patch, scratchFolder());
  if (!applied.ok) throw new Error(applied.failure.detail);
  expect(applied.value.how).toBe('strict');
  const dir = path.join(scratchFolder(), 'tree');
  await exportTree(applied.value.objects, applied.value.tree, dir);
  return (name) => readFileSync(path.join(dir, name));
}

async function scoreOf(repo: RepoArtefact, attempt: PatchArtefact, labels: Labels = 'derived') {
  const on = work({ repo_dl: repo, coding_agent: attempt });
  const scored = await definePatchEval({
    migration: migration(labels),
    outputDir: '/nowhere',
    variant: 'v',
  }).run(on);
  if (!scored.ok) throw new Error(JSON.stringify(scored.failure));
  const loaded = loadPatchScore(on.dir);
  if (!loaded.ok) throw new Error(loaded.failure);
  return loaded.value;
}

test('half takes the first half of the migration, applies strictly and scores between 0 and 1', async () => {
  const { repo, done, attempt, patch } = await halfOf({ 'app.py': BEFORE }, { 'app.py': AFTER });
  expect(done.outcome).toBe('patch');
  const file = await patched(repo, patch);
  expect(file('app.py').toString()).toBe(BEFORE.replace('import toml\n', 'import tomli\n'));
  const score = await scoreOf(repo, attempt);
  expect(score.calibration).toEqual({ noop: 0, gold: 1 });
  expect(score.editF1).toBeGreaterThan(0);
  expect(score.editF1).toBeLessThan(1);
});

test('it follows the labels of the benchmark: what no label meets is left as it was', async () => {
  const extra = { 'other.py': 'a = 1\n' };
  const given = [
    { path: 'app.py', changes: [...label('app.py', [[1, 1]], [[1, 1]]).changes, ...label('app.py', [[17, 17]], [[17, 17]]).changes] },
  ]; // prettier-ignore
  const { repo, patch, attempt } = await halfOf(
    { 'app.py': BEFORE, ...extra },
    { 'app.py': AFTER, 'other.py': 'a = 2\n' },
    given,
  );
  const file = await patched(repo, patch);
  expect(file('other.py').toString()).toBe('a = 1\n');
  expect(file('app.py').toString()).toContain('import tomli\n');
  const { editF1 } = await scoreOf(repo, attempt, given);
  expect(editF1).toBeGreaterThan(0);
  expect(editF1).toBeLessThan(1);
});

test('a migration that has no half is an outcome with its reason', async () => {
  const one = await halfOf({ 'app.py': 'import toml\n' }, { 'app.py': 'import tomli\n' });
  expect(one.done).toMatchObject({
    outcome: 'no-patch',
    note: 'half: n/a, 1 group of labelled hunks',
    files: ['migration.patch', 'attempt.json'],
  });
  expect(one.attempt).toMatchObject({ outcome: 'no-patch', why: 'half: n/a, 1 group of labelled hunks' });
  expect(one.patch.length).toBe(0);
  const same = await halfOf({ 'app.py': BEFORE }, { 'app.py': BEFORE });
  expect(same.attempt.why).toBe('half: n/a, 0 group of labelled hunks');
});

test('only what changed differs: line ends, mark and coding of the file before stay', async () => {
  const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
  const note = '# caf\u00e9\n';
  const variants: readonly [string, (text: string) => Buffer][] = [
    ['carriage returns', (text) => Buffer.from(crlf(text))],
    ['a mark', (text) => Buffer.from(`\uFEFF${text}`)],
    ['Latin-1', (text) => Buffer.from(note + text, 'latin1')],
    ['UTF-8', (text) => Buffer.from(note + text)],
  ];
  for (const [name, written] of variants) {
    const { repo, patch } = await halfOf({ 'app.py': written(BEFORE) }, { 'app.py': written(AFTER) });
    const file = await patched(repo, patch);
    const wanted = written(BEFORE.replace('import toml\n', 'import tomli\n'));
    expect(file('app.py').equals(wanted), name).toBe(true);
  }
});

test('half reads the ground truth and the labels as a stand-in; the same inputs give the same patch', async () => {
  const task = halfTask('derived');
  expect(task).toMatchObject({ id: 'coding_agent', standIn: 'half' });
  expect(task.needs.map(({ port }) => port)).toEqual(['before', 'after', 'labels']);
  const [first, second] = [
    await halfOf({ 'app.py': BEFORE }, { 'app.py': AFTER }),
    await halfOf({ 'app.py': BEFORE }, { 'app.py': AFTER }),
  ];
  expect(second.done.ports).toEqual(first.done.ports);
  expect(second.patch.equals(first.patch)).toBe(true);
});
