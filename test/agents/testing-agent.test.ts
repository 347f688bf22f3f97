import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ScriptText } from '../../src/gateway/scripted/script.ts';
import { filesBelow } from '../rigs/pytest-suite.ts';
import { scratchFolder } from '../rigs/scratch.ts';
import { type AgentRun, type Asked, examples, pythonWithPytest, runAgent } from './reference-agent.ts';

let python = '';
beforeAll(() => {
  python = pythonWithPytest();
});

const run = async (turns: ScriptText['turns'], more: Partial<Asked> = {}): Promise<AgentRun> =>
  await runAgent({ turns, toolless: true }, { agent: 'testing-agent', python, mode: 'helper', ...more });

const block = (name: string, text: string): string =>
  `Here it is.\n\n\`\`\`python\n# file: ${name}\n${text}\`\`\`\n`;
const HEAD = 'import pytest\n\nfrom wordtally.cli import main\n\n\n';
const TOP = `def test_top(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("b a a")
    assert main(["-n", "1", str(tmp_path / "a.txt")]) == 0
    assert capsys.readouterr().out.split() == ["2", "a"]


`;
const USAGE = `def test_no_files():
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 2


`;
/** A test for each gate, and the gate it must be dropped by. */
const BAD = {
  imports: 'def test_imports():\n    import optparse\n    assert optparse\n\n\n',
  forbidden: 'def test_forbidden():\n    assert open("/etc/passwd").read()\n\n\n',
  asserts: 'def test_asserts():\n    main(["none"])\n    assert True\n\n\n',
  passes: 'def test_passes():\n    assert main(["no such file"]) == 7\n\n\n',
  isolated: 'STATE = []\n\n\ndef test_isolated_a():\n    STATE.append(1)\n    assert main(["none"]) == 1\n\n\ndef test_isolated_b():\n    assert STATE == [1] and main(["none"]) == 1\n\n\n',
  relevant: 'def test_relevant():\n    from wordtally.core import tally\n    assert tally(["a a"])["a"] == 2\n\n\n',
}; // prettier-ignore
type Row = Readonly<Record<string, unknown>>;
const rows = ({ output }: AgentRun): readonly Row[] =>
  (JSON.parse(readFileSync(path.join(output, 'manifest.json'), 'utf8')) as { tests: readonly Row[] }).tests;
const gatesOf = (done: AgentRun): readonly Row[] => done.trajectory.filter(({ step }) => step === 'gates');

/** How many tests of a suite pass where the pipeline lays them, on a tree of the example. */
function passing(done: AgentRun, side: 'before' | 'after'): string {
  const tree = path.join(scratchFolder(), 'tree');
  cpSync(path.join(examples, 'wordtally', side), tree, { recursive: true });
  cpSync(path.join(done.output, 'tests'), path.join(tree, 'mig_generated', 'tests'), { recursive: true });
  const env = { PATH: '/usr/bin:/bin', PYTHONPATH: tree, PYTHONDONTWRITEBYTECODE: '1' };
  const words = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'mig_generated/tests'];
  return (
    spawnSync(python, words, { cwd: tree, env, encoding: 'utf8' }).stdout.trim().split('\n').at(-1) ?? ''
  );
}

describe.each(['helper', 'eval'] as const)('mode %s', (mode) => {
  test('each bad test is dropped by its gate, the model hears it, and one round of repair is enough', async () => {
    const bad = block('test_cli.py', HEAD + TOP + Object.values(BAD).join(''));
    const done = await run([{ text: bad }, { text: block('test_cli.py', HEAD + TOP + USAGE) }], { mode });
    expect(done.stderr).toBe('');
    const [first, second] = gatesOf(done);
    const dropped = (first!['rejected'] as readonly Row[]).map(({ id, rejected_by }) => [id, rejected_by]);
    expect(dropped).toEqual([
      ['test_cli.py::test_asserts', 'asserts'],
      ['test_cli.py::test_forbidden', 'forbidden'],
      ['test_cli.py::test_imports', 'imports'],
      ['test_cli.py::test_isolated_b', 'isolated'],
      ['test_cli.py::test_passes', 'passes'],
      ['test_cli.py::test_relevant', 'relevant'],
    ]);
    expect(second).toMatchObject({ tests: 2, kept: 2, rejected: [] });
    const heard = done.model.calls()[1]!.body;
    expect(heard).toContain('test_cli.py::test_imports: imports: line');
    expect(heard).toContain('test_cli.py::test_passes: passes: failed: AssertionError: assert 1 == 7');
    expect(done.code).toBe(0);
    expect(done.last).toBe('done: tests kept by the gates that can be tried here: 2; rounds of repair: 1');
    expect(rows(done).map(({ id, kept }) => [id, kept])).toEqual([
      ['test_cli.py::test_no_files', true],
      ['test_cli.py::test_top', true],
    ]);
    expect(passing(done, 'before')).toMatch(/^2 passed/);
    expect(passing(done, 'after')).toMatch(/^2 passed/);
    expect(done.usage).toMatchObject({ model_calls: 2, input_tokens: 2000 });
  });
});

