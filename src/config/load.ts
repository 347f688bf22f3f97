import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import type { ConfigFailure } from '../model/failures/config.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { readStrict } from '../workspace/yaml.ts';
import { fitsPlainly } from './fits-plainly.ts';
import { builtInDefaults } from './defaults.ts';
import { readEnvironment, variableOf } from './environment.ts';
import { flatten, merge, type NamedLayer, type Origin } from './layers.ts';
import { layerSchema, repositorySchema, type PipelineConfig, type RepositoryOverrides } from './schema.ts';

/** What the command line hands over: the working folder, the environment, and flags as dotted keys. */
export interface ConfigInputs {
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly flags: Readonly<Record<string, unknown>>;
}

export interface LoadedConfig {
  readonly config: PipelineConfig;
  /** Dotted key -> the layer that decided it. */
  readonly origins: Readonly<Record<string, Origin>>;
  readonly overrides: RepositoryOverrides;
}

/** Keys whose values are folders: relative ones are taken against the place that named them. */
const FOLDERS = new Set(['dataDir', 'mirrors', 'agentsDirs', 'interpreters', 'record', 'replay']);

/**
 * Reads the five layers, weakest first: built-in, `config/pipeline.yaml` of the working folder,
 * `config/repos/<owner>_<repo>.yaml`, `MIG_*`, flags. Fails with file, line, column and the nearest known key.
 */
export function loadConfig(
  inputs: ConfigInputs,
  repository?: { readonly owner: string; readonly repo: string },
): Result<LoadedConfig, ConfigFailure> {
  const layers: NamedLayer[] = [
    { origin: { layer: 'default', place: 'built in' }, values: flatten(builtInDefaults()) },
  ];
  const file = path.join(inputs.cwd, 'config', 'pipeline.yaml');
  if (existsSync(file)) {
    const read = readLayer(layerSchema, readFileSync(file, 'utf8'), file);
    if (!read.ok) return read;
    layers.push({
      origin: { layer: 'file', place: file },
      values: absoluteFolders(flatten(read.value ?? {}), inputs.cwd),
    });
  }
  let overrides: RepositoryOverrides = {};
  if (repository !== undefined) {
    const own = path.join(inputs.cwd, 'config', 'repos', `${repository.owner}_${repository.repo}.yaml`);
    if (existsSync(own)) {
      const read = readLayer(repositorySchema, readFileSync(own, 'utf8'), own);
      if (!read.ok) return read;
      overrides = read.value ?? {};
      layers.push({
        origin: { layer: 'repository', place: own },
        values: overrides.limits === undefined ? {} : flatten({ limits: overrides.limits }),
      });
    }
  }
  const environment = readEnvironment(inputs.variables);
  if (!environment.ok) return environment;
  layers.push({
    origin: { layer: 'environment', place: 'environment' },
    values: absoluteFolders(environment.value, inputs.cwd),
  });
  layers.push({
    origin: { layer: 'flag', place: 'command line' },
    values: absoluteFolders(inputs.flags, inputs.cwd),
  });
  for (const layer of layers.slice(-2)) {
    const wrong = checkDotted(layer);
    if (wrong !== undefined) return fail(wrong);
  }
  const { config, origins } = merge(layers);
  return ok({ config: { ...config, dataDir: path.resolve(inputs.cwd, config.dataDir) }, origins, overrides });
}

function absoluteFolders(
  values: Readonly<Record<string, unknown>>,
  cwd: string,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      if (!FOLDERS.has(key)) {
        if (key !== 'benchmarks' || !Array.isArray(value)) return [key, value];
        const entries = value as { dir: string }[];
        return [key, entries.map((entry) => ({ ...entry, dir: path.resolve(cwd, entry.dir) }))];
      }
      if (Array.isArray(value)) return [key, (value as string[]).map((dir) => path.resolve(cwd, dir))];
      return [key, typeof value === 'string' ? path.resolve(cwd, value) : value];
    }),
  );
}

/** A text of blank lines and comments alone says nothing, which is known without a parser. */
function readLayer<T>(schema: z.ZodType<T>, text: string, file: string): Result<T | null, ConfigFailure> {
  const says = text.split('\n').some((line) => !/^[ \t\r]*(?:#.*)?$/.test(line));
  return says ? readStrict(schema.nullable(), text, file) : ok(null);
}

/** Environment and flags are checked by the same schema as the file, under their own name. */
function checkDotted(layer: NamedLayer): ConfigFailure | undefined {
  for (const [key, value] of Object.entries(layer.values)) {
    if (fitsPlainly(key, value)) continue;
    const nested = key.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
    const parsed = layerSchema.safeParse(nested);
    if (parsed.success) continue;
    return {
      class: 'config',
      reason: 'config-invalid',
      file: layer.origin.place,
      key: layer.origin.layer === 'environment' ? variableOf(key) : key,
      problem: parsed.error.issues[0]?.message ?? 'is not valid',
    };
  }
  return undefined;
}
