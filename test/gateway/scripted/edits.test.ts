import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { editCommand } from '../../../src/gateway/scripted/edits.ts';
import { scriptFromPatch } from '../../../src/gateway/scripted/from-patch.ts';
import { modelScript, readScript } from '../../../src/gateway/scripted/script.ts';
import { scratchFolder } from '../../rigs/scratch.ts';
import { asked, scripted, send, understood, type Talk, type Understood } from './asks.ts';

const edit = { path: 'app.py', old: 'import toml\n', new: "import tomli  # it's\n" };
const examples = path.join(import.meta.dirname, '..', '..', '..', 'config', 'benchmarks', 'examples');

async function talk(url: string, what: Talk): Promise<Understood> {
  return await understood('chat', true, await send(url, asked('chat', true, what)));
}
const argumentsOf = ({ calls }: Understood): unknown => JSON.parse(calls[0]?.arguments ?? 'null');

test('an edit goes by the own tool of the agent, after a look at the file where it can look', async () => {
  const { url, calls } = await scripted({ turns: [{ edit }, { finish: 'ready' }] });
  const tools = ['Bash', 'Read', 'Edit'];
  const looked = await talk(url, { tools });
  expect(looked.calls[0]!.name).toBe('Read');
  const edited = await talk(url, { tools, results: ['1: import toml'] });
  expect(edited.calls[0]!.name).toBe('Edit');
  expect(argumentsOf(edited)).toEqual({ file_path: 'app.py', old_string: edit.old, new_string: edit.new });
  expect(await talk(url, { tools, results: ['1: import toml', 'ok'] })).toMatchObject({ text: 'ready' });
  expect(calls().map(({ turn }) => turn)).toEqual([0, 0, 1]);
});

test('an edit that the own tool did not make goes by the shell', async () => {
  const { url } = await scripted({ turns: [{ edit }, { finish: 'ready' }] });
  const tools = ['Bash', 'Edit'];
  expect((await talk(url, { tools })).calls[0]!.name).toBe('Edit');
  const again = await talk(url, { tools, results: ['Error: app.py has not been read'] });
  expect(argumentsOf(again)).toMatchObject({ command: editCommand(edit) });
  expect(await talk(url, { tools, results: ['Error', 'edited app.py'] })).toMatchObject({ text: 'ready' });
});

test('a tool that asks for absolute paths gets one, where the agent says in which folder it works', async () => {
  const said = {
    'I am working in the directory: /home/me/work': '/home/me/work/app.py',
    'a title/description. Primary working directory: /w/x.': '/w/x/app.py',
    '<cwd>/w</cwd>': '/w/app.py',
    '<description>In the project directory.</description> title/description': 'app.py',
  };
  for (const [words, place] of Object.entries(said)) {
    const { url } = await scripted({ turns: [{ edit }] });
    const answer = await talk(url, { tools: ['Bash', 'replace'], words });
    expect(argumentsOf(answer)).toMatchObject({ file_path: place });
  }
});

test('by the shell where there is no such tool, or the script wants it so', async () => {
  const plain = await scripted({ turns: [{ edit }] });
  expect(argumentsOf(await talk(plain.url, {}))).toMatchObject({ command: editCommand(edit) });
  const wanted = await scripted({ turns: [{ edit }], edits: 'shell' });
  expect(argumentsOf(await talk(wanted.url, { tools: ['Bash', 'Edit'] }))).toMatchObject({
    command: editCommand(edit),
  });
});

test('the command edits once, makes new files, changes nothing when done again, and fails where the piece is not', () => {
  const dir = scratchFolder();
  const file = path.join(dir, 'app.py');
  writeFileSync(file, 'import toml\r\nx = 1\n');
  const run = (what: typeof edit): number | null =>
    spawnSync('sh', ['-c', editCommand(what)], { cwd: dir }).status;
  expect(run({ ...edit, old: 'toml', new: 'tomli "\\n$HOME' })).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe('import tomli "\\n$HOME\r\nx = 1\n');
  expect(run({ path: 'app.py', old: 'x = 1', new: 'y = 2' })).toBe(0);
  expect(run({ path: 'app.py', old: 'x = 1', new: 'y = 2' })).toBe(0);
  expect(run({ path: 'app.py', old: 'z = 1', new: 'z = 2' })).not.toBe(0);
  expect(run({ path: 'new/deep.py', old: '', new: 'a = 1\n' })).toBe(0);
  expect(readFileSync(path.join(dir, 'new', 'deep.py'), 'utf8')).toBe('a = 1\n');
  expect(readFileSync(file, 'utf8')).toBe('import tomli "\\n$HOME\r\ny = 2\n');
});

test('aider: all edits that follow one another, as blocks, in one answer', async () => {
  const other = { path: 'b.py', old: 'x\n', new: '' };
  const { url, calls } = await scripted({ turns: [{ edit }, { edit: other }, { text: 'more' }] });
  const words = 'Every *SEARCH/REPLACE block* must use this format: <<<<<<< SEARCH';
  const { text } = await talk(url, { words, tools: [] });
  expect(text).toContain(
    "app.py\n```\n<<<<<<< SEARCH\nimport toml\n=======\nimport tomli  # it's\n>>>>>>> REPLACE\n```",
  );
  expect(text).toContain('b.py\n```\n<<<<<<< SEARCH\nx\n=======\n>>>>>>> REPLACE\n```');
  expect(await talk(url, { words, tools: [], results: ['x'] })).toMatchObject({ text: 'more' });
  expect(calls().map(({ turn }) => turn)).toEqual([0, 2]);
});

