import { isTestGroup, NO_FACTS, table, textOrNull, texts, type ManifestFacts } from './facts.ts';
import { requirementsOf, specifierOf } from './poetry.ts';
import { parseToml } from './toml.ts';

/** pyproject.toml in its dialects: PEP 621, dependency groups, Poetry, Flit's old form, PDM, Hatch. */
export function readPyproject(text: string): ManifestFacts {
  const document = parseToml(text);
  if (document === null) return NO_FACTS;
  const project = table(document['project']);
  const tool = table(document['tool']);
  const poetry = table(tool['poetry']);
  const flit = table(table(tool['flit'])['metadata']);
  const extras = { ...table(project['optional-dependencies']), ...table(flit['requires-extra']) };
  const poetryPython = textOrNull(table(poetry['dependencies'])['python']);
  return {
    runtime: [
      ...texts(project['dependencies']),
      ...texts(flit['requires']),
      ...requirementsOf(poetry['dependencies']),
    ],
    test: [
      ...Object.entries(extras).flatMap(([name, list]) => (isTestGroup(name) ? texts(list) : [])),
      ...dependencyGroups(table(document['dependency-groups'])),
      ...poetryTests(poetry),
      ...groups(table(table(tool['pdm'])['dev-dependencies'])),
      ...texts(table(tool['uv'])['dev-dependencies']),
      ...hatchTests(table(table(tool['hatch'])['envs'])),
    ],
    name:
      textOrNull(project['name']) ??
      textOrNull(poetry['name']) ??
      textOrNull(flit['dist-name']) ??
      textOrNull(flit['module']),
    version: textOrNull(project['version']) ?? textOrNull(poetry['version']),
    pythonRanges: [
      textOrNull(project['requires-python']),
      textOrNull(flit['requires-python']),
      poetryPython === null ? null : poetryPython.includes('||') ? null : specifierOf(poetryPython),
    ].filter((range): range is string => range !== null && range !== ''),
    exactPython: null,
    classifiers: [
      ...texts(project['classifiers']),
      ...texts(poetry['classifiers']),
      ...texts(flit['classifiers']),
    ],
    entryPoints: entryPoints(project, poetry, tool),
  };
}

/** PEP 735: test groups with what they include; a file with one group only has it read whatever its name. */
function dependencyGroups(all: Record<string, unknown>): string[] {
  const expand = (name: string, seen: readonly string[]): string[] => {
    if (seen.includes(name) || !Array.isArray(all[name])) return [];
    return (all[name] as unknown[]).flatMap((item) => {
      if (typeof item === 'string') return [item];
      const included = textOrNull(table(item)['include-group']);
      return included === null ? [] : expand(included, [...seen, name]);
    });
  };
  return Object.keys(all)
    .filter((name) => isTestGroup(name))
    .flatMap((name) => expand(name, []));
}

function groups(all: Record<string, unknown>): string[] {
  return Object.entries(all).flatMap(([name, list]) => (isTestGroup(name) ? texts(list) : []));
}

function poetryTests(poetry: Record<string, unknown>): string[] {
  const named = Object.entries(table(poetry['group'])).flatMap(([name, group]) =>
    isTestGroup(name) ? requirementsOf(table(group)['dependencies']) : [],
  );
  return [...requirementsOf(poetry['dev-dependencies']), ...named];
}

function hatchTests(environments: Record<string, unknown>): string[] {
  return Object.entries(environments).flatMap(([name, environment]) =>
    isTestGroup(name) || name === 'default' || name === 'hatch-test'
      ? [...texts(table(environment)['dependencies']), ...texts(table(environment)['extra-dependencies'])]
      : [],
  );
}

function entryPoints(
  project: Record<string, unknown>,
  poetry: Record<string, unknown>,
  tool: Record<string, unknown>,
): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  const add = (group: string, points: unknown): void => {
    for (const [name, target] of Object.entries(table(points))) {
      if (typeof target === 'string') (found[group] ??= {})[name] = target;
    }
  };
  add('console_scripts', project['scripts']);
  add('gui_scripts', project['gui-scripts']);
  add('console_scripts', poetry['scripts']);
  add('console_scripts', table(tool['flit'])['scripts']);
  const plugins = [project['entry-points'], poetry['plugins'], table(tool['flit'])['entrypoints']];
  for (const source of plugins)
    for (const [group, points] of Object.entries(table(source))) add(group, points);
  return found;
}
