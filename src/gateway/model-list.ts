import type { WireForm } from '../model/model-calls.ts';

/** The list of models that may be asked for, or one of them; undefined where that one is not among them. */
export function modelList(form: WireForm, names: readonly string[], one: string | null): Buffer | undefined {
  if (one !== null && !names.includes(one)) return undefined;
  const entry = form === 'gemini' ? geminiEntry : commonEntry;
  if (one !== null) return json(entry(one));
  if (form === 'gemini') return json({ models: names.map(geminiEntry) });
  const [first = null, last = null] = [names[0], names.at(-1)];
  return json({
    object: 'list',
    data: names.map(commonEntry),
    has_more: false,
    first_id: first,
    last_id: last,
  });
}

/** As clients of OpenAI and of Anthropic both read it. */
function commonEntry(id: string): object {
  const created = { created: 0, created_at: '1970-01-01T00:00:00Z' };
  return { id, object: 'model', type: 'model', display_name: id, owned_by: 'mig-pipeline', ...created };
}

function geminiEntry(id: string): object {
  return {
    name: `models/${id}`,
    displayName: id,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
