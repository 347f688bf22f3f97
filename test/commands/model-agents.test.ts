import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Kind } from '../rigs/data-folder.ts';
import { engineSocket } from '../rigs/engine.ts';
import { AGENTS, EDIT, endOf, modelWorld, type ModelWorld } from '../rigs/model-run.ts';
import { TINY } from '../rigs/tiny-migration.ts';
import { relaysOf, withinReach } from '../rigs/within-reach.ts';

const VARIANT = 'asks@scripted%2Fscripted-1';
const CODING = ['--until', 'coding_agent', '--json'];
const WELL = [{ shell: EDIT }, { text: 'Migrated.' }];
const PROBE = path.join(path.dirname(AGENTS), 'reach.py');
const NETWORK = 'gateway: { door: network }\n';
const KINDS = [['local'], ...(engineSocket === null ? [] : [['docker']])] as [Kind][];
/** Every way from a sandbox to the gateway: how it is asked for, and what else the sandbox then has. */
const WAYS = [
  ...KINDS.map(([kind]) => [kind, { kind, config: '', interfaces: ['lo'], peers: [] }] as const),
  ...(engineSocket === null
    ? []
    : [['docker, by a network', { kind: 'docker', config: NETWORK, interfaces: ['eth0', 'lo'], peers: [expect.any(String)] }] as const]),
]; // prettier-ignore

/** Files below a folder that hold a text. */
function holders(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = path.join(dir, name);
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true && readFileSync(file).includes(text);
  });
}

describe.each(KINDS)('%s', (kind) => {
  test('an agent with a model migrates; its tokens and money are counted, and its key is nowhere', async () => {
    const world = await modelWorld(kind);
    const model = await world.says({ turns: WELL });
    const result = await world.run('--json');
    expect(result.code, result.stderr).toBe(0);
    const told = endOf(result);
    expect(told.coding).toMatchObject({ state: 'completed', outcome: 'patch' });
    expect(result.stdout).toContain('"resolved":true');
    // by the script: each of two calls 1000 in (200 cached), 50 out
    const usd = (2 * (800 * 10 + 200 * 1 + 50 * 40)) / 1e6;
    expect(told.model).toMatchObject({ name: 'scripted/scripted-1', calls: 2, usd });
    const { ledger, door } = world.attempt(VARIANT);
    expect(door).toBe('socket');
    expect(ledger).toMatchObject({
      calls: 2,
      answered: 2,
      toolCalls: 1,
      usage: { inputTokens: 2000, cachedTokens: 400, outputTokens: 100, reasoningTokens: 20 },
    });
    expect(model.calls().map(({ status }) => status)).toEqual([200, 200]);
    expect(model.calls()[0]?.headers['authorization']).toBe(`Bearer ${world.key}`);
    expect(world.read(VARIANT, 'exchanges', 'exchanges.jsonl').trim().split('\n')).toHaveLength(2);
    expect(holders(world.data, world.key)).toEqual([]);
    expect(result.stderr).not.toContain(world.key);

    const again = await world.run('--json');
    expect(endOf(again).coding.state).toBe('cached');
    expect(model.calls()).toHaveLength(2);
  }, 240_000);
});

test.each(WAYS)(
  'the sandbox reaches the gateway and nothing else (%s)',
  async (_, { kind, config, interfaces, peers }) => {
    const world = await modelWorld(kind, config);
    const near = await withinReach(kind === 'docker');
    const model = await world.says({ turns: [{ text: 'x' }] });
    const asked = {
      addresses: {
        gateway: ['127.0.0.1', 4100],
        'loopback of this machine': ['127.0.0.1', Number(new URL(model.url).port)],
        ...near.addresses,
      },
      sockets: ['/var/run/docker.sock', '/run/docker.sock', '/run/mig-pipeline/engine/docker.sock'],
      names: ['example.com', 'host.docker.internal', 'host.containers.internal'],
      needle: ['nonce', `-${world.key.slice(9)}`],
    };
    const command = `python3 - '${JSON.stringify(asked)}' <<'PROBE'\n${readFileSync(PROBE, 'utf8')}PROBE`;
    await world.says({ turns: [{ shell: command }, { text: 'Done.' }] });
    const result = await world.run(...CODING);
    expect(result.code, result.stdout).toBe(0);
    const messages = JSON.parse(world.read(VARIANT, 'output', 'seen.json')) as {
      role: string;
      content: string;
    }[];
    const seen: unknown = JSON.parse(messages.find(({ role }) => role === 'tool')!.content.split('\n')[0]!);
    expect(seen).toEqual({ reached: ['gateway'], peers, interfaces, addresses6: [], needles: [] });
    expect(near.touched()).toBe(0);
  },
  240_000,
);

