import * as z from 'zod';
import type { ConfigFailure } from '../../model/failures/config.ts';
import { tokenUsage } from '../../model/model-calls.ts';
import type { Result } from '../../model/result.ts';
import { readStrict } from '../../workspace/yaml.ts';

/** Ways in which a model, or what stands before it, misbehaves. */
export const FAULTS = [
  'refuse',
  'empty',
  'unauthorized',
  'rate-limited',
  'server-error',
  'slow',
  'cut',
  'malformed',
  'bad-arguments',
  'loop',
  'context-exceeded',
  'wait',
] as const;
export type Fault = (typeof FAULTS)[number];

const usage = tokenUsage.partial();
const edit = z.strictObject({
  /** From the root of the workspace. */
  path: z.string().min(1),
  /** A piece of the file that stands there once (whole lines, for agents that take SEARCH/REPLACE blocks); empty: the file is new. */
  old: z.string(),
  new: z.string(),
});
export type Edit = z.infer<typeof edit>;

const turn = z
  .strictObject({
    /** A command line, by the agent's own shell tool. */
    shell: z.string().min(1),
    edit,
    /** Words without a call of a tool: to many agents the end. */
    text: z.string(),
    /** The end, said in the way that the agent understands; the words are its summary. */
    finish: z.string(),
    /** Comes first, as often as `times` says; then what else the turn holds. */
    fault: z.enum(FAULTS),
    times: z.union([z.int().min(1), z.literal('for-ever')]).default(1),
    /** With `rate-limited`. */
    retryAfterSeconds: z.number().min(0).default(1),
    /** With `slow`: between two events of a stream; before an answer in one piece. */
    delayMs: z.number().min(0).default(200),
    /** Of each answer of this turn, on top of the script's. */
    usage,
  })
  .partial({ shell: true, edit: true, text: true, finish: true, fault: true, usage: true })
  .superRefine((given, context) => {
    const acts = (['shell', 'edit', 'text', 'finish'] as const).filter((name) => given[name] !== undefined);
    if (acts.length > 1 || (acts.length === 0 && given.fault === undefined)) {
      const message = 'one of shell, edit, text and finish, or a fault';
      context.addIssue({ code: 'custom', path: acts.slice(1, 2), message });
    }
  });
export type Turn = z.infer<typeof turn>;

export const modelScript = z.strictObject({
  schema: z.literal(1),
  turns: z.array(turn).min(1),
  /** Of each answer whose turn says nothing else; what is left out is 0. */
  usage: usage.default({ inputTokens: 1000, cachedTokens: 200, outputTokens: 50, reasoningTokens: 10 }),
  /** Answer to titles, summaries and the like, which no turn is spent on. */
  side: z
    .strictObject({ text: z.string(), usage })
    .partial({ usage: true })
    .default({ text: 'Migrate a library' }),
  /** `shell`: also where the agent offers an edit tool of its own. */
  edits: z.enum(['native', 'shell']).default('native'),
  /** The agent offers no tools and is no agent whose text protocol is known: its requests count all the same. */
  toolless: z.boolean().default(false),
});
/** What a scripted model does, turn by turn. */
export type ModelScript = z.infer<typeof modelScript>;
/** A script as it is written down, without what has a default. */
export type ScriptText = z.input<typeof modelScript>;

/** Reads a script, YAML or JSON; fails naming file, line and key. */
export function readScript(text: string, file: string): Result<ModelScript, ConfigFailure> {
  return readStrict(modelScript, text, file);
}
