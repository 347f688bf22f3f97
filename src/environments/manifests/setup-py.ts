import { isTestGroup, NO_FACTS, type ManifestFacts } from './facts.ts';
import { pointsOf, readEntryPointsText } from './setup-cfg.ts';

/** What the syntax tree of a setup.py gave (see `read_sources.py`): values that are plain constants. */
export interface SetupCall {
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly python_requires?: string | undefined;
  readonly install_requires?: readonly string[] | undefined;
  readonly requires?: readonly string[] | undefined;
  readonly tests_require?: readonly string[] | undefined;
  readonly extras_require?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly classifiers?: readonly string[] | undefined;
  readonly entry_points?: string | Readonly<Record<string, readonly string[]>> | undefined;
}

/** The facts of a call of `setup()`. */
export function setupFacts(call: SetupCall): ManifestFacts {
  return {
    ...NO_FACTS,
    runtime: [...(call.install_requires ?? []), ...conditional(call.extras_require ?? {})],
    test: [
      ...(call.tests_require ?? []),
      ...Object.entries(call.extras_require ?? {}).flatMap(([name, list]) => (isTestGroup(name) ? list : [])),
    ],
    name: call.name ?? null,
    version: call.version !== undefined && /^\d/.test(call.version) ? call.version : null,
    pythonRanges:
      call.python_requires === undefined || call.python_requires === '' ? [] : [call.python_requires],
    classifiers: call.classifiers ?? [],
    entryPoints: pointGroups(call.entry_points),
  };
}

/** The old spelling of a marker: an extra whose name is `:` and a condition. */
function conditional(extras: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(extras).flatMap(([name, list]) =>
    name.startsWith(':') ? list.map((requirement) => `${requirement} ; ${name.slice(1)}`) : [],
  );
}

function pointGroups(written: SetupCall['entry_points']): Record<string, Record<string, string>> {
  if (written === undefined) return {};
  if (typeof written === 'string') return readEntryPointsText(written);
  return Object.fromEntries(Object.entries(written).map(([group, points]) => [group, pointsOf(points)]));
}

/** By pattern, where no interpreter at hand reads the file's syntax: lists of texts after the keyword's name. */
export function setupByPattern(text: string): ManifestFacts {
  const list = (keyword: string): string[] => {
    const found = new RegExp(`\\b${keyword}\\s*=\\s*\\[([^\\]]*)\\]`).exec(text);
    return [...(found?.[1] ?? '').matchAll(/(['"])((?:(?!\1).)*)\1/g)].map((match) => match[2] ?? '');
  };
  const single = (keyword: string): string | undefined =>
    new RegExp(`\\b${keyword}\\s*=\\s*(['"])([^'"]+)\\1`).exec(text)?.[2];
  return setupFacts({
    name: single('name'),
    version: single('version'),
    python_requires: single('python_requires'),
    install_requires: list('install_requires'),
    tests_require: list('tests_require'),
    classifiers: list('classifiers'),
  });
}
