import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ScriptText } from '../../src/gateway/scripted/script.ts';
import {
  agents,
  type AgentRun,
  type Asked,
  competent,
  differs,
  pythonWithPytest,
  runAgent,
} from './reference-agent.ts';

let python = '';
beforeAll(() => {
  python = pythonWithPytest();
});

const run = async (script: Parameters<typeof runAgent>[0], more: Partial<Asked> = {}): Promise<AgentRun> =>
  await runAgent(script, { agent: 'coding-agent', python, ...more });
const turns = (...list: ScriptText['turns']): Omit<ScriptText, 'schema'> => ({ turns: list });
const endOf = ({ trajectory }: AgentRun): unknown => trajectory.at(-1);
const steps = ({ trajectory }: AgentRun, step: string): AgentRun['trajectory'] =>
  trajectory.filter((line) => line.step === step);

describe.each(['openai', 'anthropic'] as const)('a competent model, %s', (form) => {
  test('the example is migrated to the developers own tree, and all of it is on record', async () => {
    const done = await run(competent('wordtally'), { form, helpers: ['tests/test_cli.py'] });
    expect(done.stderr).toBe('');
    expect(differs(done.workspace, 'wordtally', 'after')).toBe('');
    expect(done).toMatchObject({ code: 0, last: 'done: Migrated.' });
    expect(done.trajectory.every(({ schema }) => schema === 1)).toBe(true);
    expect(endOf(done)).toMatchObject({ step: 'end', reason: 'done' });
    expect(steps(done, 'check')).toMatchObject([{ tests: 'helper', passed: true }]);
    const calls = done.model.calls();
    const sum = (name: 'inputTokens' | 'outputTokens' | 'cachedTokens' | 'reasoningTokens'): number =>
      calls.reduce((total, { usage }) => total + (usage?.[name] ?? 0), 0);
    expect(done.usage).toMatchObject({
      model_calls: calls.length,
      input_tokens: sum('inputTokens'),
      cached_tokens: sum('cachedTokens'),
      output_tokens: sum('outputTokens'),
      reasoning_tokens: sum('reasoningTokens'),
    });
    expect(sum('inputTokens')).toBeGreaterThan(1000);
    expect(steps(done, 'call')).toHaveLength(calls.length);
    // own tools were used, and the results came back to the model
    expect(new Set(steps(done, 'tool').map(({ name }) => name))).toEqual(new Set(['read', 'edit']));
    expect(calls.at(-1)!.results).toBe(steps(done, 'result').length);
  });

  test('it is told where the old library is used, and of the new one what is installed', async () => {
    const done = await run(turns({ text: 'x' }), { form, parameters: { steps: 1 } });
    const prompt = JSON.stringify(JSON.parse(done.model.calls()[0]!.body));
    for (const words of [
      'wordtally/cli.py:4: from optparse import OptionParser',
      'wordtally/cli.py:12: parser = OptionParser',
      'Migrate it, as the prompt says.',
      'argparse (of Python 3.',
      'class ArgumentParser(prog=None',
    ])
      expect(prompt).toContain(words);
    expect(prompt).not.toContain('# version');
  });
});

describe('a model that goes on', () => {
  test('every other example, by one shell command', async () => {
    for (const [example, source, target] of [
      ['feedshelf', 'xml.dom.minidom', 'xml.etree.ElementTree'],
      ['passmint', 'random', 'secrets'],
    ] as const) {
      const done = await run(competent(example, 'shell'), { example, source, target });
      expect(differs(done.workspace, example, 'after')).toBe('');
      expect(endOf(done)).toMatchObject({ reason: 'done' });
    }
  });

  test('says it is done too early: it hears what is left, and goes on', async () => {
    const whole = competent('wordtally');
    const early = await run({
      ...whole,
      turns: [{ text: 'All done.', times: 1, retryAfterSeconds: 1, delayMs: 0 }, ...whole.turns],
    });
    expect(steps(early, 'complaint')).toMatchObject([{ reason: 'uses-left' }]);
    expect(early.model.calls()[1]!.body).toContain('The old library is still used:');
    expect(differs(early.workspace, 'wordtally', 'after')).toBe('');
    expect(early.last).toBe('done: Migrated.');
  });

  test('breaks the code: it hears which tests fail', async () => {
    const edit = {
      path: 'wordtally/cli.py',
      old: 'from optparse import OptionParser',
      new: 'from argparse import ArgumentParser as OptionParser',
    };
    const done = await run(turns({ edit }, { text: 'Done.' }), { helpers: ['tests/test_cli.py'] });
    expect(steps(done, 'complaint')[0]).toMatchObject({ reason: 'tests-fail' });
    expect(JSON.stringify(steps(done, 'complaint'))).toMatch(/test_cli\.py.*failed/);
    expect(done.code).toBe(0);
  });

  test('tests run by the tool are in the answer, and are not left in the workspace', async () => {
    const done = await run(turns({ text: 'x' }), {
      parameters: { steps: 1 },
      helpers: ['tests/test_cli.py'],
    });
    expect(differs(done.workspace, 'wordtally', 'before')).toBe('');
    expect(endOf(done)).toMatchObject({ reason: 'steps' });
  });
});

