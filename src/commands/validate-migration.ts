import path from 'node:path';
import type { EventSink } from '../events/sink.ts';
import { exitCodeOf, type Failure } from '../model/failure.ts';
import type { TaskId } from '../model/ids.ts';
import type { Migration } from '../model/migration.ts';
import {
  STAND_INS,
  type StampSeen,
  type StandIn,
  type ValidationRecord,
  VERDICT_RULES,
} from '../model/validation.ts';
import { failureOf } from '../pipeline/data-folder.ts';
import type { Limiters } from '../pipeline/limits.ts';
import type { RunOutcome } from '../pipeline/outcome.ts';
import type { Stamp } from '../pipeline/stamp.ts';
import { isDecidedFrom, readVerdict, stampSeen, writeVerdict } from '../pipeline/verdicts.ts';
import { failureMessage } from '../report/failure-message.ts';
import { decideHealth } from '../report/validation.ts';
import { requireAgent } from '../runners/agents.ts';
import type { RuntimeKind } from '../runtimes/runtime.ts';
import { sha256 } from '../workspace/disk.ts';
import type { ParsedTexts } from '../workspace/parsed-texts.ts';
import type { Io } from './io.ts';
import {
  kindOf,
  layOn,
  type Laid,
  type LayOptions,
  prepareMigration,
  type Prepared,
  withStandIn,
} from './prepare.ts';
import { programVersion } from './program-version.ts';
import type { RunRequest } from './run-request.ts';

