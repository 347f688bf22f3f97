import type { Endpoint } from './routes.ts';
import { chatUsage, geminiUsage, messagesUsage, record, responsesUsage } from './usage.ts';
import type { TokenUsage } from '../model/model-calls.ts';

/** What one JSON document of an answer (the whole, or one event of a stream) tells. */
export interface AnswerPart {
  /** The provider's own fields as they stood. */
  readonly usage?: Readonly<Record<string, unknown>>;
  /** Text, reasoning and tool arguments that the model wrote, in bytes of UTF-8. */
  readonly writtenBytes: number;
  /** Text that is an answer; blank text is none. */
  readonly text: boolean;
  /** Names of the tool calls that begin here: equal ones are one call. */
  readonly toolCalls: readonly string[];
  readonly refusal: boolean;
  /** The answer is whole with this one. */
  readonly finished: boolean;
  /** The provider's words, where it gave up in the middle of a stream. */
  readonly error?: string;
}

type Json = Readonly<Record<string, unknown>>;

const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(record) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

class Part {
  usage: Json | undefined;
  error: string | undefined;
  writtenBytes = 0;
  text = false;
  toolCalls: string[] = [];
  refusal = false;
  finished = false;

  /** Notes what the model wrote; `answer`: it counts as one. */
  wrote(value: unknown, answer: boolean): void {
    const words = textOf(value);
    this.writtenBytes += Buffer.byteLength(words);
    if (answer && words.trim() !== '') this.text = true;
  }

  failed(error: unknown): void {
    if (error === undefined || error === null) return;
    const { message } = record(error);
    this.error = typeof message === 'string' ? message : JSON.stringify(error);
  }

  done(): AnswerPart {
    const { usage, error, ...rest } = this;
    return { ...rest, ...(usage === undefined ? {} : { usage }), ...(error === undefined ? {} : { error }) };
  }
}

/** Reads one document of an answer of `endpoint`; fields that are not known are passed over. */
export function readPart(endpoint: Endpoint, document: Json): AnswerPart {
  const part = new Part();
  if (endpoint === 'chat') readChat(part, document);
  else if (endpoint === 'responses') readResponses(part, document);
  else if (endpoint === 'messages') readMessages(part, document);
  else if (endpoint !== 'count-tokens') readGemini(part, document);
  return part.done();
}

/** Provider's usage fields, all that were told merged, in one meaning. */
export function usageOf(endpoint: Endpoint, fields: Json): TokenUsage {
  if (endpoint === 'chat') return chatUsage(fields);
  if (endpoint === 'responses') return responsesUsage(fields);
  return endpoint === 'messages' ? messagesUsage(fields) : geminiUsage(fields);
}

function readChat(part: Part, document: Json): void {
  if (document['usage'] !== null && document['usage'] !== undefined) part.usage = record(document['usage']);
  part.failed(document['error']);
  list(document['choices']).forEach((choice, at) => {
    const said = record(choice['delta'] ?? choice['message']);
    part.wrote(said['content'], true);
    part.wrote(said['reasoning_content'] ?? said['reasoning'], false);
    if (textOf(said['refusal']) !== '') part.refusal = true;
    list(said['tool_calls']).forEach((call, index) => {
      part.toolCalls.push(
        `${JSON.stringify(choice['index'] ?? at)}/${JSON.stringify(call['index'] ?? index)}`,
      );
      part.wrote(record(call['function'])['arguments'], false);
    });
    if (said['function_call'] !== null && said['function_call'] !== undefined)
      part.toolCalls.push('function');
    const reason = choice['finish_reason'];
    if (reason === 'content_filter') part.refusal = true;
    if (typeof reason === 'string') part.finished = true;
  });
}

function readResponses(part: Part, document: Json): void {
  const type = textOf(document['type']);
  const whole = type === '' ? document : record(document['response']);
  if (type.endsWith('.delta')) part.wrote(document['delta'], type === 'response.output_text.delta');
  if (type.startsWith('response.refusal')) part.refusal = true;
  if (type === 'response.output_item.done') readItem(part, record(document['item']), JSON.stringify(document['output_index'] ?? 0)); // prettier-ignore
  if (type === 'error') part.failed(document['error'] ?? document);
  if (type !== '' && !/^response\.(?:completed|incomplete|failed)$/.test(type)) return;
  part.finished = true;
  if (record(whole['incomplete_details'])['reason'] === 'content_filter') part.refusal = true;
  if (whole['usage'] !== null && whole['usage'] !== undefined) part.usage = record(whole['usage']);
  if (type === '' || type === 'response.failed') part.failed(whole['error']);
  list(whole['output']).forEach((item, at) => readItem(part, item, String(at)));
}

function readItem(part: Part, item: Json, at: string): void {
  const type = textOf(item['type']);
  if (type.endsWith('_call')) part.toolCalls.push(textOf(item['call_id'] ?? item['id']) || at);
  for (const content of list(item['content'])) {
    if (content['type'] === 'refusal') part.refusal = true;
    if (textOf(content['text']).trim() !== '' && type === 'message') part.text = true;
  }
}

function readMessages(part: Part, document: Json): void {
  const type = textOf(document['type']);
  const message = type === 'message_start' ? record(document['message']) : document;
  if (type === 'error') part.failed(document['error']);
  if (message['usage'] !== null && message['usage'] !== undefined) part.usage = record(message['usage']);
  const blocks = type === 'content_block_start' ? [record(document['content_block'])] : list(message['content']); // prettier-ignore
  blocks.forEach((block, at) => {
    if (block['type'] === 'tool_use') {
      part.toolCalls.push(JSON.stringify(document['index'] ?? at));
      if (type !== 'content_block_start') part.wrote(JSON.stringify(block['input'] ?? ''), false);
    }
    part.wrote(block['text'], true);
    part.wrote(block['thinking'], false);
  });
  const delta = record(document['delta']);
  part.wrote(delta['text'], true);
  part.wrote(delta['thinking'] ?? delta['partial_json'], false);
  if ((delta['stop_reason'] ?? message['stop_reason']) === 'refusal') part.refusal = true;
  if (type === 'message_stop' || type === 'message') part.finished = true;
}

const BLOCKED = /^(?:SAFETY|PROHIBITED_CONTENT|BLOCKLIST|SPII|RECITATION|IMAGE_SAFETY)$/;

function readGemini(part: Part, document: Json): void {
  part.failed(document['error']);
  if (document['usageMetadata'] !== undefined) part.usage = record(document['usageMetadata']);
  if (typeof record(document['promptFeedback'])['blockReason'] === 'string') {
    part.refusal = true;
    part.finished = true;
  }
  for (const candidate of list(document['candidates'])) {
    for (const piece of list(record(candidate['content'])['parts'])) {
      part.wrote(piece['text'], piece['thought'] !== true);
      if (piece['functionCall'] === undefined) continue;
      part.toolCalls.push('');
      part.wrote(JSON.stringify(piece['functionCall']), false);
    }
    const reason = textOf(candidate['finishReason']);
    if (BLOCKED.test(reason)) part.refusal = true;
    if (reason !== '') part.finished = true;
  }
}
