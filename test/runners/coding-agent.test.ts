import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { requireAgent } from '../../src/runners/agents.ts';
import type { LedgerSummary } from '../../src/model/model-calls.ts';
import { ok } from '../../src/model/result.ts';
import type { CodingRequest } from '../../src/runners/coding-agent.ts';
import type { ModelAccess } from '../../src/runners/model-door.ts';
import { ensureTool } from '../../src/runners/tools.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { BEFORE, dockerRuntime, localRuntimes, play, recordOf } from '../rigs/agent-rig.ts';
import { engineSocket } from '../rigs/engine.ts';

for (const [name, runtime] of localRuntimes()) {
  describe(`local runtime (${name})`, { timeout: 120_000 }, () => {
    hostile(() => Promise.resolve(runtime));
    ruleBased(() => Promise.resolve(runtime));
  });
}
describe.skipIf(engineSocket === null)('docker runtime', { timeout: 120_000 }, () => {
  hostile(dockerRuntime);
  ruleBased(dockerRuntime);
});

const UNCALLED: LedgerSummary = {
  ...{
    schema: 1,
    calls: 0,
    answered: 0,
    refused: {},
    usd: 0,
    models: {},
    refusals: 0,
    empty: 0,
    toolCalls: 0,
  },
  usage: { inputTokens: 0, cachedTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 },
  unmetered: { calls: 0, tokens: 0, usd: 0 },
  ...{ last: null, budget: null, unseen: 0, seconds: 0, waitedSeconds: 0 },
};
/** A gateway at whose socket nobody is, and which says how often anybody came. */
const nobody = (connections: () => number): ModelAccess => ({
  gateway: {
    open: () =>
      Promise.resolve(
        ok({
          token: 'sk-mig-nobody',
          port: null,
          connections,
          summary: () => UNCALLED,
          inFlight: () => 0,
          close: () => Promise.resolve(UNCALLED),
          problem: () => null,
        }),
      ),
    close: () => Promise.resolve(),
  },
  ...{ model: 'm', shown: 'p/m', form: 'openai', door: 'socket', meters: [] },
});