/** What several validations share. */
export interface ValidationScope {
  readonly request: RunRequest;
  readonly io: Io;
  readonly parsed: ParsedTexts;
  readonly limiters: Limiters;
  readonly runtimes: NonNullable<LayOptions['runtimes']>;
  readonly models: NonNullable<LayOptions['models']>;
  readonly signal: AbortSignal;
  readonly sinkOf: (id: string, standIn: StandIn) => EventSink;
  readonly warn: (message: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How validating one migration ended: with a verdict, or with why there is none. */
export type Validation =
  | {
      readonly status: 'validated';
      readonly id: string;
      readonly benchmark: string;
      readonly record: ValidationRecord;
      /** It was there already, and nothing was run. */
      readonly cached: boolean;
      readonly seconds: number;
    }
  | {
      readonly status: 'unknown';
      readonly id: string;
      readonly benchmark: string;
      readonly code: string;
      readonly why: string;
      readonly exitCode: number;
    };

/** Runs what is stale of the three graphs of one migration and decides; never throws. */
export async function validateMigration(migration: Migration, scope: ValidationScope): Promise<Validation> {
  try {
    return await validate(migration, scope);
  } catch (error) {
    return unknown(migration, failureOf(error, ''));
  }
}

/** A migration without a verdict. `exitCode`: where the failure alone does not say. */
export function unknown(
  { id, benchmark }: Pick<Migration, 'id' | 'benchmark'>,
  failure: Failure,
  exitCode = exitCodeOf(failure),
): Validation {
  const why = failureMessage(failure);
  return { status: 'unknown', id, benchmark, code: failure.reason, why, exitCode };
}

async function validate(migration: Migration, scope: ValidationScope): Promise<Validation> {
  const startedMs = scope.now();
  if (scope.signal.aborted) return unknown(migration, { class: 'cancelled', reason: 'cancelled' });
  const prepared = prepareStandIns(migration, scope);
  if (!prepared.ok) return unknown(migration, prepared.failure);
  const { gold } = prepared.value;
  const dataDir = gold.mig.baseDir;
  const entry = sha256(migration.entry.text);
  const stored = readVerdict(dataDir, migration.id, gold.testing);
  const { laid, stamps } = await layOut(prepared.value, scope);
  const validated = (record: ValidationRecord, cached: boolean): Validation => ({
    status: 'validated',
    id: migration.id,
    benchmark: migration.benchmark,
    record,
    cached,
    seconds: (scope.now() - startedMs) / 1000,
  });
  if (stored !== null && stamps !== null && isDecidedFrom(stored, entry, stamps))
    return validated(stored, true);

  const outcomes = await runStandIns(laid);
  if (!outcomes.ok) return unknown(migration, outcomes.failure);
  // Loaded here and not above: where nothing is to be decided, no output is read.
  const { factsOf } = await import('./validation-facts.ts');
  const facts = factsOf(laid, outcomes.value);
  const record: ValidationRecord = {
    schema: 1,
    rules: VERDICT_RULES,
    id: migration.id,
    testing: gold.testing,
    ...decideHealth(facts),
    ...facts,
    decidedAt: new Date(scope.now()).toISOString(),
    tool: programVersion(),
    entry,
    stamps: stampsOf(
      STAND_INS.flatMap((name) => besideFolders(laid[name], outcomes.value[name].tasks)),
      dataDir,
    ),
  };
  try {
    writeVerdict(dataDir, record);
  } catch (error) {
    scope.warn(`the verdict on ${migration.id} was not kept: ${failureMessage(failureOf(error, dataDir))}`);
  }
  return validated(record, false);
}

type OfEach<T> = Readonly<Record<StandIn, T>>;

function prepareStandIns(
  migration: Migration,
  { request, parsed, io }: ValidationScope,
): { ok: true; value: OfEach<Prepared> } | { ok: false; failure: Failure } {
  const first = prepareMigration(migration, parsed, request, io);
  if (!first.ok) return first;
  const { agentsDirs } = first.value.config.config;
  const found: Partial<Record<StandIn, Prepared>> = {};
  for (const name of STAND_INS) {
    const agent = requireAgent(name, 'coding', agentsDirs, parsed.read);
    if (!agent.ok) return agent;
    found[name] = withStandIn(first.value, agent.value);
  }
  return { ok: true, value: found as OfEach<Prepared> };
}

/** All three on one runtime kind: one on which everything is there already (then with its stamps), else the one that work is done on. */
async function layOut(
  prepared: OfEach<Prepared>,
  scope: ValidationScope,
): Promise<{ readonly laid: OfEach<Laid>; readonly stamps: StampSeen[] | null }> {
  const { runtime } = prepared.gold.config.config;
  const { baseDir } = prepared.gold.mig;
  const kinds: readonly RuntimeKind[] = runtime === 'auto' ? ['docker', 'local'] : [runtime];
  for (const kind of kinds) {
    const laid = layEachOn(kind, prepared, scope);
    const stamps = plannedStamps(laid, baseDir);
    if (stamps !== null) return { laid, stamps };
  }
  return { laid: layEachOn(await kindOf(runtime), prepared, scope), stamps: null };
}

function layEachOn(kind: RuntimeKind, prepared: OfEach<Prepared>, scope: ValidationScope): OfEach<Laid> {
  const lay = (name: StandIn): Laid =>
    layOn(kind, prepared[name], { ...scope.request, force: forceOf(name, scope.request.force) }, scope.io, {
      sinks: [scope.sinkOf(prepared[name].migration.id, name)],
      signal: scope.signal,
      limiters: scope.limiters,
      runtimes: scope.runtimes,
      models: scope.models,
    });
  return { gold: lay('gold'), noop: lay('noop'), half: lay('half') };
}

/** What the stand-ins share is made anew by the first of them alone. */
function forceOf(name: StandIn, force: RunRequest['force']): RunRequest['force'] {
  if (name === 'gold') return force;
  const own = ['coding_agent', 'patch_eval', 'unit_test_eval'] as const;
  const all = force.forceAll || force.forceTests;
  return {
    ...force,
    forceAll: false,
    forceTests: false,
    force: all ? own : force.force.filter((task) => own.some((one) => one === task)),
  };
}

/** The stamps of all tasks where every one is fresh; null where anything is to be run. */
function plannedStamps(laid: OfEach<Laid>, dataDir: string): StampSeen[] | null {
  const found: StampPlace[] = [];
  for (const one of Object.values<Laid>(laid)) {
    const plan = one.executor.plan();
    if (!plan.ok || plan.value.hasWork) return null;
    found.push(...besideFolders(one, plan.value.tasks));
  }
  return stampsOf(found, dataDir);
}

interface StampPlace {
  readonly outputDir: string;
  readonly stamp: Stamp | null;
}

function besideFolders(
  { tasks }: Laid,
  seen: readonly { readonly id: TaskId; readonly stamp: Stamp | null }[],
): StampPlace[] {
  const stamps = new Map(seen.map(({ id, stamp }) => [id, stamp]));
  return tasks.map(({ id, outputDir }) => ({ outputDir, stamp: stamps.get(id) ?? null }));
}

/** One of each folder: what the stand-ins share is there once. */
function stampsOf(outputs: readonly StampPlace[], dataDir: string): StampSeen[] {
  const byFolder = new Map<string, StampSeen>();
  for (const { outputDir, stamp } of outputs) {
    if (stamp !== null) byFolder.set(path.resolve(outputDir), stampSeen(dataDir, outputDir, stamp));
  }
  return [...byFolder.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** The ground truth first, with all that is shared; the others beside each other. Fails with the first failure. */
async function runStandIns(
  laid: OfEach<Laid>,
): Promise<{ ok: true; value: OfEach<RunOutcome> } | { ok: false; failure: Failure }> {
  const run = async (name: StandIn): Promise<RunOutcome> => {
    const { executor } = laid[name];
    const outcome = await executor.run();
    await executor.close();
    return outcome;
  };
  const gold = await run('gold');
  const first = failureIn(gold);
  if (first !== null) return { ok: false, failure: first };
  const [noop, half] = await Promise.all([run('noop'), run('half')]);
  const failure = failureIn(noop) ?? failureIn(half);
  return failure === null ? { ok: true, value: { gold, noop, half } } : { ok: false, failure };
}

function failureIn({ failure, tasks, cancelled }: RunOutcome): Failure | null {
  const own = failure ?? tasks.find((task) => task.failure !== null)?.failure ?? null;
  return own ?? (cancelled ? { class: 'cancelled', reason: 'cancelled' } : null);
}
