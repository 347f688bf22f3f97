import type { Provider } from '../model/model-calls.ts';
import type { PipelineConfig } from './schema.ts';

/** Providers that everybody has; one of the same name in the configuration takes its place. */
const WELL_KNOWN: PipelineConfig['providers'] = {
  openai: { form: 'openai', baseUrl: 'https://api.openai.com/v1', key: 'OPENAI_API_KEY' },
  anthropic: { form: 'anthropic', baseUrl: 'https://api.anthropic.com', key: 'ANTHROPIC_API_KEY' },
  gemini: { form: 'gemini', baseUrl: 'https://generativelanguage.googleapis.com', key: 'GEMINI_API_KEY' },
  openrouter: { form: 'openai', baseUrl: 'https://openrouter.ai/api/v1', key: 'OPENROUTER_API_KEY' },
};

/** All providers, by name. */
export function providersOf(config: Pick<PipelineConfig, 'providers'>): ReadonlyMap<string, Provider> {
  const all = Object.entries({ ...WELL_KNOWN, ...config.providers });
  return new Map(
    all.map(([name, { form, baseUrl, key }]) => [
      name,
      { name, form, baseUrl: baseUrl.replace(/\/+$/, ''), keyVariable: key ?? null },
    ]),
  );
}
