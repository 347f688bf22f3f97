import type { Json } from '../../../src/model/json.ts';
import { modelScript, type ScriptText } from '../../../src/gateway/scripted/script.ts';
import { type ScriptedModel, startScriptedModel } from '../../../src/gateway/scripted/server.ts';
import { onTestFinished } from 'vitest';

export type Form = 'chat' | 'responses' | 'messages' | 'gemini';
export const FORMS: readonly Form[] = ['chat', 'responses', 'messages', 'gemini'];

/** A scripted model that ends with the test. */
export async function scripted(
  script: Omit<ScriptText, 'schema'>,
  more: { readonly key?: string } = {},
): Promise<ScriptedModel> {
  const model = await startScriptedModel({ script: modelScript.parse({ schema: 1, ...script }), ...more });
  onTestFinished(() => model.close());
  return model;
}

const COMMAND = {
  type: 'object',
  properties: { command: { type: 'string' }, description: { type: 'string' }, timeout: { type: 'integer' } },
  required: ['command', 'description'],
};
const EDIT = {
  type: 'object',
  properties: {
    file_path: { type: 'string' },
    old_string: { type: 'string' },
    new_string: { type: 'string' },
    replace_all: { type: 'boolean' },
  },
  required: ['file_path', 'old_string', 'new_string'],
};
const PLACED = {
  ...EDIT,
  properties: { ...EDIT.properties, file_path: { type: 'string', description: 'The absolute path' } },
};
const READ = { type: 'object', properties: { file_path: { type: 'string' } }, required: ['file_path'] };
const SCHEMAS: Readonly<Record<string, Json>> = { Bash: COMMAND, Edit: EDIT, replace: PLACED, Read: READ, finish: { properties: { message: { type: 'string' } } } }; // prettier-ignore

/** What is said in a conversation so far: words of the user, then calls with the results they had. */
export interface Talk {
  readonly words?: string;
  /** Results of tools. */
  readonly results?: readonly string[];
  readonly tools?: readonly string[];
}

