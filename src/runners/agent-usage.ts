import type { TokenUsage } from '../model/model-calls.ts';
import type { UsageForm } from './agent-manifest.ts';

/** An agent's own count of its tokens, in our meaning of the words; null: it does not say. The gateway's count stands. */
export interface AgentUsage {
  readonly tokens: { readonly [Kind in keyof TokenUsage]: number | null };
  /** It tells thousands, not tokens. */
  readonly rounded: boolean;
}

type Counts = Partial<Record<keyof TokenUsage, number | null>>;

/** One reader a form: what a text tells, to be summed. A text is what the agent printed, or one file that it left. */
const READERS: Readonly<Record<UsageForm, (text: string) => readonly Counts[]>> = {
  claude: (text) => ofType(text, 'result').flatMap((line) => values(line, 'modelUsage').map(ofClaude)),
  codex: (text) => ofType(text, 'turn.completed').map((line) => ofCodex(at(line, 'usage'))),
  gemini: (text) =>
    values(documentAt(text, '{'), 'stats', 'models').map((model) => ofGemini(at(model, 'tokens'))),
  qwen: (text) =>
    list(documentAt(text, '['))
      .filter((each) => at(each, 'type') === 'result')
      .flatMap((end) => values(end, 'stats', 'models').map((model) => ofQwen(at(model, 'tokens')))),
  opencode: (text) => ofType(text, 'step_finish').map((line) => ofOpencode(at(line, 'part', 'tokens'))),
  mini: (text) =>
    list(at(document(text), 'messages')).flatMap((each) => ofChat(at(each, 'extra', 'response', 'usage'))),
  aider: (text) =>
    [...text.matchAll(/^Tokens: ([\d.,]+[km]?) sent,.*? ([\d.,]+[km]?) received/gm)].map(
      ([, sent, received]) => ({
        inputTokens: thousands(sent),
        outputTokens: thousands(received),
      }),
    ),
  continue: (text) =>
    list(at(document(text), 'history')).flatMap((each) => ofChat(at(each, 'message', 'usage'))),
  pi: (text) =>
    ofType(text, 'message_end')
      .filter((line) => at(line, 'message', 'role') === 'assistant')
      .map((line) => ofPi(at(line, 'message', 'usage'))),
  cline: (text) => ofType(text, 'run_result').map((line) => ofNamed(at(line, 'aggregateUsage'))),
  copilot: (text) => ofType(text, 'session.usage_record').map((line) => ofNamed(at(line, 'data', 'usage'))),
  gptme: (text) =>
    lines(text)
      .filter((line) => at(line, 'role') === 'assistant')
      .flatMap((line) => ofGptme(at(line, 'metadata', 'usage'))),
};

/** Adds up what the texts tell in this form; null where they tell nothing. */
export function readAgentUsage(form: UsageForm, texts: readonly string[]): AgentUsage | null {
  const found = texts.flatMap(READERS[form]);
  if (found.length === 0) return null;
  const sum = (kind: keyof TokenUsage): number | null => {
    const told = found.map((counts) => counts[kind] ?? null).filter((count) => count !== null);
    return told.length === 0 ? null : told.reduce((a, b) => a + b, 0);
  };
  const tokens = {
    inputTokens: sum('inputTokens'),
    cachedTokens: sum('cachedTokens'),
    cacheWriteTokens: sum('cacheWriteTokens'),
    outputTokens: sum('outputTokens'),
    reasoningTokens: sum('reasoningTokens'),
  };
  return { tokens, rounded: form === 'aider' };
}

/** Its input is what no cache knew. */
function ofClaude(usage: unknown): Counts {
  const [fresh, read, written] = ['inputTokens', 'cacheReadInputTokens', 'cacheCreationInputTokens'].map(
    (name) => count(usage, name),
  );
  return {
    inputTokens: total(fresh, read, written),
    cachedTokens: read ?? null,
    cacheWriteTokens: written ?? null,
    outputTokens: count(usage, 'outputTokens'),
  };
}

function ofCodex(usage: unknown): Counts {
  return {
    inputTokens: count(usage, 'input_tokens'),
    cachedTokens: count(usage, 'cached_input_tokens'),
    cacheWriteTokens: count(usage, 'cache_write_input_tokens'),
    outputTokens: count(usage, 'output_tokens'),
    reasoningTokens: count(usage, 'reasoning_output_tokens'),
  };
}

