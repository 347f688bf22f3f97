import type { Json } from '../../../model/json.ts';
import { dataFrame, pieces, type Reply, type Wire } from './reply.ts';

function partOf({ saying, id }: Reply): Json {
  if (saying.kind !== 'call') return { text: saying.text };
  const args: Json = saying.broken === null ? saying.arguments : { wrong: saying.broken };
  return { functionCall: { name: saying.name, args, id: `call_${id}` } };
}

function responseOf(reply: Reply, part: Json, isLast: boolean): Json {
  const { usage, saying, model, id } = reply;
  const finishReason = saying.kind === 'refusal' ? 'SAFETY' : 'STOP';
  const candidate = {
    content: { role: 'model', parts: [part] },
    index: 0,
    ...(isLast ? { finishReason } : {}),
  };
  const usageMetadata = {
    promptTokenCount: usage.inputTokens,
    cachedContentTokenCount: usage.cachedTokens,
    candidatesTokenCount: usage.outputTokens - usage.reasoningTokens,
    thoughtsTokenCount: usage.reasoningTokens,
    totalTokenCount: usage.inputTokens + usage.outputTokens,
  };
  return {
    candidates: [candidate],
    ...(isLast ? { usageMetadata } : {}),
    modelVersion: model,
    responseId: id,
  };
}

/** Gemini generateContent and streamGenerateContent. */
export const gemini: Wire = {
  whole: (reply) => responseOf(reply, partOf(reply), true),

  frames(reply) {
    const { saying } = reply;
    const texts = saying.kind === 'call' ? [] : pieces(saying.text);
    const before = texts.slice(0, -1).map((text) => dataFrame(responseOf(reply, { text }, false)));
    const last = saying.kind === 'call' ? partOf(reply) : { text: texts.at(-1) ?? '' };
    return [...before, dataFrame(responseOf(reply, last, true))];
  },

  told: (usage) => ({ ...usage, cacheWriteTokens: 0 }),
};
