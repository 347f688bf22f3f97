import { existsSync, readdirSync } from 'node:fs';
import { normaliseName } from './requirement.ts';

/** A wheel that lies in the private folder. */
export interface BuiltWheel {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
}

/** The wheels of a folder, by file name. */
export function wheelsIn(folder: string): BuiltWheel[] {
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((filename) => filename.endsWith('.whl'))
    .sort()
    .map((filename) => {
      const [name = '', version = ''] = filename.split('-');
      return { name: normaliseName(name), version, filename };
    });
}

/** Whether version `a` is below `b`, by their numbers. */
export function isOlder(a: string, b: string): boolean {
  const numbers = (text: string): number[] =>
    text.split(/[.\-_+]/).map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [numbers(a), numbers(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
