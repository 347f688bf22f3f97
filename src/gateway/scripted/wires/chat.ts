import type { Json } from '../../../model/json.ts';
import type { TokenUsage } from '../../../model/model-calls.ts';
import { argumentsText, dataFrame, pieces, type Reply, type Wire } from './reply.ts';

function usageOf(usage: TokenUsage): Json {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

function callOf({ saying, id }: Reply): { readonly [key: string]: Json } | null {
  if (saying.kind !== 'call') return null;
  return {
    id: `call_${id}`,
    type: 'function',
    function: { name: saying.name, arguments: argumentsText(saying) },
  };
}

/** OpenAI chat completions. */
export const chat: Wire = {
  whole(reply) {
    const { saying, usage, model, id } = reply;
    const call = callOf(reply);
    const message = {
      role: 'assistant',
      content: saying.kind === 'text' ? saying.text : null,
      refusal: saying.kind === 'refusal' ? saying.text : null,
      ...(call === null ? {} : { tool_calls: [call] }),
    };
    return {
      id: `chatcmpl-${id}`,
      object: 'chat.completion',
      created: 0,
      model,
      choices: [{ index: 0, message, finish_reason: call === null ? 'stop' : 'tool_calls', logprobs: null }],
      usage: usageOf(usage),
    };
  },

  frames(reply, { includeUsage }) {
    const { saying, usage, model, id } = reply;
    const head = { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created: 0, model };
    const chunk = (delta: Json, finish: string | null = null): string =>
      dataFrame({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
    const call = callOf(reply);
    const frames = [chunk({ role: 'assistant', content: call === null ? '' : null })];
    if (saying.kind === 'call') {
      const opened = { ...call, index: 0, function: { name: saying.name, arguments: '' } };
      frames.push(chunk({ tool_calls: [opened] }));
      for (const piece of pieces(argumentsText(saying))) {
        frames.push(chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] }));
      }
    } else {
      const field = saying.kind === 'text' ? 'content' : 'refusal';
      frames.push(...pieces(saying.text).map((piece) => chunk({ [field]: piece })));
    }
    frames.push(chunk({}, call === null ? 'stop' : 'tool_calls'));
    if (includeUsage) frames.push(dataFrame({ ...head, choices: [], usage: usageOf(usage) }));
    return [...frames, dataFrame('[DONE]')];
  },

  told: (usage) => ({ ...usage, cacheWriteTokens: 0 }),
};
