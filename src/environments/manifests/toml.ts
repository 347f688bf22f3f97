import { parse } from 'smol-toml';

/** The door to the TOML library: a table, or null where the text is not TOML. */
export function parseToml(text: string): Record<string, unknown> | null {
  try {
    return parse(text);
  } catch {
    return null;
  }
}
