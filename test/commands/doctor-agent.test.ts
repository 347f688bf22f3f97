import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { agentChecks } from '../../src/commands/doctor-agent.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { localRuntimes } from '../rigs/agent-rig.ts';
import { scratchFolder } from '../rigs/scratch.ts';

/** State of each row by its name, for an agent with this model and these variables. */
async function rows(
  agent: string,
  model: string | null,
  env: Readonly<Record<string, string>> = {},
  runtime: Runtime | null = null,
  more: Readonly<Record<string, string>> = {},
) {
  const cwd = scratchFolder();
  mkdirSync(path.join(cwd, 'agents', 'mine'), { recursive: true });
  const text = `schema: 1\nrole: coding\nversion: '1'\ndescription: d\ncommand: [sh]\nenvironment: [LANGUAGE]\n`;
  writeFileSync(path.join(cwd, 'agents', 'mine', 'agent.yaml'), text);
  mkdirSync(path.join(cwd, 'agents', 'torn'));
  writeFileSync(path.join(cwd, 'agents', 'torn', 'agent.yaml'), 'schema: 1\nrole: codng\n');
  const flags = { agentsDirs: ['agents'], ...(model === null ? {} : { model }), ...more };
  const loaded = loadConfig({ cwd, variables: {}, flags });
  if (!loaded.ok) throw new Error(loaded.failure.problem);
  const checks = await agentChecks(agent, loaded.value.config, { cwd, env }, runtime);
  return {
    states: checks.map(({ name, state }) => `${name} ${state}`),
    said: checks.map(({ found }) => found).join('\n'),
  };
}

test('an agent with its model, key and price', async () => {
  const { states, said } = await rows('codex', 'openai/gpt-5', { OPENAI_API_KEY: 'k' });
  expect(states).toEqual(['manifest ok', 'model ok', 'key ok', 'price ok']);
  expect(said).not.toContain('sk-');
});

test.each(localRuntimes())('the way to its model, where it would run (%s)', async (isolation, runtime) => {
  const { states, said } = await rows('codex', 'openai/gpt-5', { OPENAI_API_KEY: 'k' }, runtime);
  expect(states).toEqual(['manifest ok', 'model ok', 'key ok', 'price ok', 'door ok']);
  expect(said).toContain(`${isolation === 'process' ? 'port' : 'socket'} (gateway.door: auto)`);
});

/** An engine without networks, on this machine or in a virtual one. */
const withoutNetworks = (place: 'here' | 'virtual'): Runtime =>
  ({
    ...{ kind: 'docker', isolation: 'container' },
    engine: { address: 'unix:///x', network: 'host', bridgeSubnet: null, place },
  }) as unknown as Runtime;

test.each([
  ['here', 'auto', 'ok', 'socket, else network (gateway.door: auto); no network leads'],
  ['here', 'socket', 'ok', 'socket (gateway.door: socket)'],
  ['here', 'network', 'bad', 'network (gateway.door: network); no network leads'],
  ['virtual', 'auto', 'warning', 'network, else socket (gateway.door: auto); no network leads'],
] as const)('an engine without networks, %s, gateway.door %s: %s', async (place, door, state, words) => {
  const runtime = withoutNetworks(place);
  const key = { OPENAI_API_KEY: 'k' };
  const { states, said } = await rows('codex', 'openai/gpt-5', key, runtime, { 'gateway.door': door });
  expect(states.at(-1)).toBe(`door ${state}`);
  expect(said).toContain(words);
});

test.each<[string, string, string | null, readonly string[], RegExp]>([
  ['no model', 'codex', null, ['manifest ok', 'model bad'], /none is named/],
  ['a model of another form', 'codex', 'anthropic/claude', ['manifest ok', 'model bad'], /not translated/],
  ['no key', 'codex', 'openai/gpt-5', ['manifest ok', 'model ok', 'key bad', 'price ok'], /OPENAI_API_KEY/],
  ['no price', 'codex', 'openrouter/x', ['manifest ok', 'model ok', 'key bad', 'price warning'], /--budget is refused/],
  ['a variable that it names', 'mine', null, ['manifest ok', 'variable warning'], /LANGUAGE is not set/],
  ['a manifest that is wrong', 'torn', null, ['manifest bad'], /agent\.yaml:2/],
  ['nobody of that name', 'nobody', null, ['manifest bad'], /no agent "nobody"/],
])('%s', async (_, agent, model, expected, words) => {
  const { states, said } = await rows(agent, model);
  expect(states).toEqual(expected);
  expect(said).toMatch(words);
}); // prettier-ignore