/** The same agents, and the same answers, wherever they run. */
function hostile(open: () => Promise<Runtime>): void {
  test('20 MB on stdout: a patch; the kept copy has head and tail, and says what is missing', async () => {
    const played = await play('loud', await open());
    const record = recordOf(played);
    expect(record).toMatchObject({ outcome: 'patch', exitCode: 0 });
    expect(record.outputBytes).toBeGreaterThan(20_000_000);
    const log = path.join(played.dir, 'agent.stdout');
    expect(statSync(log).size).toBeLessThan(3 << 20);
    expect(readFileSync(log, 'utf8')).toMatch(/left out[^]*the last line\n$/);
  });

  test('binary output is kept byte for byte', async () => {
    const played = await play('binary-output', await open());
    expect(recordOf(played).outcome).toBe('no-patch');
    const log = readFileSync(path.join(played.dir, 'agent.stdout'));
    expect(
      log.equals(
        Buffer.concat(
          Array.from({ length: 100 }, () => Buffer.from(Array.from({ length: 256 }, (_, i) => i))),
        ),
      ),
    ).toBe(true);
  });

  test('children that it leaves are gone when the attempt ends', async () => {
    const played = await play('leaves-children', await open());
    expect(recordOf(played)).toMatchObject({ outcome: 'patch', exitCode: 0 });
    const alive = path.join(played.scratchDir, 'output', 'alive');
    const seen = existsSync(alive) ? readFileSync(alive, 'utf8') : '';
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(existsSync(alive) ? readFileSync(alive, 'utf8') : '').toBe(seen);
  });

  test('an agent that ignores TERM is ended at its limit, and what it did is kept', async () => {
    const played = await play('ignores-term', await open());
    const record = recordOf(played);
    expect(record).toMatchObject({ outcome: 'timeout', why: 'wall clock limit of 2 s', exitCode: null });
    expect(record.seconds).toBeLessThan(15);
    expect(played.patch()).toContain('+import tomli');
  });

  test('silence longer than the idle limit is a timeout that says so', async () => {
    const played = await play('silent', await open());
    expect(recordOf(played)).toMatchObject({ outcome: 'timeout', ended: 'idle', why: 'no output for 1 s' });
  });

  test('an agent that fills its disk is ended', async () => {
    const played = await play('fills-disk', await open());
    expect(recordOf(played)).toMatchObject({
      outcome: 'crashed',
      ended: 'disk',
      why: 'filled its disk: limit 50 MiB',
    });
  });

  test('a deleted workspace is a patch that deletes', async () => {
    const played = await play('deletes-workspace', await open());
    expect(recordOf(played)).toMatchObject({ outcome: 'patch', exitCode: 0 });
    expect((await played.files()).size).toBe(0);
  });

  test('a broken .git decides nothing', async () => {
    const played = await play('breaks-git', await open());
    const record = recordOf(played);
    expect(record.patch.files).toEqual(['.gitattributes', 'app.py']);
    expect(record.patch.skipped).toEqual([{ path: 'vendored/.git', why: 'git-folder' }]);
  });

  test('links to /etc/passwd stay links, nothing is read through them', async () => {
    const played = await play('links-out', await open());
    const record = recordOf(played);
    const files = await played.files();
    expect(files.get('120000 passwd')).toBe('/etc/passwd');
    expect(played.patch()).not.toContain('root:x:');
    expect(record.output).toEqual({ files: [], leftOut: [{ path: 'trajectory.jsonl', why: 'link' }] });
    expect(record.patch.skipped).toEqual([{ path: 'pipe', why: 'special-file' }]);
  });

  test('CRLF, no newline at the end, binary content, modes and unusual names survive', async () => {
    const played = await play('odd-bytes', await open());
    recordOf(played);
    const files = await played.files();
    expect(files.get('100644 crlf.py')).toBe('import tomli\r\nx = 1\r\n');
    expect(files.get('100644 bare.py')).toBe('import tomli');
    expect(files.get('100644 data.bin')).toBe(
      Buffer.from(Array.from({ length: 256 }, (_, i) => 255 - i)).toString('latin1'),
    );
    expect(files.get('100755 app.py')).toBe(BEFORE['app.py']);
    expect(files.get(`100644  a "b"\t{c} ${Buffer.from('é').toString('latin1')}.py`)).toBe('x = 1\n');
    expect(files.get('100644 \u00ff\u00fe.py')).toBe('y = 1\n');
  });

  test('its own commits and branches change nothing about the patch', async () => {
    const played = await play('commits', await open());
    expect(recordOf(played)).toMatchObject({ outcome: 'patch', exitCode: 0 });
    expect((await played.files()).get('100644 app.py')).toBe('import tomli\nx = 2\n');
  });

  test('a crash is a result with its exit code, and what it left is kept', async () => {
    const played = await play('crashes', await open());
    expect(recordOf(played)).toMatchObject({ outcome: 'crashed', exitCode: 42, why: 'exit code 42' });
    expect(played.patch()).toContain('half a mig');
  });

  test('an agent that changes nothing has no patch, and its last words are the reason', async () => {
    const played = await play('does-nothing', await open());
    expect(recordOf(played)).toMatchObject({
      outcome: 'no-patch',
      why: 'the workspace is unchanged; its last words: no rule for this',
    });
    expect(played.patch()).toBe('');
  });

  test('a patch that is handed over counts where the workspace is unchanged', async () => {
    const played = await play('hands-over', await open());
    expect(recordOf(played)).toMatchObject({
      outcome: 'patch',
      patch: { from: 'handed-over', files: ['app.py'] },
    });
    expect((await played.files()).get('100644 app.py')).toContain('import tomli');
  });

  test('droppings and copied helper tests are left out, and recorded', async () => {
    const played = await play('droppings', await open());
    const { patch } = recordOf(played);
    expect(patch.files).toEqual(['app.py']);
    expect(patch.excluded).toEqual(['.mytool.history', '__pycache__/app.cpython-311.pyc', 'helper_probe.py']);
  });

  test('a command that the sandbox does not have is a failure of the manifest, not of the agent', async () => {
    const played = await play('missing-command', await open());
    expect(played.result).toMatchObject({
      ok: false,
      failure: { class: 'config', reason: 'agent-command-missing', command: 'no-such-program-here' },
    });
  });

  test('a way to the model that leads nowhere is no fault of the agent, unless somebody came through it', async () => {
    const runtime = await open();
    // where commands are plain processes there is no door to be shut
    if (runtime.isolation === 'process') return;
    const closed = {
      reason: 'model-door-closed',
      tried: [{ way: 'socket', detail: expect.stringContaining('model') as string }],
    };
    for (const [later, failure] of [
      [0, closed],
      [1, { reason: 'agent-called-no-model' }],
    ] as const) {
      let asked = 0;
      const access = nobody(() => (asked++ === 0 ? 0 : later));
      const played = await play('writes', runtime, (request) => ({ ...request, access }));
      expect(played.result).toMatchObject({ ok: false, failure: { class: 'infra', ...failure } });
    }
  });

  test('cancelling ends the work and is no outcome', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 1000);
    const played = await play('silent', await open(), (request) => ({ ...request, signal: stop.signal }));
    expect(played.result.ok).toBe(false);
  });
}