type Row = readonly [
  name: string,
  script: Parameters<ModelWorld['says']>[0]['turns'],
  flags: readonly string[],
  expected: { state: string; outcome?: string; reason?: RegExp; exit: number; calls?: number },
];

/** For each: how the task ends, its word or sentence, and the exit code. */
const ROWS: readonly Row[] = [
  ['a model that refuses', [{ fault: 'refuse', times: 'for-ever' }], [], { state: 'completed', outcome: 'refused', exit: 0 }],
  ['an empty answer', [{ fault: 'empty', times: 'for-ever' }], [], { state: 'completed', outcome: 'no-patch', exit: 0 }],
  ['words alone', [{ text: 'No.' }], [], { state: 'completed', outcome: 'no-patch', exit: 0 }],
  ['status 500 for ever', [{ fault: 'server-error', times: 'for-ever' }], [], { state: 'failed', reason: /none of 1 calls .* was answered \(status 500/, exit: 3 }],
  ['status 429 for ever', [{ fault: 'rate-limited', times: 'for-ever', retryAfterSeconds: 1 }], [], { state: 'failed', reason: /was answered \(status 429/, exit: 3 }],
  ['status 429 twice', [{ fault: 'rate-limited', times: 2, retryAfterSeconds: 0, shell: EDIT }, { text: 'x' }], [], { state: 'completed', outcome: 'patch', exit: 0 }],
  ['a key that is rejected', [{ fault: 'unauthorized', times: 'for-ever' }], [], { state: 'failed', reason: /rejected the key \(401/, exit: 2 }],
  ['a failure after work that was done', [{ shell: EDIT }, { fault: 'server-error', times: 'for-ever' }], [], { state: 'failed', reason: /the last of 2 calls .* failed \(status 500/, exit: 3 }],
  ['a conversation that grew too long', [{ shell: EDIT }, { fault: 'context-exceeded', times: 'for-ever' }], [], { state: 'completed', outcome: 'crashed', exit: 0 }],
  ['a stream that is cut', [{ fault: 'cut', times: 'for-ever' }], ['--param', 'stream=true'], { state: 'failed', reason: /the answer was cut in its middle/, exit: 3 }],
  ['a slow stream', [{ fault: 'slow', delayMs: 50, shell: EDIT }, { text: 'x' }], ['--param', 'stream=true'], { state: 'completed', outcome: 'patch', exit: 0 }],
  ['an answer that is no JSON', [{ fault: 'malformed', times: 'for-ever' }], [], { state: 'failed', exit: 3 }],
  ['bad arguments of tools for ever', [{ fault: 'bad-arguments', times: 'for-ever' }], ['--budget-calls', '5'], { state: 'completed', outcome: 'budget', exit: 0, calls: 5 }],
  ['a loop, and an agent that is deaf to its budget', [{ fault: 'loop', times: 'for-ever' }], ['--budget-calls', '3', '--param', 'then=deaf', '--param', 'calls=12'], { state: 'completed', outcome: 'budget', exit: 0, calls: 3 }],
  ['a model that it may not have', [{ text: 'x' }], ['--param', 'model=other'], { state: 'failed', reason: /No call .* was for a model that it may have/, exit: 2 }],
  ['no call at all', [{ text: 'x' }], ['--param', 'calls=0'], { state: 'failed', reason: /without calling its model once/, exit: 3 }],
  ['one that asks for input', WELL, ['--param', 'then=input'], { state: 'completed', outcome: 'patch', exit: 0 }],
  ['one that prints its token', WELL, ['--param', 'then=print-token'], { state: 'completed', outcome: 'patch', exit: 0 }],
  ['one that commits, rebases and deletes .git', [{ shell: `${EDIT}; git -c user.name=x -c user.email=x commit -qam x; rm -rf .git` }, { text: 'x' }], [], { state: 'completed', outcome: 'patch', exit: 0 }],
  ['one that writes where it may not', [{ shell: `touch /usr/x /input/x /agent/x /gateway/x; ${EDIT}` }, { text: 'x' }], [], { state: 'completed', outcome: 'patch', exit: 0 }],
]; // prettier-ignore

describe('what goes wrong', () => {
  test.each(ROWS)(
    '%s',
    async (_, turns, flags, expected) => {
      const world = await modelWorld('local', 'gateway:\n  patienceSeconds: 3\n');
      await world.says({ turns });
      const result = await world.run(...CODING, ...flags);
      const { coding, variant } = endOf(result);
      expect(result.code, result.stdout).toBe(expected.exit);
      expect(coding.state, coding.reason ?? '').toBe(expected.state);
      if (expected.outcome !== undefined) expect(coding.outcome).toBe(expected.outcome);
      if (expected.outcome === 'patch') expect(world.attempt(variant).patch.files).toEqual(['tally.py']);
      for (const place of ['/usr', path.join(AGENTS, 'asks')])
        expect(existsSync(path.join(place, 'x'))).toBe(false);
      if (expected.reason !== undefined) expect(coding.reason).toMatch(expected.reason);
      if (expected.calls !== undefined) expect(world.attempt(variant).ledger?.calls).toBe(expected.calls);
      expect(holders(world.data, world.key)).toEqual([]);
      if (expected.state === 'completed') {
        expect(holders(path.join(world.data, 'trajectories', TINY, variant), 'Traceback')).toEqual([]);
        // a result is cached
        expect(endOf(await world.run(...CODING, ...flags)).coding.state).toBe('cached');
      } else {
        // a failure of the world is not, and the next run repeats it
        await world.says({ turns: WELL });
        const repaired = /model=other|calls=0/.test(flags.join(' ')) ? [] : flags;
        expect(endOf(await world.run(...CODING, ...repaired)).coding).toMatchObject({
          state: 'completed',
          outcome: 'patch',
        });
      }
    },
    240_000,
  );

  test('a missing key is named', async () => {
    const world = await modelWorld('local');
    const model = await world.says({ turns: WELL });
    const result = await world.run(...CODING, '--model', 'openai/gpt-5');
    expect(result.code).toBe(2);
    expect(endOf(result).coding).toMatchObject({ state: 'failed' });
    expect(endOf(result).coding.reason).toMatch(/OPENAI_API_KEY/);
    expect(model.calls()).toEqual([]);
  }, 240_000);
});

describe('budgets', () => {
  test('a ceiling in money ends an attempt; a higher one starts a new one, and the old stays', async () => {
    const world = await modelWorld('local');
    // 0.0102 dollars a call
    const turns = [
      { shell: EDIT },
      ...Array.from({ length: 20 }, () => ({ shell: 'true' })),
      { text: 'Done.' },
    ];
    const model = await world.says({ turns });
    const first = await world.run('--json', '--budget', '0.05');
    expect(first.code, first.stdout).toBe(0);
    const spent = endOf(first);
    expect(spent.coding).toMatchObject({ state: 'completed', outcome: 'budget' });
    expect(spent.model?.usd).toBeGreaterThanOrEqual(0.05);
    expect(spent.model?.usd).toBeLessThanOrEqual(0.05 + 0.0102 + 1e-9);
    // the patch so far is scored
    expect(first.stdout).toContain('"resolved":true');
    const calls = model.calls().length;

    expect(endOf(await world.run('--json', '--budget', '0.05')).coding.state).toBe('cached');
    expect(endOf(await world.run('--json', '--budget', '0.03')).coding.state).toBe('cached');
    expect(model.calls()).toHaveLength(calls);

    await world.says({ turns });
    const more = endOf(await world.run('--json', '--budget', '1'));
    expect(more.coding).toMatchObject({ state: 'completed', outcome: 'patch' });
    expect(world.attempt(VARIANT).ledger?.calls).toBe(22);
    expect(JSON.parse(world.read(VARIANT, 'earlier', 'attempt.json'))).toMatchObject({ outcome: 'budget' });
    // no budget is no reason to do again what no budget ended
    expect(endOf(await world.run('--json')).coding.state).toBe('cached');
  }, 240_000);

  test('attempts of one run share its ceiling: what it leaves no call for is not measured', async () => {
    const world = await modelWorld('local', 'budgets:\n  run:\n    calls: 2\n');
    await world.says({ turns: [...WELL, ...WELL] });
    const result = await world.run('--attempts', '2', ...CODING);
    expect(result.code, result.stdout).toBe(1);
    expect(world.attempt(VARIANT).outcome).toBe('patch');
    expect(result.stdout).toMatch(/the budget of the run \(2 calls\) was met before its first call/);
    // the next run has a ceiling of its own
    expect((await world.run('--attempts', '2', ...CODING)).code).toBe(0);
    expect(world.attempt(`${VARIANT}#2`).outcome).toBe('patch');
  }, 240_000);

  test('runs of one sweep share its ceiling; another sweep, or a higher ceiling, makes what it cut short again', async () => {
    const world = await modelWorld('local');
    const sweep = ['--sweep', 'night', '--sweep-budget'];
    // 0.0102 dollars a call, two calls a migration
    await world.says({ turns: [...WELL, ...WELL] });
    const first = await world.run('--json', ...sweep, '0.04');
    expect(endOf(first)).toMatchObject({ coding: { outcome: 'patch' }, sweep: { name: 'night', calls: 2 } });
    const second = endOf(await world.run('--json', '--attempt', '2', ...sweep, '0.04'));
    expect(second).toMatchObject({
      coding: { outcome: 'patch' },
      sweep: { calls: 4, limits: { usd: 0.04 } },
    });
    const third = await world.run('--json', '--attempt', '3', ...sweep, '0.04');
    expect(third.code).toBe(1);
    expect(endOf(third).coding.reason).toMatch(
      /the budget of the sweep \(\$0\.04\) was met before its first call/,
    );

    await world.says({ turns: WELL });
    const raised = endOf(await world.run('--json', '--attempt', '3', ...sweep, '0.05'));
    expect(raised).toMatchObject({ coding: { outcome: 'budget' }, sweep: { calls: 5 } });
    const cut = ['--json', '--attempt', '3'];
    expect(endOf(await world.run(...cut, ...sweep, '0.05')).coding.state).toBe('cached');
    await world.says({ turns: WELL });
    const other = endOf(await world.run(...cut, '--sweep', 'day', '--sweep-budget', '0.05'));
    expect(other).toMatchObject({
      coding: { state: 'completed', outcome: 'patch' },
      sweep: { name: 'day', calls: 2 },
    });
  }, 240_000);

  test('attempts are kept apart, each with a seed of its own', async () => {
    const world = await modelWorld('local');
    await world.says({ turns: [...WELL, ...WELL, ...WELL] });
    const result = await world.run('--attempts', '3', ...CODING);
    expect(result.code, result.stdout).toBe(0);
    const kept = readdirSync(path.join(world.data, 'trajectories', TINY)).filter(
      (name) => name.startsWith('asks') && !name.endsWith('.json'),
    );
    expect(kept.sort()).toEqual([VARIANT, `${VARIANT}#2`, `${VARIANT}#3`]);
    const seeds = kept
      .sort()
      .map((name) => JSON.parse(world.read(name, 'output', 'settings.json')) as object);
    expect(seeds).toMatchObject([{ seed: '7' }, { seed: '8' }, { seed: '9' }]);
  }, 240_000);
});

const REPLAYED = WAYS.filter(([, { kind, config }]) => kind === 'local' || config !== '');
test.each(REPLAYED)(
  'a run is replayed from its recording without a key or a provider, to the same patch (%s)',
  async (_, { kind, config }) => {
    const world = await modelWorld(kind, config);
    const record = path.join(world.cwd, 'recording');
    const model = await world.says({ turns: WELL });
    expect(await world.run(...CODING, '--record', record)).toMatchObject({ code: 0 });
    const patch = world.read(VARIANT, 'migration.patch');
    expect(existsSync(record)).toBe(true);
    expect(holders(record, world.key)).toEqual([]);
    await model.close();
    const replayed = await world.run(...CODING, '--replay', record, '--force-coding');
    expect(replayed.code, replayed.stdout).toBe(0);
    expect(endOf(replayed).coding).toMatchObject({ state: 'completed', outcome: 'patch' });
    expect(world.read(VARIANT, 'migration.patch')).toBe(patch);
    expect(world.attempt(VARIANT)).toMatchObject({
      door: config === '' ? 'socket' : 'network',
      patch: { files: ['tally.py'] },
    });

    const other = await world.run(...CODING, '--replay', record, '--param', 'stream=true');
    expect(other.code).toBe(2);
    expect(endOf(other).coding.reason).toMatch(/the recording does not hold: .*stream/s);
    // after starts that went well, and after one that failed
    expect(await relaysOf(TINY)).toEqual([]);
  },
  240_000,
);