describe('what it knows', () => {
  test('in mode eval a test that holds on one tree only is dropped', async () => {
    const says = (name: string, words: string): string =>
      `def test_${name}(capsys):\n    with pytest.raises(SystemExit):\n        main(["--nope", "x"])\n    assert "${words}" in capsys.readouterr().err\n\n\n`;
    const suite = HEAD + TOP + says('old', 'no such option') + says('new', 'unrecognized arguments');
    const done = await run([{ text: block('test_cli.py', suite) }], {
      mode: 'eval',
      parameters: { rounds: 0 },
    });
    expect(gatesOf(done)[0]!['rejected']).toMatchObject([
      { id: 'test_cli.py::test_new', rejected_by: 'preserved' },
      { id: 'test_cli.py::test_old', rejected_by: 'passes' },
    ]);
    expect(done.last).toMatch(/^rounds: tests kept .*: 1; /);
    expect(done.model.calls()[0]!.body).toContain('+from argparse import ArgumentParser');
    const helper = await run([{ text: block('test_cli.py', suite) }], { parameters: { rounds: 0 } });
    expect(gatesOf(helper)[0]!['rejected']).toMatchObject([
      { id: 'test_cli.py::test_new', rejected_by: 'passes' },
    ]);
    expect(helper.model.calls()[0]!.body).not.toContain('from argparse import');
  });

  test('files that cannot be read or collected, and answers without files, are told', async () => {
    const done = await run([
      { text: 'I would rather talk about it.' },
      {
        text: `${block('test_a.py', 'def test_a(:\n')}${block('test_b.py', 'import nothing_of_that_name\n\n\ndef test_b():\n    assert nothing_of_that_name.x()\n')}`,
      },
      { text: `${block('test_a.py', HEAD + TOP)}${block('test_b.py', HEAD + USAGE)}` },
    ]);
    expect(done.model.calls()[1]!.body).toContain('Your answer holds no file.');
    const heard = done.model.calls()[2]!.body;
    expect(heard).toMatch(/test_a\.py: parses: SyntaxError, line \d/);
    expect(heard).toMatch(/test_b\.py::test_b: passes: .*nothing_of_that_name/);
    expect(rows(done).map(({ id }) => id)).toEqual(['test_a.py::test_top', 'test_b.py::test_no_files']);
  });

  test('a repair that makes it worse is not handed over; files that tests load are', async () => {
    const good = `${block('test_a.py', HEAD.replace('import pytest', 'import pytest\nfrom tools import words') + TOP.replace('["2", "a"]', 'words("2 a")') + BAD.passes)}${block('mig_generated/tests/tools.py', 'def words(text):\n    return text.split()\n')}`;
    const done = await run([
      { text: good },
      { text: block('test_a.py', HEAD + BAD.passes) },
      { text: 'No.' },
    ]);
    expect(rows(done).filter(({ kept }) => kept)).toMatchObject([{ id: 'test_a.py::test_top' }]);
    expect(filesBelow(path.join(done.output, 'tests')).sort()).toEqual(['test_a.py', 'tools.py']);
    expect(gatesOf(done).map(({ kept }) => kept)).toEqual([1, 0, 0]);
  });

  test('it is shown the code around the uses, how it is imported, and tests of the repository', async () => {
    const { model } = await run([{ text: 'x' }], { parameters: { rounds: 0 } });
    const body = JSON.parse(model.calls()[0]!.body) as { messages: { content: string }[]; tools?: unknown };
    const words = body.messages[1]!.content;
    for (const piece of [
      'wordtally/cli.py, imported as wordtally.cli:',
      'def build_parser():',
      'runs on Python 3.11',
      'tests/test_cli.py:\n',
    ])
      expect(words).toContain(piece);
    expect(body.tools).toBeUndefined();
  });
});

describe('a model that does not', () => {
  test.each([
    ['refuses', { fault: 'refuse' }, 'refused', 1],
    ['says nothing', { fault: 'empty', times: 'for-ever' }, 'rounds', 3],
    ['401', { fault: 'unauthorized', times: 'for-ever' }, 'model-error', 1],
    ['is cut for ever', { fault: 'cut', times: 'for-ever' }, 'no-connection', 4],
    ['finds it too long', { fault: 'context-exceeded', times: 'for-ever' }, 'context-exceeded', 1],
  ] as const)('%s: no tests, exit 0, and why', { timeout: 60_000 }, async (_, turn, reason, calls) => {
    for (const form of ['openai', 'anthropic'] as const) {
      const done = await run([turn], { form });
      expect(done).toMatchObject({ code: 0, stderr: '' });
      expect(done.last).toContain(`${reason}: tests kept by the gates that can be tried here: 0; `);
      expect(done.trajectory.at(-1)).toMatchObject({ step: 'end', reason });
      expect(existsSync(path.join(done.output, 'tests'))).toBe(false);
      expect(done.model.calls()).toHaveLength(calls);
    }
  });

  test('fails in the middle: what was good by then is handed over', async () => {
    const suite = block('test_cli.py', HEAD + TOP + BAD.passes);
    const done = await run([{ text: suite }, { fault: 'server-error', times: 'for-ever' }]);
    expect(done.last).toContain('model-error: tests kept by the gates that can be tried here: 1; 500');
    expect(existsSync(path.join(done.output, 'tests', 'test_cli.py'))).toBe(true);
  });
});
