type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === 'string' && value !== '';
const texts: Check = (value) => Array.isArray(value) && value.every(text);

const CHECKS: Readonly<Record<string, Check>> = {
  dataDir: text,
  baseImage: text,
  agent: text,
  testingAgent: text,
  model: text,
  testingModel: text,
  record: text,
  replay: text,
  runtime: (value) => value === 'auto' || value === 'docker' || value === 'local',
  unsafeLocal: (value) => typeof value === 'boolean',
  mirrors: texts,
  agentsDirs: texts,
  interpreters: texts,
};

/**
 * Whether a dotted key's value is right beyond doubt, so that the schema need not be asked: loading it costs more
 * than all else that a run with nothing to do does. False says nothing.
 */
export function fitsPlainly(key: string, value: unknown): boolean {
  return CHECKS[key]?.(value) === true;
}
