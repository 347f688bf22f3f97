import type { AgentFailure } from '../model/failures/agent.ts';
import type { Provider, WireForm } from '../model/model-calls.ts';
import { nearestOf } from '../model/nearest.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { providersOf } from './providers.ts';
import type { PipelineConfig } from './schema.ts';

/** A model that was chosen for an agent. */
export interface ChosenModel {
  readonly provider: Provider;
  /** Its name at the provider, which is what the agent is told. */
  readonly model: string;
  /** `provider/model`. */
  readonly shown: string;
}

/**
 * The model for an agent that speaks `forms`: `wanted` is `provider/model`, or a name below `models`. Fails where none
 * is wanted, where the provider is not known, and where the agent does not speak its form.
 */
export function chooseModel(
  wanted: string | null,
  agent: { readonly name: string; readonly forms: readonly WireForm[] },
  config: Pick<PipelineConfig, 'providers' | 'models'>,
): Result<ChosenModel, AgentFailure> {
  const { name, forms } = agent;
  const providers = providersOf(config);
  const fit = [...providers.values()].filter(({ form }) => forms.includes(form)).map((one) => one.name);
  if (wanted === null) return fail({ class: 'config', reason: 'agent-needs-model', name, providers: fit });
  const full = config.models[wanted] ?? wanted;
  const found = splitModel(full, providers);
  if (found === undefined) {
    const nearest = full.includes('/')
      ? nearestOf(wanted, Object.keys(config.models))
      : fit.map((each) => `${each}/${full}`);
    return fail({
      class: 'config',
      reason: 'model-unknown',
      model: wanted,
      providers: [...providers.keys()],
      nearest,
    });
  }
  const { form } = found.provider;
  if (!forms.includes(form))
    return fail({ class: 'config', reason: 'model-form', name, forms, provider: found.provider.name, form });
  return ok({ ...found, shown: `${found.provider.name}/${found.model}` });
}

/** What agents may ask for: the chosen model by its name at the provider, and all below `models` of known providers. */
export function allowedModels(
  chosen: ChosenModel,
  config: Pick<PipelineConfig, 'providers' | 'models'>,
): Readonly<Record<string, { readonly provider: string; readonly model: string }>> {
  const providers = providersOf(config);
  const named = Object.entries(config.models).flatMap(([name, full]) => {
    const found = splitModel(full, providers);
    return found === undefined
      ? []
      : [[name, { provider: found.provider.name, model: found.model }] as const];
  });
  return {
    ...Object.fromEntries(named),
    [chosen.model]: { provider: chosen.provider.name, model: chosen.model },
  };
}

function splitModel(
  full: string,
  providers: ReadonlyMap<string, Provider>,
): { readonly provider: Provider; readonly model: string } | undefined {
  const cut = full.indexOf('/');
  const provider = providers.get(full.slice(0, Math.max(cut, 0)));
  const model = full.slice(cut + 1);
  return provider === undefined || model === '' ? undefined : { provider, model };
}
