import { ARCHIVE_ENDINGS } from './unpack.ts';

/** Name and version that a file name of a source distribution stands for; undefined for other files. */
export function readSdistName(
  filename: string,
  project: string,
): { readonly version: string; readonly ending: string } | undefined {
  const ending = ARCHIVE_ENDINGS.find((candidate) => filename.toLowerCase().endsWith(candidate));
  if (ending === undefined) return undefined;
  const stem = filename.slice(0, -ending.length);
  // both halves may hold dashes: the split is where the first half is the project's name
  for (let dash = stem.indexOf('-'); dash >= 0; dash = stem.indexOf('-', dash + 1)) {
    if (projectKey(stem.slice(0, dash)) === projectKey(project)) {
      return { version: stem.slice(dash + 1), ending };
    }
  }
  return undefined;
}

function projectKey(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** Versions that PEP 440 holds to be equal get the same key (`1.0`, `v1.0.0`; `2.0-RC1`, `2.0c1`). */
export function versionKey(version: string): string {
  const text = version.trim().toLowerCase().replace(/^v/, '');
  const [published = '', local] = text.split('+');
  const parts = /^(\d+!)?(\d+(?:\.\d+)*)(.*)$/.exec(published);
  if (parts === null) return text;
  const release = (parts[2] ?? '').split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (release.length > 1 && release.at(-1) === '0') release.pop();
  const rest = (parts[3] ?? '')
    .replaceAll(/[-_.]/g, '')
    .replace(/^(\d+)$/, 'post$1')
    .replace(/^alpha/, 'a')
    .replace(/^beta/, 'b')
    .replace(/^(?:c|preview|pre)(?=\d|$)/, 'rc')
    .replace(/(?:rev|r)(?=\d+$)/, 'post')
    .replaceAll(
      /(a|b|rc|post|dev)0*(\d*)/g,
      (_whole, word: string, number: string) => `.${word}${number || '0'}`,
    );
  const epoch = parts[1] === undefined || parts[1] === '0!' ? '' : parts[1];
  return `${epoch}${release.join('.')}${rest}${local === undefined ? '' : `+${local.replaceAll(/[-_]/g, '.')}`}`;
}
