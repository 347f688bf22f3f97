import path from 'node:path';
import { allowedModels, type ChosenModel } from '../config/choose-model.ts';
import { providersOf } from '../config/providers.ts';
import type { PipelineConfig } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Meter } from '../gateway/meter.ts';
import type { SweepMeter } from '../gateway/sweep-meter.ts';
import type { SweepUse } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { ParsedTexts } from '../workspace/parsed-texts.ts';
import type { ModelAccess } from '../runners/model-door.ts';
import type { ModelSource } from '../tasks/coding-agent.ts';
import type { Io } from './io.ts';

/** Gateways of one process, and what all of its starts have spent together. */
export interface ModelSources {
  /** Null for an agent that calls no model. */
  of(chosen: ChosenModel | null): ModelSource | null;
  /** What all runs of this one's sweep have spent; null where nothing was counted for one. */
  sweepUse(): SweepUse | null;
}

/** Opens a gateway for each chosen model when an agent is first started with it; nothing is opened before. */
export function modelSources(
  config: PipelineConfig,
  io: Pick<Io, 'cwd' | 'env'>,
  parsed: ParsedTexts,
): ModelSources {
  const gateways = new Map<string, Promise<Result<Gateway, Failure>>>();
  const { budgets, replay } = config;
  let run: Meter | undefined;
  // a ceiling without a name is that of all runs here
  const limited = Object.values(budgets.sweep).some((limit) => limit !== null);
  const sweepName = config.sweep ?? (limited ? 'all' : null);
  let sweep: SweepMeter | undefined;

  /** What a replay answers costs nothing. */
  const openedSweep = async (): Promise<Result<readonly Meter[], Failure>> => {
    if (sweepName === null || replay !== null) return ok([]);
    if (sweep === undefined) {
      const { openSweep } = await import('../gateway/sweep-meter.ts');
      const file = path.join(path.resolve(io.cwd, config.dataDir), 'sweeps', `${sweepName}.jsonl`);
      const opened = openSweep(sweepName, budgets.sweep, file);
      if (!opened.ok) return opened;
      sweep = opened.value;
    }
    return ok([sweep]);
  };

  const open = async (chosen: ChosenModel): Promise<Result<Gateway, Failure>> => {
    const [{ openGateway }, { loadPrices }] = await Promise.all([
      import('../gateway/gateway.ts'),
      import('../config/prices.ts'),
    ]);
    const prices = loadPrices(io.cwd, parsed.read);
    if (!prices.ok) return prices;
    const providers = providersOf(config);
    const hasKey = (name: string): boolean => {
      const variable = providers.get(name)?.keyVariable ?? null;
      return replay !== null || variable === null || (io.env[variable] ?? '') !== '';
    };
    // what else may be asked for is offered where it can be answered; the chosen model has to be
    const offered = Object.entries(allowedModels(chosen, config)).filter(
      ([name, { provider }]) => name === chosen.model || hasKey(provider),
    );
    return openGateway({
      providers: [...providers.values()],
      prices: prices.value,
      models: Object.fromEntries(offered),
      keyOf: (variable) => io.env[variable],
      record: config.record,
      replay,
      day: new Date().toISOString().slice(0, 10),
      times: { totalMs: config.gateway.patienceSeconds * 1000 },
    });
  };

  const opened = async (chosen: ChosenModel): Promise<Result<Gateway, Failure>> => {
    const opening = gateways.get(chosen.shown) ?? open(chosen);
    gateways.set(chosen.shown, opening);
    const gateway = await opening;
    if (!gateway.ok) gateways.delete(chosen.shown);
    return gateway;
  };

  const access = async (chosen: ChosenModel): Promise<Result<ModelAccess, Failure>> => {
    const gateway = await opened(chosen);
    if (!gateway.ok) return gateway;
    const { OwnMeter } = await import('../gateway/meter.ts');
    run ??= new OwnMeter('run', budgets.run);
    const shared = await openedSweep();
    if (!shared.ok) return shared;
    return ok({
      gateway: gateway.value,
      model: chosen.model,
      shown: chosen.shown,
      form: chosen.provider.form,
      door: config.gateway.door,
      meters: [new OwnMeter('attempt', budgets.attempt), run, ...shared.value],
    });
  };

  return {
    of: (chosen) =>
      chosen === null ? null : { shown: chosen.shown, budgets, sweep: sweepName, open: () => access(chosen) },
    sweepUse: () =>
      sweep === undefined ? null : { name: sweep.name, ...sweep.spent, limits: budgets.sweep },
  };
}
