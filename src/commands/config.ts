import { loadConfig, type LoadedConfig } from '../config/load.ts';
import { ENVIRONMENT_VARIABLES } from '../config/environment.ts';
import { flatten } from '../config/layers.ts';
import { exitCodeOf } from '../model/failure.ts';
import { reportEarlyFailure } from './early-failure.ts';
import type { Io } from './io.ts';

export interface ConfigOptions {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly repository?: { readonly owner: string; readonly repo: string };
  readonly json: boolean;
}

/** `config`: the effective configuration and the layer that decided each value. */
export function configCommand(options: ConfigOptions, io: Io): number {
  const loaded = loadConfig({ cwd: io.cwd, variables: io.env, flags: options.flags }, options.repository);
  if (!loaded.ok) {
    reportEarlyFailure(loaded.failure, options.json, io);
    return exitCodeOf(loaded.failure);
  }
  const rows = rowsOf(loaded.value);
  if (options.json) {
    const values = Object.fromEntries(rows.map(({ key, ...rest }) => [key, rest]));
    io.stdout.write(`${JSON.stringify({ schema: 1, values }, null, 2)}\n`);
    return 0;
  }
  const width = Math.max(...rows.map(({ key }) => key.length));
  for (const { key, value, layer, place } of rows) {
    const origin = layer === 'default' ? 'default' : `${layer}: ${place}`;
    io.stdout.write(`${key.padEnd(width)}  ${JSON.stringify(value)}  (${origin})\n`);
  }
  io.stdout.write(`\nEnvironment variables read: ${ENVIRONMENT_VARIABLES.join(' ')}\n`);
  return 0;
}

function rowsOf({
  config,
  origins,
}: LoadedConfig): { key: string; value: unknown; layer: string; place: string }[] {
  return Object.entries(flatten(config)).map(([key, value]) => {
    const origin = origins[key] ?? { layer: 'default', place: 'built in' };
    return { key, value, layer: origin.layer, place: origin.place };
  });
}
