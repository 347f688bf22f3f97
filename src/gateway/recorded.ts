import * as z from 'zod';
import { WIRE_FORMS } from '../model/model-calls.ts';
import { ENDPOINTS } from './routes.ts';

const headers = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** A file of a recording: one call and what the provider answered, secrets taken out. */
export const recordedExchange = z.strictObject({
  schema: z.literal(1),
  /** Place in the order of calls, from 1. */
  n: z.int(),
  form: z.enum(WIRE_FORMS),
  endpoint: z.enum(ENDPOINTS),
  /** Endpoint and model as asked: what is compared beside the body. */
  target: z.string(),
  /** As the agent sent it. */
  body: z.string(),
  /** `cut`: the answer ends in its middle, and so does the replay. */
  ended: z.enum(['whole', 'cut']),
  status: z.int(),
  headers,
  /** As the provider sent it: text, or base64 where it is none. */
  answer: z.strictObject({ text: z.string().optional(), base64: z.string().optional() }),
  streamed: z.boolean(),
  /** Why the gateway gave up on the provider; the agent was told this. */
  gaveUp: z.string().nullable(),
});
export type RecordedExchange = z.infer<typeof recordedExchange>;

/** A line of `index.jsonl`. */
export const indexLine = z.strictObject({
  file: z.string(),
  rules: z.int(),
  exact: z.string(),
  steady: z.string(),
});
export type IndexLine = z.infer<typeof indexLine>;

export const INDEX = 'index.jsonl';

/** Bytes as they are kept: as text where they are UTF-8. */
export function keptBytes(bytes: Buffer): RecordedExchange['answer'] {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') };
}

export function bytesKept({ text, base64 }: RecordedExchange['answer']): Buffer {
  return text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);
}
