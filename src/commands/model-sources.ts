import { allowedModels, type ChosenModel } from '../config/choose-model.ts';
import { providersOf } from '../config/providers.ts';
import type { PipelineConfig } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Meter } from '../gateway/meter.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { ModelAccess } from '../runners/model-door.ts';
import type { ModelSource } from '../tasks/coding-agent.ts';
import type { Io } from './io.ts';

/** Gateways of one process, and what all of its starts have spent together. */
export interface ModelSources {
  /** Null for an agent that calls no model. */
  of(chosen: ChosenModel | null): ModelSource | null;
}

/** Opens a gateway for each chosen model when an agent is first started with it; nothing is opened before. */
export function modelSources(config: PipelineConfig, io: Pick<Io, 'cwd' | 'env'>): ModelSources {
  const gateways = new Map<string, Promise<Result<Gateway, Failure>>>();
  const { budgets, replay } = config;
  let run: Meter | undefined;

  const open = async (chosen: ChosenModel): Promise<Result<Gateway, Failure>> => {
    const [{ openGateway }, { loadPrices }] = await Promise.all([
      import('../gateway/gateway.ts'),
      import('../config/prices.ts'),
    ]);
    const prices = loadPrices(io.cwd);
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
    const { Meter } = await import('../gateway/meter.ts');
    run ??= new Meter('run', budgets.run);
    return ok({
      gateway: gateway.value,
      model: chosen.model,
      shown: chosen.shown,
      form: chosen.provider.form,
      door: config.gateway.door,
      meters: [new Meter('attempt', budgets.attempt), run],
    });
  };

  return {
    of: (chosen) => (chosen === null ? null : { shown: chosen.shown, budgets, open: () => access(chosen) }),
  };
}
