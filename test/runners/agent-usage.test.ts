import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findAgentUsage } from '../../src/runners/agent-usage-files.ts';
import { readAgentUsage } from '../../src/runners/agent-usage.ts';
import { USAGE_FORMS, type UsageForm } from '../../src/runners/agent-manifest.ts';
import { discoverAgents } from '../../src/runners/agents.ts';
import { scratchFolder } from '../rigs/scratch.ts';

/** What the real agents left after two calls of a scripted model (aider: one): 1000 tokens in each, 200 of them cached, 50 out, 10 of them reasoning. */
const sample = (form: string): string =>
  readFileSync(path.join(path.dirname(import.meta.dirname), 'fixtures/agent-usage', form), 'utf8');
const TWO = {
  inputTokens: 2000,
  cachedTokens: 400,
  cacheWriteTokens: null,
  outputTokens: 100,
  reasoningTokens: 20,
};
// the messages form has 1000 tokens beside the 200 cached ones, and no word for reasoning
const CLAUDE = {
  inputTokens: 2400,
  cachedTokens: 400,
  cacheWriteTokens: 0,
  outputTokens: 100,
  reasoningTokens: null,
};
const AIDER = {
  inputTokens: 2000,
  cachedTokens: null,
  cacheWriteTokens: null,
  outputTokens: 23,
  reasoningTokens: null,
};
const EXPECTED: Record<UsageForm, unknown> = {
  claude: CLAUDE,
  codex: { ...TWO, cacheWriteTokens: 0 },
  gemini: TWO,
  qwen: TWO,
  opencode: { ...TWO, cacheWriteTokens: 0 },
  mini: TWO,
  aider: AIDER,
  continue: TWO,
  cline: { ...TWO, cacheWriteTokens: 0, reasoningTokens: null },
  copilot: { ...TWO, cacheWriteTokens: 0 },
  gptme: TWO,
  pi: { ...TWO, cacheWriteTokens: 0, reasoningTokens: null },
}; // prettier-ignore

test.each(USAGE_FORMS)('%s: what the real agent left is read in our meaning of the words', (form) => {
  expect(readAgentUsage(form, [sample(form)])).toEqual({ tokens: EXPECTED[form], rounded: form === 'aider' });
});

test.each(USAGE_FORMS)('%s: several texts are added up, and nothing is told of none', (form) => {
  const [one, two] = [
    readAgentUsage(form, [sample(form)]),
    readAgentUsage(form, [sample(form), sample(form)]),
  ];
  expect(two?.tokens.inputTokens).toBe(2 * (one?.tokens.inputTokens ?? Number.NaN));
  expect(readAgentUsage(form, ['', 'killed\n', '{"type":"result"', '[]', '{"history":null}'])).toBeNull();
});

test('what is printed before the document is passed over', () => {
  expect(readAgentUsage('gemini', [`a warning\n${sample('gemini')}`])).toEqual(
    readAgentUsage('gemini', [sample('gemini')]),
  );
});

test('aider rounds', () => {
  const text =
    'Tokens: 1.2k sent, 1k cache hit, 3.4k received.\nx\nTokens: 950 sent, 23 received. Cost: $0.01\n';
  expect(readAgentUsage('aider', [text])?.tokens).toMatchObject({ inputTokens: 2150, outputTokens: 3423 });
});

test('the place is stdout, a file, or all files of a folder, and no link', () => {
  const output = scratchFolder();
  const stdout = path.join(output, 'out');
  writeFileSync(stdout, sample('codex'));
  mkdirSync(path.join(output, 'sessions/deep'), { recursive: true });
  writeFileSync(path.join(output, 'sessions/deep/one.json'), sample('continue'));
  writeFileSync(path.join(output, 'sessions/list.json'), '[]');
  symlinkSync('deep/one.json', path.join(output, 'sessions/again.json'));
  symlinkSync('sessions/deep/one.json', path.join(output, 'link.json'));
  const left = { stdout, output };
  expect(findAgentUsage({ from: 'stdout', form: 'codex' }, left)?.tokens.inputTokens).toBe(2000);
  expect(findAgentUsage({ from: { output: 'sessions' }, form: 'continue' }, left)?.tokens.inputTokens).toBe(
    2000,
  );
  for (const name of ['nowhere', 'link.json'])
    expect(findAgentUsage({ from: { output: name }, form: 'continue' }, left)).toBeNull();
  expect(findAgentUsage(undefined, left)).toBeNull();
});

test('the agents that come with it: each that speaks to a model says whether it was seen to work', () => {
  const found = discoverAgents([]);
  const agents = found.ok ? found.value.agents : [];
  const told = agents.filter(({ manifest }) => manifest.install !== undefined);
  expect(told.length).toBeGreaterThanOrEqual(8);
  for (const { name, manifest } of told) {
    expect([name, manifest.network, typeof manifest.verified]).toEqual([name, 'model', 'boolean']);
    expect([name, manifest.installFiles.some((file) => /lock/.test(file))]).toEqual([name, true]);
  }
});

test('their lock files name no registry', () => {
  const found = discoverAgents([]);
  for (const { dir, manifest } of found.ok ? found.value.agents : [])
    for (const file of manifest.installFiles) {
      const text = readFileSync(path.join(dir, file), 'utf8');
      expect([dir, file, /"resolved"|index-url|find-links|file:\/\//.exec(text)?.[0]]).toEqual([
        dir,
        file,
        undefined,
      ]);
    }
});