describe('a model that does not', () => {
  test('refuses: no more edits, exit 0, and what it said', async () => {
    for (const form of ['openai', 'anthropic'] as const) {
      const done = await run(turns({ fault: 'refuse' }, { shell: 'touch after.txt' }), { form });
      expect(done).toMatchObject({ code: 0, last: "refused: I can't help with that." });
      expect(endOf(done)).toMatchObject({ step: 'end', reason: 'refused' });
      expect(differs(done.workspace, 'wordtally', 'before')).toBe('');
      expect(done.model.calls()).toHaveLength(1);
    }
  });

  test.each([
    ['empty answers', { fault: 'empty', times: 'for-ever' }, 'empty', 4],
    ['bad arguments for ever', { fault: 'bad-arguments', times: 'for-ever' }, 'bad-arguments', 5],
    ['the same call for ever', { fault: 'loop', shell: 'true', times: 'for-ever' }, 'loop', 6],
    ['calls that lead nowhere', { fault: 'loop', shell: 'date +%N', times: 'for-ever' }, 'steps', 9],
    ['401', { fault: 'unauthorized', times: 'for-ever' }, 'model-error', 1],
    ['429', { fault: 'rate-limited', times: 'for-ever' }, 'model-error', 1],
    ['500', { fault: 'server-error', times: 'for-ever' }, 'model-error', 1],
    ['cut for ever', { fault: 'cut', times: 'for-ever' }, 'no-connection', 4],
    ['malformed for ever', { fault: 'malformed', times: 'for-ever' }, 'broken-answer', 4],
  ] as const)('%s ends in its own way', { timeout: 60_000 }, async (_, turn, reason, calls) => {
    for (const form of ['openai', 'anthropic'] as const) {
      const done = await run(turns(turn), { form, parameters: { steps: 9 } });
      expect(done).toMatchObject({ code: 0, stderr: '' });
      expect(endOf(done)).toMatchObject({ step: 'end', reason });
      expect(done.last.startsWith(`${reason}: `)).toBe(true);
      expect(done.model.calls()).toHaveLength(calls);
    }
  });

  test('an error in the middle keeps what was edited; a cut answer is asked for again', async () => {
    const edit = { path: 'README.md', old: '', new: 'x' };
    const done = await run(
      turns(
        { shell: 'echo kept > kept.txt', fault: 'cut' },
        { edit, fault: 'unauthorized', times: 'for-ever' },
      ),
    );
    expect(done.last).toBe('model-error: 401: the key is not accepted');
    expect(readFileSync(path.join(done.workspace, 'kept.txt'), 'utf8')).toBe('kept\n');
    expect(done.model.calls().map(({ status }) => status)).toEqual([200, 200, 401]);
  });

  test('bad arguments once: it is told what was wrong', async () => {
    const done = await run(turns({ fault: 'bad-arguments' }, { shell: 'true' }, { text: 'x' }), {
      parameters: { steps: 3 },
    });
    expect(steps(done, 'result')[0]).toMatchObject({
      text: expect.stringContaining('no JSON object') as string,
    });
    expect(done.model.calls()[1]!.body).toContain('no JSON object');
  });

  test('never answers: it ends before its time is over', { timeout: 30_000 }, async () => {
    const done = await run(turns({ fault: 'wait' }), { wallSeconds: 3 });
    expect(done).toMatchObject({ code: 0, last: 'time: the model did not answer before the time was over' });
  });

  test('finds the context too long: it is cut, and where that does not help it ends', async () => {
    const filler = { shell: 'python3 -c \'print("word " * 3000)\'' };
    const once = await run(turns(filler, filler, { fault: 'context-exceeded' }, { text: 'x' }), {
      parameters: { steps: 4 },
    });
    expect(steps(once, 'trim')).toHaveLength(1);
    const [, , before, after] = once.model.calls();
    expect(after!.body.length).toBeLessThan(before!.body.length / 1.5);
    const always = await run(turns({ fault: 'context-exceeded', times: 'for-ever' }));
    expect(endOf(always)).toMatchObject({ reason: 'context-exceeded' });
    expect(always.code).toBe(0);
  });
});

test('a start without a model is no result: exit 2', async () => {
  const done = await run(turns({ text: 'x' }), { variables: { MODEL_FORM: 'gemini' } });
  expect(done.code).toBe(2);
  expect(done.stderr).toContain('MODEL_FORM is gemini');
});

