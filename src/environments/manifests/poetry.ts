import { table } from './facts.ts';

/** Poetry's and Pipfile's constraint (`^1.2`, `~1.2`, `*`, `1.2`, `>=1,<2`) as a PEP 440 specifier. */
export function specifierOf(constraint: string): string {
  const alternatives = constraint.split('||');
  const last = (alternatives.at(-1) ?? '').trim();
  return last
    .split(',')
    .map((part) => clauseOf(part.trim()))
    .filter((clause) => clause !== '')
    .join(',');
}

function clauseOf(part: string): string {
  if (part === '' || part === '*') return '';
  const caret = /^\^\s*v?(\d+(?:\.\d+)*.*)$/.exec(part);
  if (caret?.[1] !== undefined) return `>=${caret[1]},<${caretLimit(caret[1])}`;
  const tilde = /^~(?!=)\s*v?(\d+(?:\.\d+)*.*)$/.exec(part);
  if (tilde?.[1] !== undefined) return `>=${tilde[1]},<${tildeLimit(tilde[1])}`;
  if (/^\d/.test(part)) return `==${part}`;
  return part.replace(/\s+/g, '');
}

function caretLimit(version: string): string {
  const numbers = version.split('.').map((piece) => Number.parseInt(piece, 10) || 0);
  const at = numbers.findIndex((number) => number !== 0);
  const index = at === -1 ? numbers.length - 1 : at;
  return [...numbers.slice(0, index), (numbers[index] ?? 0) + 1].join('.');
}

function tildeLimit(version: string): string {
  const numbers = version.split('.').map((piece) => Number.parseInt(piece, 10) || 0);
  const index = numbers.length === 1 ? 0 : 1;
  return [...numbers.slice(0, index), (numbers[index] ?? 0) + 1].join('.');
}

/** One table of Poetry or Pipfile (`name = "^1"` or `name = {version = ..., extras = [...]}`) as requirements. */
export function requirementsOf(dependencies: unknown): string[] {
  const found: string[] = [];
  for (const [name, value] of Object.entries(table(dependencies))) {
    if (name.toLowerCase() === 'python') continue;
    for (const one of Array.isArray(value) ? (value as unknown[]).slice(-1) : [value]) {
      if (typeof one === 'string') {
        found.push(`${name}${specifierOf(one)}`);
        continue;
      }
      const details = table(one);
      if (details['git'] !== undefined || details['path'] !== undefined || details['url'] !== undefined) {
        found.push(name);
        continue;
      }
      const extras = Array.isArray(details['extras']) ? `[${details['extras'].join(',')}]` : '';
      const version = typeof details['version'] === 'string' ? specifierOf(details['version']) : '';
      const marker = typeof details['markers'] === 'string' ? ` ; ${details['markers']}` : '';
      found.push(`${name}${extras}${version}${marker}`);
    }
  }
  return found;
}