/** A request as an agent of this form makes it: path and body. */
export function asked(
  form: Form,
  stream: boolean,
  talk: Talk,
): { readonly path: string; readonly body: Json } {
  const { words = 'Migrate.', results = [], tools = ['Bash'] } = talk;
  const schema = (name: string): Json => SCHEMAS[name] ?? COMMAND;
  switch (form) {
    case 'chat':
      return {
        path: '/v1/chat/completions',
        body: {
          model: 'm',
          stream,
          stream_options: { include_usage: true },
          tools: tools.map((name) => ({ type: 'function', function: { name, parameters: schema(name) } })),
          messages: [
            { role: 'user', content: words },
            ...results.flatMap((content, at) => [
              { role: 'assistant', content: null, tool_calls: [{ id: `c${at}`, type: 'function', function: { name: 'Bash', arguments: '{}' } }] },
              { role: 'tool', tool_call_id: `c${at}`, content },
            ]),
          ],
        },
      }; // prettier-ignore
    case 'responses':
      return {
        path: '/v1/responses',
        body: {
          model: 'm',
          stream,
          tools: [...tools.map((name) => ({ type: 'function', name, parameters: schema(name) })), { type: 'web_search' }],
          input: [
            { role: 'developer', content: [{ type: 'input_text', text: 'Obey.' }] },
            { role: 'user', content: [{ type: 'input_text', text: words }] },
            ...results.flatMap((output, at) => [
              { type: 'function_call', call_id: `c${at}`, name: 'Bash', arguments: '{}' },
              { type: 'function_call_output', call_id: `c${at}`, output },
            ]),
          ],
        },
      }; // prettier-ignore
    case 'messages':
      return {
        path: '/v1/messages?beta=true',
        body: {
          model: 'm',
          stream,
          max_tokens: 100,
          system: [{ type: 'text', text: 'Obey.' }],
          tools: tools.map((name) => ({ name, input_schema: schema(name) })),
          messages: [
            { role: 'user', content: words },
            ...results.flatMap((content, at) => [
              { role: 'assistant', content: [{ type: 'tool_use', id: `c${at}`, name: 'Bash', input: {} }] },
              { role: 'user', content: [{ type: 'tool_result', tool_use_id: `c${at}`, content }] },
            ]),
          ],
        },
      };
    case 'gemini':
      return {
        path: `/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        body: {
          tools: [{ functionDeclarations: tools.map((name) => ({ name, parametersJsonSchema: schema(name) })) }],
          contents: [
            { role: 'user', parts: [{ text: words }] },
            ...results.flatMap((output, at) => [
              { role: 'model', parts: [{ functionCall: { id: `c${at}`, name: 'Bash', args: {} } }] },
              { role: 'user', parts: [{ functionResponse: { id: `c${at}`, name: 'Bash', response: { output } } }] },
            ]),
          ],
        },
      }; // prettier-ignore
  }
}

/** Sends a request; the connection is not kept. */
export async function send(
  url: string,
  request: { path: string; body: Json },
  headers = {},
): Promise<Response> {
  return await fetch(`${url}${request.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(request.body),
  });
}

/** What an agent makes of an answer: words, calls, usage as its form has it, and why it ended. */
export interface Understood {
  text: string;
  refusal: string;
  calls: { name: string; arguments: string }[];
  usage: Json;
  end: string;
}

/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-argument, @typescript-eslint/restrict-plus-operands */

/** Reads an answer as a client of its form does: a stream by its deltas, never by a summary where there are deltas. */
export async function understood(form: Form, stream: boolean, response: Response): Promise<Understood> {
  const found: Understood = { text: '', refusal: '', calls: [], usage: null, end: '' };
  if (!stream) {
    const whole: any = await response.json();
    readWhole(form, whole, found);
    return found;
  }
  for (const frame of (await response.text()).split('\n\n')) {
    const data = /^data: (.*)$/m.exec(frame)?.[1];
    if (data === undefined || data === '[DONE]') continue;
    const event: any = JSON.parse(data);
    const name = /^event: (.*)$/m.exec(frame)?.[1];
    if (name !== undefined && name !== event.type) throw new Error(`${name} is ${event.type}`);
    readEvent(form, event, found);
  }
  return found;
}

function readWhole(form: Form, whole: any, found: Understood): void {
  if (form === 'chat') {
    const { message, finish_reason } = whole.choices[0];
    found.text = message.content ?? '';
    found.refusal = message.refusal ?? '';
    for (const { function: called } of message.tool_calls ?? []) found.calls.push(called);
    Object.assign(found, { usage: whole.usage, end: finish_reason });
  } else if (form === 'responses') {
    readEvent(form, { type: 'response.completed', response: whole }, found);
    for (const item of whole.output) {
      if (item.type === 'function_call') found.calls.push({ name: item.name, arguments: item.arguments });
      for (const part of item.content ?? []) {
        found.text += part.text ?? '';
        found.refusal += part.refusal ?? '';
      }
    }
  } else if (form === 'messages') {
    for (const block of whole.content) {
      if (block.type === 'tool_use')
        found.calls.push({ name: block.name, arguments: JSON.stringify(block.input) });
      found.text += block.text ?? '';
    }
    Object.assign(found, { usage: whole.usage, end: whole.stop_reason });
  } else readEvent(form, whole, found);
}

function readEvent(form: Form, event: any, found: Understood): void {
  if (form === 'chat') {
    if (event.usage) found.usage = event.usage;
    for (const { delta, finish_reason } of event.choices) {
      found.text += delta.content ?? '';
      found.refusal += delta.refusal ?? '';
      for (const call of delta.tool_calls ?? []) {
        if (call.function.name) found.calls[call.index] = { name: call.function.name, arguments: '' };
        found.calls[call.index]!.arguments += call.function.arguments;
      }
      found.end = finish_reason ?? found.end;
    }
  } else if (form === 'responses') {
    if (event.type === 'response.output_text.delta') found.text += event.delta;
    if (event.type === 'response.refusal.delta') found.refusal += event.delta;
    if (event.type === 'response.output_item.done' && event.item.type === 'function_call')
      found.calls.push(event.item);
    if (event.type === 'response.completed')
      Object.assign(found, { usage: event.response.usage, end: event.response.status });
  } else if (form === 'messages') {
    if (event.type === 'content_block_start' && event.content_block.type === 'tool_use')
      found.calls.push({ name: event.content_block.name, arguments: '' });
    if (event.delta?.type === 'input_json_delta') found.calls.at(-1)!.arguments += event.delta.partial_json;
    found.text += event.delta?.text ?? '';
    if (event.type === 'message_delta')
      Object.assign(found, { usage: event.usage, end: event.delta.stop_reason });
  } else {
    const [candidate] = event.candidates;
    for (const part of candidate.content.parts) {
      if (part.functionCall)
        found.calls.push({ name: part.functionCall.name, arguments: JSON.stringify(part.functionCall.args) });
      found.text += part.text ?? '';
    }
    if (event.usageMetadata)
      Object.assign(found, { usage: event.usageMetadata, end: candidate.finishReason });
  }
}
