import { isTestGroup, NO_FACTS, type ManifestFacts } from './facts.ts';
import { lines, parseIni } from './ini.ts';

/** setup.cfg: setuptools' declarative form and pbr's. */
export function readSetupCfg(text: string): ManifestFacts {
  const sections = parseIni(text);
  const metadata = sections.get('metadata') ?? new Map<string, string>();
  const options = sections.get('options') ?? new Map<string, string>();
  const extras = [
    ...(sections.get('options.extras_require') ?? new Map<string, string>()),
    ...(sections.get('extras') ?? new Map<string, string>()),
  ];
  const version = metadata.get('version');
  const range =
    options.get('python_requires') ?? metadata.get('python-requires') ?? metadata.get('requires-python');
  const classifiers = lines(metadata.get('classifiers') ?? metadata.get('classifier'));
  return {
    ...NO_FACTS,
    runtime: list(options.get('install_requires')),
    test: [
      ...list(options.get('tests_require')),
      ...extras.flatMap(([name, value]) => (isTestGroup(name) ? list(value) : [])),
    ],
    name: metadata.get('name') ?? null,
    version: version !== undefined && /^\d/.test(version) ? version : null,
    pythonRanges: range === undefined || range === '' ? [] : [range],
    classifiers,
    entryPoints: readEntryPoints(sections),
  };
}

function list(value: string | undefined): string[] {
  return lines(value).flatMap((line) => (line.includes(';') ? splitList(line) : [line]));
}

/** `a; b; c` is a list in setup.cfg unless what follows reads as a marker. */
function splitList(line: string): string[] {
  const parts = line.split(';').map((part) => part.trim());
  const isMarker = (part: string): boolean =>
    /^(python|sys_|os_|platform|implementation|extra|\()/.test(part);
  return parts.slice(1).some(isMarker) ? [line] : parts.filter((part) => part !== '');
}

function readEntryPoints(sections: Map<string, Map<string, string>>): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  for (const name of ['options.entry_points', 'entry_points']) {
    for (const [group, value] of sections.get(name) ?? []) found[group] = pointsOf(lines(value));
  }
  return found;
}

/** `name = module:object` lines. */
export function pointsOf(written: readonly string[]): Record<string, string> {
  const points: Record<string, string> = {};
  for (const line of written) {
    const pair = /^([^=]+?)\s*=\s*(\S.*)$/.exec(line);
    if (pair !== null) points[(pair[1] ?? '').trim()] = (pair[2] ?? '').trim();
  }
  return points;
}

/** entry_points.txt of a distribution. */
export function readEntryPointsText(text: string): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  let group: Record<string, string> | null = null;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]+)\]/.exec(line.trim());
    if (header !== null) group = found[(header[1] ?? '').trim()] ??= {};
    else if (group !== null) Object.assign(group, pointsOf([line]));
  }
  return found;
}
