import type { TokenUsage } from '../model/model-calls.ts';

export const NO_USAGE: TokenUsage = {
  inputTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

type Counts = Readonly<Record<string, unknown>>;

/** A value as an object; empty where it is none. */
export function record(value: unknown): Counts {
  return typeof value === 'object' && value !== null ? (value as Counts) : {};
}

function count(...values: readonly unknown[]): number {
  for (const value of values) if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return Math.round(value); // prettier-ignore
  return 0;
}

/** OpenAI chat completions: cached and reasoning tokens are parts of what is counted. */
export function chatUsage(usage: Counts): TokenUsage {
  return {
    inputTokens: count(usage['prompt_tokens']),
    cachedTokens: count(record(usage['prompt_tokens_details'])['cached_tokens'], usage['prompt_cache_hit_tokens']), // prettier-ignore
    cacheWriteTokens: 0,
    outputTokens: count(usage['completion_tokens']),
    reasoningTokens: count(record(usage['completion_tokens_details'])['reasoning_tokens']),
  };
}

/** OpenAI responses: as in chat completions, under other names. */
export function responsesUsage(usage: Counts): TokenUsage {
  return {
    inputTokens: count(usage['input_tokens']),
    cachedTokens: count(record(usage['input_tokens_details'])['cached_tokens']),
    cacheWriteTokens: 0,
    outputTokens: count(usage['output_tokens']),
    reasoningTokens: count(record(usage['output_tokens_details'])['reasoning_tokens']),
  };
}

/** Anthropic messages: `input_tokens` leaves out what was read from and written to a cache. */
export function messagesUsage(usage: Counts): TokenUsage {
  const cachedTokens = count(usage['cache_read_input_tokens']);
  const cacheWriteTokens = count(usage['cache_creation_input_tokens']);
  return {
    inputTokens: count(usage['input_tokens']) + cachedTokens + cacheWriteTokens,
    cachedTokens,
    cacheWriteTokens,
    outputTokens: count(usage['output_tokens']),
    reasoningTokens: 0,
  };
}

/** Gemini: thoughts stand beside the candidates, results of its own tools beside the prompt. */
export function geminiUsage(usage: Counts): TokenUsage {
  const reasoningTokens = count(usage['thoughtsTokenCount']);
  return {
    inputTokens: count(usage['promptTokenCount']) + count(usage['toolUsePromptTokenCount']),
    cachedTokens: count(usage['cachedContentTokenCount']),
    cacheWriteTokens: 0,
    outputTokens: count(usage['candidatesTokenCount']) + reasoningTokens,
    reasoningTokens,
  };
}

export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}