test('mini-swe-agent: ends by its own command, as a tool and as a fenced text', async () => {
  const words = 'End with `echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT`';
  const { url } = await scripted({ turns: [{ finish: '' }] });
  expect(argumentsOf(await talk(url, { words }))).toMatchObject({
    command: 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT',
  });
  const { text } = await talk(url, { words, tools: [] });
  expect(text).toContain('```bash\necho COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\n```');
});

test('toolless: an agent of its own kind is answered without tools, and titles still spend no turn', async () => {
  const { url } = await scripted({ turns: [{ text: 'def test(): ...' }], toolless: true });
  expect(await talk(url, { tools: [], words: 'Write a short title for this chat' })).toMatchObject({
    text: 'Migrate a library',
  });
  expect(await talk(url, { tools: [] })).toMatchObject({ text: 'def test(): ...' });
});

test('a script is checked where it is read: file, line and key', () => {
  const read = readScript('schema: 1\nturns:\n  - shel: ls\n', 'a.yaml');
  expect(read).toMatchObject({ ok: false, failure: { file: 'a.yaml', line: 3, nearest: 'shell' } });
  for (const turn of [{}, { shell: 'ls', text: 'x' }, { fault: 'odd' }, { text: 'x', times: 0 }])
    expect(modelScript.safeParse({ schema: 1, turns: [turn] }).success).toBe(false);
});

/** git in a folder, with nobody's configuration. */
function gitIn(dir: string): (...args: string[]) => string {
  const as = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
  const git = (...args: string[]): string =>
    execFileSync('git', [...as, ...args], { cwd: dir, encoding: 'utf8' });
  git('init', '--quiet');
  return git;
}

describe.each(['feedshelf', 'jobcache', 'logslice', 'passmint', 'wordtally'])('the patch of %s', (name) => {
  test.each(['edits', 'shell'] as const)('made by %s gives the tree after', (how) => {
    const dir = scratchFolder();
    const after = path.join(examples, name, 'after');
    const git = gitIn(dir);
    cpSync(path.join(examples, name, 'before'), dir, { recursive: true });
    git('add', '.');
    git('commit', '-qm', 'before');
    cpSync(after, dir, { recursive: true });
    git('add', '.');
    const script = scriptFromPatch(git('diff', '--cached'), how);
    if (!script.ok) throw new Error(script.failure);
    git('reset', '-q', '--hard');
    for (const { edit: one, shell } of script.value.turns) {
      const command = one === undefined ? shell : editCommand(one);
      if (command !== undefined) execFileSync('sh', ['-c', command], { cwd: dir });
    }
    rmSync(path.join(dir, '.git'), { recursive: true });
    expect(spawnSync('diff', ['-r', dir, after], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: '',
    });
  });
});

test('a patch that deletes, renames, empties, makes executable and leaves out the last line end', () => {
  const dir = scratchFolder();
  const git = gitIn(dir);
  mkdirSync(path.join(dir, 'deep'));
  writeFileSync(path.join(dir, 'gone.py'), 'x = 1\n');
  writeFileSync(path.join(dir, 'old name.py'), 'a\nb\nc\nd\ne\nf\ng\nh\n');
  writeFileSync(path.join(dir, 'open.py'), 'first\nlast');
  writeFileSync(path.join(dir, 'run.sh'), 'true\n');
  git('add', '.');
  git('commit', '-qm', 'before');
  git('rm', '-q', 'gone.py');
  git('mv', 'old name.py', 'deep/new.py');
  writeFileSync(path.join(dir, 'deep', 'new.py'), 'a\nb\nc\nD\ne\nf\ng\nh\n');
  writeFileSync(path.join(dir, 'open.py'), 'first\nlast!\n');
  writeFileSync(path.join(dir, 'empty.py'), '');
  execFileSync('chmod', ['755', 'run.sh'], { cwd: dir });
  git('add', '.');
  const patch = git('diff', '--cached', '-M');
  git('reset', '-q', '--hard');
  const script = scriptFromPatch(patch);
  if (!script.ok) throw new Error(script.failure);
  for (const { edit: one, shell } of script.value.turns) {
    const command = one === undefined ? shell : editCommand(one);
    if (command !== undefined) execFileSync('sh', ['-c', command], { cwd: dir });
  }
  expect(['gone.py', 'old name.py'].map((name) => existsSync(path.join(dir, name)))).toEqual([false, false]);
  expect(readFileSync(path.join(dir, 'deep', 'new.py'), 'utf8')).toBe('a\nb\nc\nD\ne\nf\ng\nh\n');
  expect(readFileSync(path.join(dir, 'open.py'), 'utf8')).toBe('first\nlast!\n');
  expect(statSync(path.join(dir, 'empty.py')).size).toBe(0);
  expect(statSync(path.join(dir, 'run.sh')).mode & 0o100).toBe(0o100);
});

test('what is no patch of text says why', () => {
  expect(scriptFromPatch('')).toEqual({ ok: false, failure: 'an empty patch' });
  expect(scriptFromPatch('hello')).toMatchObject({ ok: false });
  expect(scriptFromPatch('diff --git a/x b/x\nBinary files a/x and b/x differ\n')).toMatchObject({
    ok: false,
    failure: 'a binary file: Binary files a/x and b/x differ',
  });
});
