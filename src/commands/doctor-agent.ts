import { chooseModel } from '../config/choose-model.ts';
import { loadPrices } from '../config/prices.ts';
import type { PipelineConfig } from '../config/schema.ts';
import { priceOf } from '../gateway/money.ts';
import { failureMessage } from '../report/failure-message.ts';
import { type Agent, discoverAgents } from '../runners/agents.ts';
import { doorWays } from '../runners/model-door.ts';
import { isDockerRuntime } from '../runtimes/docker.ts';
import { hostSide } from '../runtimes/engine-place.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { Io } from './io.ts';

export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'bad';
  readonly found: string;
  /** What to do; empty when ok. */
  readonly mend: string;
}

/**
 * What one agent needs besides the machine: its manifest, its model with key and price and the way to it from the runtime
 * in which it would run, the variables that it names.
 */
export async function agentChecks(
  name: string,
  config: PipelineConfig,
  io: Pick<Io, 'cwd' | 'env'>,
  runtime: Runtime | null,
): Promise<Check[]> {
  const shelf = discoverAgents(config.agentsDirs);
  if (!shelf.ok) return [bad('manifest', failureMessage(shelf.failure))];
  const broken = shelf.value.broken.find((one) => one.name === name);
  if (broken !== undefined) return [bad('manifest', failureMessage(broken.failure))];
  const agent = shelf.value.agents.find((one) => one.name === name);
  if (agent === undefined)
    return [bad('manifest', failureMessage({ class: 'config', reason: 'agent-unknown', name, nearest: [] }))];
  const { manifest } = agent;
  const place = agent.origin === 'packaged' ? 'comes with mig-pipeline' : agent.dir;
  return [
    {
      name: 'manifest',
      state: 'ok',
      found: `${manifest.role} agent, version ${manifest.version}, ${place}`,
      mend: '',
    },
    ...(manifest.network === 'model'
      ? [...modelChecks(agent, config, io), ...(await doorChecks(config, runtime))]
      : []),
    ...manifest.environment
      .filter((variable) => (io.env[variable] ?? '') === '')
      .map((variable): Check => ({
        name: 'variable',
        state: 'warning',
        found: `${variable} is not set`,
        mend: `its agent.yaml names it: set it if the agent needs it`,
      })),
  ];
}

function modelChecks(agent: Agent, config: PipelineConfig, io: Pick<Io, 'cwd' | 'env'>): Check[] {
  const forms = agent.manifest.model?.forms ?? [];
  const wanted = agent.manifest.role === 'testing' ? (config.testingModel ?? config.model) : config.model;
  const chosen = chooseModel(wanted, { name: agent.name, forms }, config);
  if (!chosen.ok) return [bad('model', failureMessage(chosen.failure))];
  const { provider, model, shown } = chosen.value;
  const checks: Check[] = [
    { name: 'model', state: 'ok', found: `${shown} at ${provider.baseUrl}, ${provider.form}`, mend: '' },
  ];
  const variable = provider.keyVariable;
  if (variable === null) checks.push({ name: 'key', state: 'ok', found: 'needs none', mend: '' });
  else if ((io.env[variable] ?? '') === '')
    checks.push(
      bad(
        'key',
        failureMessage({
          class: 'config',
          reason: 'provider-key-missing',
          provider: provider.name,
          variable,
        }),
      ),
    );
  else checks.push({ name: 'key', state: 'ok', found: `${variable} is set`, mend: '' });
  const prices = loadPrices(io.cwd);
  if (!prices.ok) return [...checks, bad('price', failureMessage(prices.failure))];
  const price = priceOf(prices.value, provider.name, model, new Date().toISOString().slice(0, 10));
  checks.push(
    price === undefined
      ? {
          name: 'price',
          state: 'warning',
          found: `${shown} has none: its money is not counted, and --budget is refused`,
          mend: 'add it to config/prices.yaml of the working folder',
        }
      : {
          name: 'price',
          state: 'ok',
          found: `$${price.input} in, $${price.output} out per million tokens since ${price.from}`,
          mend: '',
        },
  );
  return checks;
}

/** That a sandbox reaches a mounted socket only a start shows; that no network leads here is known before. */
async function doorChecks(config: PipelineConfig, runtime: Runtime | null): Promise<Check[]> {
  if (runtime === null) return [];
  const { door } = config.gateway;
  const ways = doorWays(door, runtime);
  const found = `${ways.join(', else ')} (gateway.door: ${door})`;
  const side = ways.includes('network') && isDockerRuntime(runtime) ? await hostSide(runtime.engine) : null;
  if (side === null || side.ok) return [{ name: 'door', state: 'ok', found, mend: '' }];
  const words = `${found}; no network leads from the engine to this machine: ${side.failure}`;
  if (ways[0] === 'socket') return [{ name: 'door', state: 'ok', found: words, mend: '' }];
  const only = ways.length === 1;
  const mend = only
    ? 'gateway.door: socket, or --runtime local'
    : '--runtime local, should the socket not be reached';
  return [{ name: 'door', state: only ? 'bad' : 'warning', found: words, mend }];
}

function bad(name: string, found: string): Check {
  return { name, state: 'bad', found, mend: '' };
}
