import * as z from 'zod';
import {
  DOOR_CHOICES,
  WIRE_FORMS,
  type BudgetLimits,
  type DoorChoice,
  type WireForm,
} from '../model/model-calls.ts';

const limits = z
  .strictObject({
    memoryMiB: z.number().int().min(64),
    cpus: z.number().min(0.1),
    pids: z.number().int().min(8),
    wallSeconds: z.number().min(1),
    /** 0: no such limit. */
    idleSeconds: z.number().min(0),
    outputMiB: z.number().min(1),
  })
  .partial();

const budget = z
  .strictObject({
    usd: z.number().min(0).nullable(),
    tokens: z.number().int().min(0).nullable(),
    calls: z.number().int().min(0).nullable(),
  })
  .partial();

const providerName = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/);
const provider = z
  .strictObject({
    form: z.enum(WIRE_FORMS),
    baseUrl: z.url({ protocol: /^https?$/ }),
    /** Name of the variable that holds its key; absent where it needs none. */
    key: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .optional(),
  })
  .readonly();

/** One configuration layer: every key may be absent, an unknown one is an error. */
export const layerSchema = z
  .strictObject({
    dataDir: z.string().min(1),
    runtime: z.enum(['auto', 'docker', 'local']),
    unsafeLocal: z.boolean(),
    baseImage: z.string().min(1),
    agent: z.string().min(1),
    testingAgent: z.string().min(1),
    model: z.string().min(1),
    testingModel: z.string().min(1),
    providers: z.record(providerName, provider),
    /** Names that agents may ask for besides the model that was chosen, each with `provider/model`. */
    models: z.record(z.string().min(1), z.string().regex(/^[a-z0-9][a-z0-9_-]*\/./)),
    budgets: z.strictObject({ attempt: budget, run: budget, sweep: budget }).partial(),
    /** Runs of one name share the ceilings of `budgets.sweep`. */
    sweep: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
        'must be of letters, digits, dots, dashes and underscores, 64 at most',
      ),
    gateway: z
      .strictObject({
        /** How long it waits on a provider that answers 429 or 5xx. */
        patienceSeconds: z.number().min(0),
        /** How containers reach it. */
        door: z.enum(DOOR_CHOICES),
      })
      .partial(),
    record: z.string().min(1),
    replay: z.string().min(1),
    mirrors: z.array(z.string().min(1)),
    agentsDirs: z.array(z.string().min(1)),
    benchmarks: z.array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
        kind: z.enum(['pymigbench', 'manifest']),
        dir: z.string().min(1),
      }),
    ),
    interpreters: z.array(z.string().min(1)),
    concurrency: z
      .strictObject({
        container: z.number().int().min(1),
        cpu: z.number().int().min(1),
        git: z.number().int().min(1),
      })
      .partial(),
    tests: z.strictObject({ testSeconds: z.number().min(0.1), fileSeconds: z.number().min(0.1) }).partial(),
    limits: z.strictObject({ codingAgent: limits, testRun: limits, build: limits }).partial(),
  })
  .partial();
export type Layer = z.infer<typeof layerSchema>;

/** `config/repos/<owner>_<repo>.yaml`: what one repository needs that no rule finds. */
export const repositorySchema = z
  .strictObject({
    python: z.union([z.literal('auto'), z.string().regex(/^\d\.\d+$/)]),
    date: z.string().min(4),
    requirements: z.array(z.string().min(1)),
    /** Replaces everything that was read from the trees. */
    onlyRequirements: z.boolean(),
    pythonpath: z.array(z.string().min(1)),
    tests: z.strictObject({ paths: z.array(z.string().min(1)), args: z.array(z.string()) }).partial(),
    limits: z.strictObject({ codingAgent: limits, testRun: limits, build: limits }).partial(),
  })
  .partial();
export type RepositoryOverrides = z.infer<typeof repositorySchema>;

/** Limits of one role, all stated. Seconds and mebibytes as configured; `idleSeconds` 0 means none. */
export interface RoleLimits {
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly pids: number;
  readonly wallSeconds: number;
  readonly idleSeconds: number;
  readonly outputMiB: number;
}

/** The effective configuration: every value is stated. */
export interface PipelineConfig {
  readonly dataDir: string;
  readonly runtime: 'auto' | 'docker' | 'local';
  readonly unsafeLocal: boolean;
  readonly baseImage: string;
  readonly agent: string;
  readonly testingAgent: string;
  readonly model: string | null;
  /** Model of the testing agent; null: as `model`. */
  readonly testingModel: string | null;
  /** By name: who answers calls of models. */
  readonly providers: Readonly<
    Record<string, { readonly form: WireForm; readonly baseUrl: string; readonly key?: string }>
  >;
  readonly models: Readonly<Record<string, string>>;
  readonly budgets: {
    readonly attempt: BudgetLimits;
    readonly run: BudgetLimits;
    readonly sweep: BudgetLimits;
  };
  /** Whose count a run adds to; null: no sweep's, unless `budgets.sweep` has a ceiling. */
  readonly sweep: string | null;
  readonly gateway: { readonly patienceSeconds: number; readonly door: DoorChoice };
  /** Folder that receives every exchange with a model; null: none. */
  readonly record: string | null;
  /** Folder whose recording answers calls of models; null: providers do. */
  readonly replay: string | null;
  readonly mirrors: readonly string[];
  readonly agentsDirs: readonly string[];
  readonly benchmarks: readonly {
    readonly name: string;
    readonly kind: 'pymigbench' | 'manifest';
    readonly dir: string;
  }[];
  readonly interpreters: readonly string[];
  readonly concurrency: { readonly container: number; readonly cpu: number; readonly git: number };
  /** For one test with its fixtures, and for loading one file of tests; they decide outcomes, so they enter keys. */
  readonly tests: { readonly testSeconds: number; readonly fileSeconds: number };
  readonly limits: {
    readonly codingAgent: RoleLimits;
    readonly testRun: RoleLimits;
    readonly build: RoleLimits;
  };
}
