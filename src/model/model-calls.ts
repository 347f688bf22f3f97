import * as z from 'zod';

/** Wire forms of model providers: OpenAI (chat completions and responses), Anthropic messages, Gemini generateContent. */
export const WIRE_FORMS = ['openai', 'anthropic', 'gemini'] as const;
export type WireForm = (typeof WIRE_FORMS)[number];

/** Ways from a sandbox to the gateway: a mounted socket, a network that leads there alone, a port of this machine. */
export const DOOR_WAYS = ['socket', 'network', 'port'] as const;
export type DoorWay = (typeof DOOR_WAYS)[number];
/** Which of them is wanted of a container engine. */
export const DOOR_CHOICES = ['auto', 'socket', 'network'] as const;
export type DoorChoice = (typeof DOOR_CHOICES)[number];

/** A server that answers model calls, as configured by name. */
export interface Provider {
  readonly name: string;
  readonly form: WireForm;
  /** As its own clients are given it, such as `https://api.openai.com/v1`; no trailing slash. */
  readonly baseUrl: string;
  /** Name of the host variable that holds its key; null where it needs none. */
  readonly keyVariable: string | null;
}

/** What a model costs from a day on, in US dollars per million tokens. */
export interface Price {
  /** Name of the provider that asks this price. */
  readonly provider: string;
  /** Name at the provider; a trailing `*` stands for any ending. */
  readonly model: string;
  /** `YYYY-MM-DD`, the first day that it holds. */
  readonly from: string;
  /** Of prompt tokens that were neither read from nor written to a cache. */
  readonly input: number;
  readonly output: number;
  /** Of prompt tokens read from a cache; absent: as `input`. */
  readonly cachedInput?: number;
  /** Of prompt tokens written to a cache; absent: as `input`. */
  readonly cacheWrite?: number;
}

/** Tokens of one call or a sum of calls, the same meaning for every wire form. */
export const tokenUsage = z.strictObject({
  /** All prompt tokens, those read from and written to a cache included. */
  inputTokens: z.int(),
  /** Of them read from a cache. */
  cachedTokens: z.int(),
  /** Of them written to a cache. */
  cacheWriteTokens: z.int(),
  /** All that the model wrote, reasoning included. */
  outputTokens: z.int(),
  /** Of them reasoning. */
  reasoningTokens: z.int(),
});
export type TokenUsage = z.infer<typeof tokenUsage>;

/** Ceilings; null: none. */
export interface BudgetLimits {
  readonly usd: number | null;
  /** Input and output together. */
  readonly tokens: number | null;
  readonly calls: number | null;
}

/** Whose ceiling ended an attempt. */
export const BUDGET_SCOPES = ['attempt', 'run', 'sweep'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

export const CALL_ENDINGS = ['answered', 'error', 'cut', 'hung-up', 'refused-by-gateway'] as const;
export type CallEnding = (typeof CALL_ENDINGS)[number];

/** `ledger.json`: what the gateway saw of one start of an agent. The gateway's count decides, never the agent's. */
export const ledgerSummary = z.strictObject({
  schema: z.literal(1),
  /** Calls of models that went to a provider (or to a recording); token counts, lists of models and refused calls are apart. */
  calls: z.int(),
  /** Of them answered whole with success. */
  answered: z.int(),
  /** Calls that the gateway itself refused (model not allowed, budget spent, unknown path), by reason. */
  refused: z.record(z.string(), z.int()),
  usage: tokenUsage,
  /** US dollars; null where a model without a price was called. */
  usd: z.number().nullable(),
  /**
   * Calls whose answers bore no count of tokens (cut, hung up, or a server that does not count). They add nothing to
   * `usage` and `usd`; budgets were charged this upper estimate for them: a token a byte.
   */
  unmetered: z.strictObject({ calls: z.int(), tokens: z.int(), usd: z.number() }),
  models: z.record(
    z.string(),
    z.strictObject({ calls: z.int(), usage: tokenUsage, usd: z.number().nullable() }),
  ),
  /** Answers in which the model refused. */
  refusals: z.int(),
  /** Answers with neither text nor a tool call. */
  empty: z.int(),
  toolCalls: z.int(),
  /**
   * How the last call of a model ended: null where there was none. `cut`: the stream ended in its middle;
   * `hung-up`: the agent did not wait for the end (or was ended itself).
   */
  last: z
    .strictObject({
      ended: z.enum(CALL_ENDINGS),
      /** HTTP status of the provider, 0 where none came; the gateway's own where it refused. */
      status: z.int(),
      message: z.string(),
    })
    .nullable(),
  /** The ceiling that was met; null: none. */
  budget: z
    .strictObject({
      scope: z.enum(BUDGET_SCOPES),
      kind: z.enum(['usd', 'tokens', 'calls']),
      limit: z.number(),
      /** Its name, where the scope is a sweep. */
      sweep: z.string().exactOptional(),
    })
    .nullable(),
  /** Requests that a replay had not seen. */
  unseen: z.int(),
  /** Seconds in which the agent waited for answers; of them spent waiting for the provider's Retry-After. */
  seconds: z.number(),
  waitedSeconds: z.number(),
});
export type LedgerSummary = z.infer<typeof ledgerSummary>;
