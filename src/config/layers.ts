import type { PipelineConfig } from './schema.ts';

/** Where a value comes from: a layer's name, and its place where it has one. */
export interface Origin {
  readonly layer: 'default' | 'file' | 'repository' | 'environment' | 'flag';
  readonly place: string;
}

export interface NamedLayer {
  readonly origin: Origin;
  /** Dotted key -> value; objects are flattened, arrays are values. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Keys whose objects are values: what they hold is named by users, with dots too. */
const NAMED_BY_USERS = new Set(['providers', 'models']);

/** Flattens nested objects to dotted keys; arrays, null and what users name are values. */
export function flatten(value: unknown, prefix = ''): Record<string, unknown> {
  const whole = value === null || typeof value !== 'object' || Array.isArray(value);
  if (whole || NAMED_BY_USERS.has(prefix)) return { [prefix]: value };
  const flat: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    Object.assign(flat, flatten(inner, prefix === '' ? key : `${prefix}.${key}`));
  }
  return flat;
}

/** Lays stronger layers over weaker ones (weakest first) and remembers where each value came from. */
export function merge(layers: readonly NamedLayer[]): {
  config: PipelineConfig;
  origins: Readonly<Record<string, Origin>>;
} {
  const values: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer.values)) {
      if (value === undefined) continue;
      values[key] = value;
      origins[key] = layer.origin;
    }
  }
  return { config: unflatten(values) as unknown as PipelineConfig, origins };
}

function unflatten(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [dotted, value] of Object.entries(values)) {
    const parts = dotted.split('.');
    const last = parts.pop() ?? dotted;
    let node = root;
    for (const part of parts) node = (node[part] ??= {}) as Record<string, unknown>;
    node[last] = value;
  }
  return root;
}