/** Its candidates are without thoughts. */
function ofGemini(usage: unknown): Counts {
  const thoughts = count(usage, 'thoughts');
  return {
    inputTokens: count(usage, 'prompt'),
    cachedTokens: count(usage, 'cached'),
    outputTokens: total(count(usage, 'candidates'), thoughts),
    reasoningTokens: thoughts,
  };
}

/** The same names as Gemini CLI's, of which it is a fork, but its candidates are with thoughts. */
function ofQwen(usage: unknown): Counts {
  return { ...ofGemini(usage), outputTokens: count(usage, 'candidates') };
}

/** Its input is without what caches knew, its output without reasoning. */
function ofOpencode(usage: unknown): Counts {
  const [read, written] = [count(at(usage, 'cache'), 'read'), count(at(usage, 'cache'), 'write')];
  const reasoning = count(usage, 'reasoning');
  return {
    inputTokens: total(count(usage, 'input'), read, written),
    cachedTokens: read,
    cacheWriteTokens: written,
    outputTokens: total(count(usage, 'output'), reasoning),
    reasoningTokens: reasoning,
  };
}

/** Everything by names like ours; its input is all of it. */
function ofNamed(usage: unknown): Counts {
  return {
    inputTokens: count(usage, 'inputTokens'),
    cachedTokens: count(usage, 'cacheReadTokens'),
    cacheWriteTokens: count(usage, 'cacheWriteTokens'),
    outputTokens: count(usage, 'outputTokens'),
    reasoningTokens: count(usage, 'reasoningTokens'),
  };
}

/** Its input is without what caches knew. */
function ofGptme(usage: unknown): Counts[] {
  if (usage === undefined) return [];
  const [read, written] = [count(usage, 'cache_read_tokens'), count(usage, 'cache_creation_tokens')];
  return [
    {
      inputTokens: total(count(usage, 'input_tokens'), read, written),
      cachedTokens: read,
      cacheWriteTokens: written,
      outputTokens: count(usage, 'output_tokens'),
      reasoningTokens: count(usage, 'reasoning_tokens'),
    },
  ];
}

/** Its input is without what caches knew. */
function ofPi(usage: unknown): Counts {
  const [read, written] = [count(usage, 'cacheRead'), count(usage, 'cacheWrite')];
  return {
    inputTokens: total(count(usage, 'input'), read, written),
    cachedTokens: read,
    cacheWriteTokens: written,
    outputTokens: count(usage, 'output'),
  };
}

/** `usage` of a chat completion; nothing where there is none. */
function ofChat(usage: unknown): Counts[] {
  if (usage === undefined || usage === null) return [];
  return [
    {
      inputTokens: count(usage, 'prompt_tokens'),
      cachedTokens: count(at(usage, 'prompt_tokens_details'), 'cached_tokens'),
      outputTokens: count(usage, 'completion_tokens'),
      reasoningTokens: count(at(usage, 'completion_tokens_details'), 'reasoning_tokens'),
    },
  ];
}

/** `1.9k` is 1900. */
function thousands(text = ''): number {
  const number = Number(text.replace(/[km]$/, '').replaceAll(',', ''));
  return Math.round(number * (text.endsWith('k') ? 1e3 : text.endsWith('m') ? 1e6 : 1));
}

function total(...counts: readonly (number | null | undefined)[]): number | null {
  const told = counts.filter((each) => typeof each === 'number');
  return told.length === 0 ? null : told.reduce((a, b) => a + b, 0);
}

function count(value: unknown, name: string): number | null {
  const found = at(value, name);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

/** Lines of JSON whose `type` is this; others are passed over. */
function ofType(text: string, type: string): unknown[] {
  return lines(text).filter((line) => at(line, 'type') === type);
}

function lines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map(document);
}

/** The JSON document that begins with the first line that begins so; what is printed before it is passed over. */
function documentAt(text: string, start: '{' | '['): unknown {
  const from = text.startsWith(start) ? 0 : text.indexOf(`\n${start}`);
  return from < 0 ? undefined : document(text.slice(from));
}

function document(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}

function values(value: unknown, ...names: readonly string[]): unknown[] {
  const found = at(value, ...names);
  return typeof found === 'object' && found !== null ? Object.values(found) : [];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
