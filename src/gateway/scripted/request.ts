import type { Json } from '../../model/json.ts';
import { allWords, at, fields, list, words } from './json-access.ts';

/** What is asked for, by path: the four ways to call a model, and what stands around them. */
export type CallForm =
  'chat' | 'responses' | 'messages' | 'gemini' | 'count' | 'gemini-count' | 'models' | 'other';
export type ModelForm = Extract<CallForm, 'chat' | 'responses' | 'messages' | 'gemini'>;

export interface OfferedTool {
  readonly name: string;
  /** JSON schema of its arguments. */
  readonly schema: Json;
}

/** A call of a model, the same for every form. */
export interface ModelRequest {
  readonly form: ModelForm;
  readonly model: string;
  readonly stream: boolean;
  /** `stream_options.include_usage` of chat completions; true for the other forms, which always say it. */
  readonly includeUsage: boolean;
  readonly tools: readonly OfferedTool[];
  /** Results of tools in the conversation. */
  readonly results: number;
  readonly lastResult: string;
  /** The model has not said anything in it yet. */
  readonly fresh: boolean;
  /** All of its words, instructions included. */
  readonly words: string;
  /** JSON schema that the answer's text must follow; null: any text. */
  readonly answerSchema: Json;
}

/** Any prefix before the usual tails is accepted. */
export function formOf(path: string): CallForm {
  if (path.endsWith('/chat/completions')) return 'chat';
  if (path.endsWith('/responses')) return 'responses';
  if (path.endsWith('/messages/count_tokens')) return 'count';
  if (path.endsWith('/messages')) return 'messages';
  if (path.endsWith(':countTokens')) return 'gemini-count';
  if (/:(?:streamG|g)enerateContent$/.test(path)) return 'gemini';
  return /\/models(?:\/[^/]+)?$/.test(path) ? 'models' : 'other';
}

/** Reads a call of a model; odd or missing fields count as absent. */
export function readRequest(form: ModelForm, path: string, body: Json): ModelRequest {
  const items = list(at(body, 'messages') ?? at(body, 'input') ?? at(body, 'contents'));
  const input = at(body, 'input');
  const results = items.flatMap((item) => resultsIn(item));
  return {
    form,
    model: form === 'gemini' ? (/\/models\/([^/:]+):/.exec(path)?.[1] ?? '') : words(at(body, 'model')),
    stream: at(body, 'stream') === true || path.endsWith(':streamGenerateContent'),
    includeUsage: form !== 'chat' || at(body, 'stream_options', 'include_usage') === true,
    tools: list(at(body, 'tools')).flatMap((tool) => toolsIn(tool)),
    results: results.length,
    lastResult: allWords(results.at(-1)),
    fresh: !items.some((item) => isOfModel(item)),
    words: allWords([
      at(body, 'system') ?? null,
      at(body, 'instructions') ?? null,
      at(body, 'systemInstruction') ?? null,
      typeof input === 'string' ? input : [...items],
    ]),
    answerSchema:
      at(body, 'response_format', 'json_schema', 'schema') ??
      at(body, 'text', 'format', 'schema') ??
      at(body, 'output_config', 'format', 'schema') ??
      at(body, 'generationConfig', 'responseJsonSchema') ??
      at(body, 'generationConfig', 'responseSchema') ??
      null,
  };
}

function toolsIn(tool: Json): OfferedTool[] {
  const declared = list(at(tool, 'functionDeclarations') ?? at(tool, 'function_declarations'));
  if (declared.length > 0) {
    return declared.map((one) => ({
      name: words(at(one, 'name')),
      schema: at(one, 'parametersJsonSchema') ?? at(one, 'parameters') ?? {},
    }));
  }
  const inner = at(tool, 'function') ?? tool;
  const name = words(at(inner, 'name'));
  if (at(tool, 'type') === 'local_shell') return [{ name: 'local_shell', schema: {} }];
  // free-form tools take no JSON
  if (name === '' || at(tool, 'type') === 'custom') return [];
  return [{ name, schema: at(inner, 'parameters') ?? at(inner, 'input_schema') ?? {} }];
}

function resultsIn(item: Json): Json[] {
  const type = words(at(item, 'type'));
  if (at(item, 'role') === 'tool') return [at(item, 'content') ?? ''];
  if (type.endsWith('_output')) return [at(item, 'output') ?? ''];
  return [...list(at(item, 'content')), ...list(at(item, 'parts'))].flatMap((part) => {
    if (at(part, 'type') === 'tool_result') return [at(part, 'content') ?? ''];
    const response = at(part, 'functionResponse');
    return response === undefined ? [] : [at(response, 'response') ?? ''];
  });
}

function isOfModel(item: Json): boolean {
  const { role, type } = fields(item);
  return role === 'assistant' || role === 'model' || (typeof type === 'string' && type.endsWith('_call'));
}