describe('context', () => {
  const long = { shell: "python3 -c 'import os; print(os.urandom(4000).hex())'" };
  const usage = { inputTokens: 0 };

  test(
    'never more is sent than the window: old results go first, then old steps, and the task stays',
    { timeout: 60_000 },
    async () => {
      const script = { usage, turns: [...Array.from({ length: 24 }, () => long), { text: 'x' }] };
      const done = await run(script, { parameters: { contextTokens: 14_000, steps: 24 } });
      const sizes = done.model.calls().map(({ body }) => body.length);
      // three characters a token, and what every call carries besides: tools and the envelope
      expect(Math.max(...sizes)).toBeLessThan(14_000 * 3 + 8000);
      const trims = steps(done, 'trim');
      expect(trims.length).toBeGreaterThan(1);
      expect(trims[0]).toMatchObject({ steps_dropped: 0 });
      const last = JSON.parse(done.model.calls().at(-1)!.body) as {
        messages: { role: string; content: string }[];
      };
      expect(last.messages[1]!.content).toContain('Migrate it, as the prompt says.');
      expect(JSON.stringify(last)).toContain('left out: ask again');
    },
  );

  test('whole steps leave a line each, and every call keeps its result', async () => {
    const script = {
      usage,
      turns: [
        ...Array.from({ length: 40 }, (_, at) => ({ shell: `echo ${at} ${'#'.repeat(900)}` })),
        { text: 'x' },
      ],
    };
    for (const form of ['openai', 'anthropic'] as const) {
      const done = await run(script, { form, parameters: { contextTokens: 7000, steps: 40 } });
      expect(steps(done, 'trim').some((line) => Number(line['steps_dropped']) > 0)).toBe(true);
      const body = done.model.calls().at(-1)!.body;
      expect(body).toContain('What you did before, in short');
      const made = new Set([...body.matchAll(/"(?:call|toolu)_0*(\d+)"/g)].map(([, id]) => id));
      for (const id of made)
        expect([...body.matchAll(new RegExp(`"(?:call|toolu)_0*${id!}"`, 'g'))]).toHaveLength(2);
    }
  });

  test('the same conversation is cut in the same way', async () => {
    const script = {
      usage,
      turns: [...Array.from({ length: 12 }, (_, at) => ({ shell: `seq ${at} 2000` })), { text: 'x' }],
    };
    const bodies = [];
    for (let at = 0; at < 2; at++) {
      const done = await run(script, { parameters: { contextTokens: 9000, steps: 12 } });
      bodies.push(done.model.calls().at(-1)!.body.replaceAll(path.dirname(done.workspace), ''));
    }
    expect(bodies[0]).toBe(bodies[1]);
  });
});

test('tools: edits are exact, stay in the workspace, and keep line ends', () => {
  const code = `
import sys, tempfile, pathlib
sys.path.insert(0, ${JSON.stringify(path.join(agents, 'coding-agent'))})
from files import edit_file, read_file
work = pathlib.Path(tempfile.mkdtemp()).resolve()
(work / "a.py").write_bytes(b"x = 1\\r\\ny = 1\\r\\nx = 1\\r\\n")
print(edit_file(work, "a.py", "x = 1\\ny = 1\\n", "z = 2\\n"))
print((work / "a.py").read_bytes())
(work / "b.py").write_text("a\\na\\n")
print(edit_file(work, "b.py", "a\\n", "b\\n"))
print(edit_file(work, "b.py", "c", "b"))
print(edit_file(work, "../out.py", "", "b"))
print(edit_file(work, "b.py", "", "b"))
print(edit_file(work, "n/c.py", "", "b"))
print(read_file(work, "b.py", 2))
`;
  const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-B', '-c', code], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual([
    "('edited a.py, line 1', True)",
    String.raw`b'z = 2\r\nx = 1\r\n'`,
    "('error: the piece stands in b.py 2 times, not once: take more of the lines around it', False)",
    "('error: the piece stands in b.py 0 times, not once: read the file again', False)",
    "('error: ../out.py is not in the workspace', False)",
    "('error: b.py is there already: say what is to be replaced', False)",
    "('made n/c.py', True)",
    '    2 a',
    '[lines 2 to 2 of 2]',
    '',
  ]);
});

test('what takes long gives signs of life, and is over when it is over', () => {
  const code = `
import sys
sys.path.insert(0, ${JSON.stringify(path.join(agents, 'coding-agent'))})
from kit import patience, processes
patience.SECONDS = 0.05
print(processes.run(["sh", "-c", "sleep 0.2; echo x"], "/", 5, {"PATH": "/usr/bin:/bin"}))
print(processes.run(["sh", "-c", "echo begun; sleep 9 & sleep 9"], "/", 0.2, {"PATH": "/usr/bin:/bin"}))
print("end")
`;
  const { stdout } = spawnSync('/usr/bin/python3', ['-B', '-c', code], { encoding: 'utf8', timeout: 8000 });
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => line.startsWith('waiting for a command, ')).length).toBeGreaterThan(2);
  expect(lines).toContain(String.raw`(0, 'x\n')`);
  expect(lines).toContain(String.raw`(None, 'begun\n')`);
  expect(lines.at(-1)).toBe('end');
});
