import { createHash } from 'node:crypto';
import type { Json } from './json.ts';

/** What tells one attempt of an agent from another. `parameters` holds only those that are not the default. */
export interface VariantParts {
  readonly agent: string;
  readonly model: string | null;
  readonly parameters: Readonly<Record<string, Json>>;
  /** 1-based; 1 is not written. */
  readonly attempt: number;
}

/** `agent[@model][+params8][#attempt]`; characters outside `[A-Za-z0-9._-]` of the parts are percent-encoded. */
export function variantName(parts: VariantParts): string {
  const names = Object.keys(parts.parameters).sort();
  const parameters =
    names.length === 0
      ? ''
      : `+${createHash('sha256')
          .update(JSON.stringify(names.map((name) => [name, parts.parameters[name]])))
          .digest('hex')
          .slice(0, 8)}`;
  const model = parts.model === null ? '' : `@${encoded(parts.model)}`;
  const attempt = parts.attempt === 1 ? '' : `#${parts.attempt}`;
  return `${encoded(parts.agent)}${model}${parameters}${attempt}`;
}

/** The coding variant: ends in `+helper=<testing>` where the helper suite is not the default testing agent's. */
export function codingVariant(parts: VariantParts, testing: string, defaultTesting: string): string {
  const name = variantName(parts);
  return testing === defaultTesting ? name : `${name}+helper=${testing}`;
}

function encoded(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
