import { normaliseName } from './requirement.ts';

/** Distributions that pip 20.3 blames, the nearest cause first. */
export function blamedByPip(text: string): string[] {
  const found: string[] = [];
  const add = (name: string | undefined): void => {
    const normal = normaliseName(name ?? '');
    if (normal !== '' && !found.includes(normal)) found.push(normal);
  };
  for (const pattern of [
    /Failed building wheel for ([A-Za-z0-9._-]+)/g,
    /Failed to build ([A-Za-z0-9._-]+)/g,
    /No matching distribution found for ([A-Za-z0-9._-]+)/g,
    /Could not find a version that satisfies the requirement ([A-Za-z0-9._-]+)/g,
    /Package '?([A-Za-z0-9._-]+)'? requires a different Python/g,
    /Collecting ([A-Za-z0-9._-]+)[^\n]*\n(?:(?!Collecting)[^\n]*\n)*?\s*ERROR: Command errored/g,
    /Cannot install ([A-Za-z0-9._-]+)/g,
    /The user requested (?:\(constraint\) )?([A-Za-z0-9._-]+)/g,
    /depends on ([A-Za-z0-9._-]+)/g,
  ]) {
    for (const match of text.matchAll(pattern)) add(match[1]);
  }
  return found;
}

/** pip's own error, on one line. */
export function pip20Error(text: string): string {
  const lines = text.split('\n').filter((line) => /ERROR|error:|Error:/.test(line));
  return (lines.at(-1) ?? text.trim().split('\n').at(-1) ?? '').trim().slice(0, 300);
}
