import type { Json } from '../../model/json.ts';

/** An object's own fields; empty for anything else. */
export function fields(value: Json | undefined): Readonly<Record<string, Json | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : {};
}

/** What lies at the end of a path of fields. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, name) => fields(inner)[name], value);
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function words(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Every text in a value, one after another. */
export function allWords(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value)
    .map((inner: Json) => allWords(inner))
    .filter((text) => text !== '')
    .join('\n');
}
