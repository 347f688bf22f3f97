import { NO_FACTS, type ManifestFacts } from './facts.ts';

/** PKG-INFO or METADATA (RFC 822 headers): name, version, the Python wanted, what the distribution requires. */
export function readPackageInfo(text: string): ManifestFacts {
  const header = text.split(/\r?\n\r?\n/, 1)[0] ?? '';
  const all = (field: string): string[] =>
    [...header.matchAll(new RegExp(`^${field}:[ \\t]*(.*)$`, 'gim'))].map((match) => (match[1] ?? '').trim());
  return {
    ...NO_FACTS,
    runtime: all('Requires-Dist').filter((requirement) => !/\bextra\s*==/.test(requirement)),
    name: all('Name')[0] ?? null,
    version: all('Version')[0] ?? null,
    pythonRanges: all('Requires-Python').slice(0, 1),
    classifiers: all('Classifier'),
  };
}
