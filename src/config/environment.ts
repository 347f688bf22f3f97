import type { ConfigFailure } from '../model/failures/config.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { nearestOf } from '../model/nearest.ts';

type Kind = 'text' | 'number' | 'boolean' | 'paths';

/** Environment variables that set a key of the configuration, and how their text is read. */
const VARIABLES: Readonly<Record<string, { readonly key: string; readonly kind: Kind }>> = {
  MIG_DATA_DIR: { key: 'dataDir', kind: 'text' },
  MIG_RUNTIME: { key: 'runtime', kind: 'text' },
  MIG_UNSAFE_LOCAL: { key: 'unsafeLocal', kind: 'boolean' },
  MIG_BASE_IMAGE: { key: 'baseImage', kind: 'text' },
  MIG_AGENT: { key: 'agent', kind: 'text' },
  MIG_TESTING_AGENT: { key: 'testingAgent', kind: 'text' },
  MIG_MODEL: { key: 'model', kind: 'text' },
  MIG_TESTING_MODEL: { key: 'testingModel', kind: 'text' },
  MIG_SWEEP: { key: 'sweep', kind: 'text' },
  MIG_RECORD: { key: 'record', kind: 'text' },
  MIG_REPLAY: { key: 'replay', kind: 'text' },
  MIG_MIRROR: { key: 'mirrors', kind: 'paths' },
  MIG_AGENTS_DIR: { key: 'agentsDirs', kind: 'paths' },
  MIG_INTERPRETERS: { key: 'interpreters', kind: 'paths' },
  MIG_CONCURRENCY: { key: 'concurrency.container', kind: 'number' },
};
/** Read by scripts and tests, not by the program. */
const RESERVED = new Set(['MIG_REQUIRE_ENGINE']);

/** The variables that the program reads, for the documentation and `config`. */
export const ENVIRONMENT_VARIABLES: readonly string[] = Object.keys(VARIABLES);

/** The variable that sets a key, as a person knows it. */
export function variableOf(key: string): string {
  return ENVIRONMENT_VARIABLES.find((name) => VARIABLES[name]?.key === key) ?? key;
}

/** Reads `MIG_*` variables as a layer of dotted keys. An unknown `MIG_` name or a text of the wrong type is an error. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Result<Record<string, unknown>, ConfigFailure> {
  const layer: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(variables)) {
    if (!name.startsWith('MIG_') || RESERVED.has(name) || name.startsWith('MIG_TEST_')) continue;
    const variable = VARIABLES[name];
    if (variable === undefined) {
      const nearest = nearestOf(name, ENVIRONMENT_VARIABLES, 1)[0];
      return fail(problem(name, 'is not a variable of mig-pipeline', nearest));
    }
    if (text === undefined || text === '') continue;
    const value = convert(text, variable.kind);
    if (value === undefined) return fail(problem(name, `must be a ${variable.kind}, not "${text}"`));
    layer[variable.key] = value;
  }
  return ok(layer);
}

function problem(key: string, text: string, nearest?: string): ConfigFailure {
  return {
    class: 'config',
    reason: 'config-invalid',
    file: 'environment',
    key,
    problem: text,
    ...(nearest === undefined ? {} : { nearest }),
  };
}

function convert(text: string, kind: Kind): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'paths':
      return text.split(':').filter((part) => part !== '');
    case 'number': {
      const value = Number(text);
      return Number.isFinite(value) ? value : undefined;
    }
    case 'boolean':
      if (['1', 'true', 'yes'].includes(text.toLowerCase())) return true;
      if (['0', 'false', 'no'].includes(text.toLowerCase())) return false;
      return undefined;
  }
}
