import type { Json } from '../../../model/json.ts';
import type { TokenUsage } from '../../../model/model-calls.ts';
import { words } from '../json-access.ts';
import { argumentsText, pieces, type Reply, typedFrame, type Wire } from './reply.ts';

type Fields = { readonly [key: string]: Json };

function usageOf(usage: TokenUsage): Json {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}

function partOf({ saying }: Reply): Fields {
  if (saying.kind === 'refusal') return { type: 'refusal', refusal: saying.text };
  return { type: 'output_text', text: saying.kind === 'text' ? saying.text : '', annotations: [] };
}

function itemOf(reply: Reply): Fields & { readonly id: string } {
  const { saying, id } = reply;
  if (saying.kind !== 'call') {
    const content = [partOf(reply)];
    return { type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed', content };
  }
  const call = { id: `fc_${id}`, call_id: `call_${id}`, status: 'completed' };
  if (saying.name === 'local_shell') {
    const command = ['bash', '-lc', words(saying.arguments['command'])];
    return { ...call, type: 'local_shell_call', action: { type: 'exec', command, env: {} } };
  }
  return { ...call, type: 'function_call', name: saying.name, arguments: argumentsText(saying) };
}

function responseOf(reply: Reply, output: readonly Json[], usage: Json): Fields {
  return {
    id: `resp_${reply.id}`,
    object: 'response',
    created_at: 0,
    model: reply.model,
    status: usage === null ? 'in_progress' : 'completed',
    error: null,
    output,
    usage,
    parallel_tool_calls: false,
    tool_choice: 'auto',
    tools: [],
  };
}

/** OpenAI responses. */
export const responses: Wire = {
  whole: (reply) => responseOf(reply, [itemOf(reply)], usageOf(reply.usage)),

  frames(reply) {
    const { saying } = reply;
    const item = itemOf(reply);
    const place = { item_id: item.id, output_index: 0 };
    const events: (Fields & { readonly type: string })[] = ['response.created', 'response.in_progress'].map(
      (type) => ({ type, response: responseOf(reply, [], null) }),
    );
    const added = (fields: Fields): void => {
      events.push({
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...item, status: 'in_progress', ...fields },
      });
    };
    if (saying.kind === 'call') {
      added('arguments' in item ? { arguments: '' } : {});
      if ('arguments' in item) {
        const type = 'response.function_call_arguments';
        events.push(
          ...pieces(argumentsText(saying)).map((delta) => ({ type: `${type}.delta`, ...place, delta })),
        );
        events.push({ type: `${type}.done`, ...place, arguments: argumentsText(saying) });
      }
    } else {
      added({ content: [] });
      const part = partOf(reply);
      const [type, field] =
        saying.kind === 'text' ? ['response.output_text', 'text'] : ['response.refusal', 'refusal'];
      const inner = { ...place, content_index: 0 };
      events.push({ type: 'response.content_part.added', ...inner, part: { ...part, [field]: '' } });
      events.push(...pieces(saying.text).map((delta) => ({ type: `${type}.delta`, ...inner, delta })));
      events.push({ type: `${type}.done`, ...inner, [field]: saying.text });
      events.push({ type: 'response.content_part.done', ...inner, part });
    }
    events.push({ type: 'response.output_item.done', output_index: 0, item });
    events.push({ type: 'response.completed', response: responseOf(reply, [item], usageOf(reply.usage)) });
    return events.map((event, sequence_number) => typedFrame({ ...event, sequence_number }));
  },

  told: (usage) => ({ ...usage, cacheWriteTokens: 0 }),
};
