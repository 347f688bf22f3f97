import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { shownFolder } from '../../src/runners/agent-folder.ts';
import { agentDigest, readAgent } from '../../src/runners/agents.ts';
import { writeFiles } from '../rigs/git-repository.ts';
import { scratchFolder } from '../rigs/scratch.ts';

const MANIFEST = `schema: 1\nrole: coding\nversion: '1'\ndescription: d\ncommand: [sh, /agent/run.sh]\n`;

/** Two agents in one folder, of which the first includes what \`include\` says. */
function shelf(include: string): string {
  const top = scratchFolder();
  writeFiles(path.join(top, 'agents'), {
    'one/agent.yaml': `${MANIFEST}${include}`,
    'one/run.sh': 'one',
    'two/agent.yaml': MANIFEST,
    'two/run.sh': 'two',
    'two/kit/a.py': 'a',
    'two/kit/deep/b.py': 'b',
    'two/kit/__pycache__/a.pyc': 'x',
    '../outside.py': 'secret',
  });
  return path.join(top, 'agents', 'one');
}
const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();

test('a folder and a file of a sibling are shown beside its own, and enter its digest', () => {
  const dir = shelf('include:\n  kit: ../two/kit\n  more/other.sh: ../two/run.sh\n');
  const agent = readAgent(dir, 'folder');
  if (!agent.ok) throw new Error(agent.failure.problem);
  const shown = shownFolder(agent.value, path.join(scratchFolder(), 'shown'));
  expect(filesIn(shown)).toEqual(['agent.yaml', 'kit/a.py', 'kit/deep/b.py', 'more/other.sh', 'run.sh']);
  expect(readFileSync(path.join(shown, 'more/other.sh'), 'utf8')).toBe('two');
  const before = agentDigest(agent.value);
  writeFileSync(path.join(dir, '../two/kit/deep/b.py'), 'c');
  expect(agentDigest(agent.value)).not.toBe(before);
});

test('without any it is shown its own folder', () => {
  const dir = shelf('');
  const agent = readAgent(dir, 'folder');
  if (!agent.ok) throw new Error(agent.failure.problem);
  const into = path.join(scratchFolder(), 'shown');
  mkdirSync(into);
  expect(shownFolder(agent.value, into)).toBe(dir);
  expect(readdirSync(into)).toEqual([]);
});

test.each([
  ['what lies outside of the folder of agents', 'x: ../../outside.py', /leads out/],
  ['the whole folder of agents', 'x: ..', /leads out/],
  ['what is not there', 'x: ../two/none', /is not there/],
  ['a place outside of its own folder', '../x: ../two/kit', /./],
])('%s is refused with its line', (_, line, problem) => {
  const read = readAgent(shelf(`include:\n  ${line}\n`), 'folder');
  expect(read).toMatchObject({
    ok: false,
    failure: { reason: 'config-invalid', line: expect.any(Number) as number },
  });
  expect(read.ok ? '' : read.failure.problem).toMatch(problem);
});
