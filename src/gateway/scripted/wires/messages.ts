import type { Json } from '../../../model/json.ts';
import type { TokenUsage } from '../../../model/model-calls.ts';
import { argumentsText, pieces, type Reply, typedFrame, type Wire } from './reply.ts';

function usageOf(usage: TokenUsage, outputTokens = usage.outputTokens): Json {
  return {
    // what was read from or written to a cache is told apart, not within
    input_tokens: usage.inputTokens - usage.cachedTokens - usage.cacheWriteTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cachedTokens,
    output_tokens: outputTokens,
  };
}

function blocksOf({ saying, id }: Reply): readonly { readonly [key: string]: Json }[] {
  if (saying.kind !== 'call') return saying.text === '' ? [] : [{ type: 'text', text: saying.text }];
  // this form carries arguments as a value: in one piece there is no broken text, only a wrong value
  const input: Json = saying.broken === null ? saying.arguments : { wrong: saying.broken };
  return [{ type: 'tool_use', id: `toolu_${id}`, name: saying.name, input }];
}

function messageOf(reply: Reply, content: readonly Json[], stop: string | null, usage: Json): Json {
  const { id, model } = reply;
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: stop,
    stop_sequence: null,
    usage,
  };
}

const STOP = { call: 'tool_use', refusal: 'refusal', text: 'end_turn' } as const;

/** Anthropic messages. */
export const messages: Wire = {
  whole: (reply) => messageOf(reply, blocksOf(reply), STOP[reply.saying.kind], usageOf(reply.usage)),

  frames(reply) {
    const { saying, usage } = reply;
    const frames = [
      typedFrame({ type: 'message_start', message: messageOf(reply, [], null, usageOf(usage, 1)) }),
    ];
    for (const block of blocksOf(reply)) {
      const empty = saying.kind === 'call' ? { ...block, input: {} } : { ...block, text: '' };
      frames.push(typedFrame({ type: 'content_block_start', index: 0, content_block: empty }));
      frames.push(typedFrame({ type: 'ping' }));
      const deltas =
        saying.kind === 'call'
          ? pieces(argumentsText(saying)).map((text) => ({ type: 'input_json_delta', partial_json: text }))
          : pieces(saying.text).map((text) => ({ type: 'text_delta', text }));
      frames.push(...deltas.map((delta) => typedFrame({ type: 'content_block_delta', index: 0, delta })));
      frames.push(typedFrame({ type: 'content_block_stop', index: 0 }));
    }
    const delta = { stop_reason: STOP[saying.kind], stop_sequence: null };
    frames.push(typedFrame({ type: 'message_delta', delta, usage: usageOf(usage) }));
    return [...frames, typedFrame({ type: 'message_stop' })];
  },

  told: (usage) => ({ ...usage, reasoningTokens: 0 }),
};