/** The rule-based agent as it comes, with its tool, in the sandbox's own Python. */
function ruleBased(open: () => Promise<Runtime>): void {
  test('codemod migrates in its sandbox, and leaves a record of its steps', async () => {
    const cache = path.join(tmpdir(), 'mig-pipeline-test-cache');
    mkdirSync(path.join(cache, 'tools'), { recursive: true });
    const tool = await ensureTool('ast-grep', cache);
    if (!tool.ok) throw new Error(tool.failure.detail);
    const codemod = requireAgent('codemod', 'coding', []);
    if (!codemod.ok) throw new Error(codemod.failure.reason);
    const change = (request: CodingRequest): CodingRequest => ({
      ...request,
      agent: codemod.value,
      tools: { 'ast-grep': tool.value },
    });
    const played = await play('does-nothing', await open(), change, { 'app.py': BEFORE['app.py']! });
    expect(recordOf(played)).toMatchObject({ outcome: 'patch', exitCode: 0, agent: { name: 'codemod' } });
    expect((await played.files()).get('100644 app.py')).toBe("import tomli\n\nprint(tomli.loads('a = 1'))\n");
    expect(recordOf(played).output.files).toEqual(['trajectory.jsonl', 'usage.json']);
  });
}

/** Sandboxes with walls: a plain process can read what its user can. */
function searching(open: () => Promise<Runtime>): void {
  test('a searching agent finds no trace of what was planted in hidden places', async () => {
    const needle = ['planted', 'nonce', String(process.pid), 'a8f3'].join('-');
    process.env['MIG_TEST_PLANTED'] = needle;
    const played = await play('searches', await open(), (request) => ({
      ...request,
      parameters: { needle: Array.from(needle).reverse().join('') },
      helperSuite: { ...request.helperSuite, why: needle },
    }));
    delete process.env['MIG_TEST_PLANTED'];
    recordOf(played);
    const found: unknown = JSON.parse(readFileSync(path.join(played.dir, 'output', 'found.json'), 'utf8'));
    expect(found).toMatchObject({ found: [], commits: 1, reflog: 0, reached: [] });
  });

  test('the same search finds a text that does lie in the workspace', async () => {
    const needle = 'in-plain-sight-77';
    const change = (request: CodingRequest): CodingRequest => ({
      ...request,
      parameters: { needle: Array.from(needle).reverse().join('') },
    });
    const played = await play('searches', await open(), change, { ...BEFORE, 'note.txt': `${needle}\n` });
    const found = JSON.parse(readFileSync(path.join(played.dir, 'output', 'found.json'), 'utf8')) as {
      found: string[];
    };
    expect(found.found).toContain('file /workspace/note.txt');
    expect(found.found).toContain('git objects');
  });
}

for (const [name, runtime] of localRuntimes().filter(([isolation]) => isolation === 'bubblewrap')) {
  describe(`search, local runtime (${name})`, { timeout: 120_000 }, () =>
    searching(() => Promise.resolve(runtime)),
  );
}
describe.skipIf(engineSocket === null)('search, docker runtime', { timeout: 120_000 }, () =>
  searching(dockerRuntime),
);
