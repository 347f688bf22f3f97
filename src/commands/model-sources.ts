import { allowedModels, type ChosenModel } from '../config/choose-model.ts';
import { readPrices } from '../config/prices.ts';
import { providersOf } from '../config/providers.ts';
import type { PipelineConfig } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Failure } from '../model/failure.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { ModelSource } from '../tasks/coding-agent.ts';
import type { Io } from './io.ts';

/** Gateways of one process, and what all of its starts have spent together. */
export interface ModelSources {
  /** Null for an agent that calls no model. */
  of(chosen: ChosenModel | null): ModelSource | null;
  close(): Promise<void>;
}

/** Opens a gateway for each chosen model when an agent is first started with it; nothing is opened before. */
export function modelSources(config: PipelineConfig, io: Pick<Io, 'cwd' | 'env'>): ModelSources {
  const gateways = new Map<string, Promise<Result<Gateway, Failure>>>();
  const { budgets } = config;
  let run: ReturnType<typeof import('../gateway/gateway.ts').createMeter> | undefined;

  const open = async (chosen: ChosenModel): Promise<Result<Gateway, Failure>> => {
    const { openGateway } = await import('../gateway/gateway.ts');
    const prices = readPrices(io.cwd);
    if (!prices.ok) return prices;
    const { keyVariable, name } = chosen.provider;
    if (config.replay === null && keyVariable !== null && (io.env[keyVariable] ?? '') === '')
      return fail({ class: 'config', reason: 'model-key-missing', provider: name, variable: keyVariable });
    return openGateway({
      providers: [...providersOf(config).values()],
      prices: prices.value,
      models: allowedModels(chosen, config),
      keyOf: (variable) => io.env[variable],
      record: config.record,
      replay: config.replay,
      day: new Date().toISOString().slice(0, 10),
      budgets: [budgets.attempt, budgets.run],
    });
  };

  return {
    of: (chosen) =>
      chosen === null
        ? null
        : {
            shown: chosen.shown,
            budgets,
            open: async () => {
              const opening = gateways.get(chosen.shown) ?? open(chosen);
              gateways.set(chosen.shown, opening);
              const gateway = await opening;
              if (!gateway.ok) {
                gateways.delete(chosen.shown);
                return gateway;
              }
              const { createMeter } = await import('../gateway/gateway.ts');
              run ??= createMeter('run', budgets.run);
              return ok({
                gateway: gateway.value,
                model: chosen.model,
                shown: chosen.shown,
                form: chosen.provider.form,
                meters: [createMeter('attempt', budgets.attempt), run],
              });
            },
          },
    close: async () => {
      for (const opening of gateways.values()) {
        const gateway = await opening;
        if (gateway.ok) await gateway.value.close();
      }
      gateways.clear();
    },
  };
}
