import { type ChosenModel, chooseModel } from '../config/choose-model.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import type { Agent, ChosenParameters } from '../runners/agents.ts';
import type { RunRequest } from './run-request.ts';

/** Further attempts of an agent that takes a seed have one of their own, unless it was given. */
export function seeded(
  agent: Agent,
  parameters: ChosenParameters,
  request: Pick<RunRequest, 'attempt' | 'parameters'>,
): ChosenParameters {
  const { seed } = agent.manifest.parameters;
  if (seed?.type !== 'integer' || 'seed' in request.parameters) return parameters;
  return { ...parameters, all: { ...parameters.all, seed: seed.default + request.attempt - 1 } };
}

/** The model of an agent that calls one. */
export function modelOf(
  agent: Agent,
  wanted: string | null,
  config: LoadedConfig['config'],
): Result<ChosenModel | null, Failure> {
  const { network, model } = agent.manifest;
  if (network === 'none' || model === undefined) return ok(null);
  return chooseModel(wanted, { name: agent.name, forms: model.forms }, config);
}
