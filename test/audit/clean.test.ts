import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { answerOf } from '../../src/audit/answer.ts';
import { auditStart } from '../../src/audit/audit-start.ts';
import { Remembered } from '../../src/audit/remembered.ts';
import { discoverAgents } from '../../src/runners/agents.ts';
import { makeWorkspace } from '../../src/runners/agent-workspace.ts';
import { placesOf } from '../../src/runners/mounts.ts';
import { hiddenKnowledge } from '../../src/tasks/hidden-knowledge.ts';
import { initRepository, treeOfFolder } from '../../src/workspace/git.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const EXAMPLES = path.join(path.dirname(path.dirname(import.meta.dirname)), 'config/benchmarks/examples');
const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));
const library = (name: string) => ({ name, importNames: [name], version: null, constraint: null, provenance: 'stdlib' as const }); // prettier-ignore

test.each(files)('no agent that comes with the pipeline has the answer of %s', async (file) => {
  const [source = '', target = '', , ] = file.split('__'); // prettier-ignore
  const repo = /@(.+)__/.exec(file)?.[1] ?? '';
  const top = scratchFolder();
  const git = path.join(top, 'git');
  expect((await initRepository(git)).ok).toBe(true);
  const tree = async (name: string) => {
    const made = await treeOfFolder(git, path.join(EXAMPLES, repo, name));
    if (!made.ok) throw new Error(made.failure.detail);
    return made.value;
  };
  const [before, after] = [await tree('before'), await tree('after')];
  const workspace = path.join(top, 'workspace');
  expect((await makeWorkspace(git, before, workspace)).ok).toBe(true);
  const at = { kind: 'path' as const, dir: '' };
  const hidden = hiddenKnowledge(
    { owner: 'local', repo, source: [library(source)], target: [library(target)], before: at, after: at },
    { afterTree: after },
  );
  const answer = await answerOf(git, before, hidden);
  if (!answer.ok) throw new Error(answer.failure.detail);
  // there is something to look for
  expect(answer.value.files.size).toBeGreaterThan(0);
  expect(answer.value.lines.size).toBeGreaterThan(4);
  const output = path.join(top, 'output');
  mkdirSync(output);
  const shelf = discoverAgents([]);
  if (!shelf.ok) throw new Error(shelf.failure.reason);
  for (const { name, dir } of shelf.value.agents) {
    const report = await auditStart({
      remembered: new Remembered(null),
      workspace,
      places: placesOf([
        { host: workspace, at: '/workspace', mode: 'rw' },
        { host: output, at: '/output', mode: 'rw' },
        { host: dir, at: '/agent', mode: 'ro' },
      ]),
      ...{ texts: [], variables: { given: [], allowed: [] }, answer: answer.value, image: null },
      ...{ bounds: { dataDir: path.join(top, 'data'), hidden: [git] }, secrets: [], granted: [] },
    });
    expect(report, name).toMatchObject({ ok: true, value: { findings: [], unlooked: [] } });
  }
});
