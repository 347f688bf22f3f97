import path from 'node:path';
import { parseYaml } from '../../workspace/yaml.ts';
import { joinFacts, type ManifestFacts } from './facts.ts';
import { readCondaEnvironment, readPipfile, readTox, toxRequirementFiles } from './others.ts';
import { readPackageInfo } from './package-info.ts';
import { readPyproject } from './pyproject.ts';
import { readRequirementsFile, requirementsFileKind } from './requirements-txt.ts';
import { readSetupCfg } from './setup-cfg.ts';
import { setupByPattern, setupFacts, type SetupCall } from './setup-py.ts';
import { NO_FACTS } from './facts.ts';

/** What one tree asks for, and which of its files said so. */
export interface TreeAsks {
  readonly facts: ManifestFacts;
  readonly files: readonly string[];
}

const NAMES = new Set([
  'pyproject.toml',
  'setup.cfg',
  'setup.py',
  'Pipfile',
  'tox.ini',
  'environment.yml',
  'environment.yaml',
  'PKG-INFO',
  'runtime.txt',
  '.python-version',
  'Dockerfile',
  'pytest.ini',
  'circle.yml',
  'azure-pipelines.yml',
  'appveyor.yml',
]);

/** Whether a path of a tree is worth reading for what it declares: manifests, CI files, runtime files. */
export function isDeclaring(file: string): boolean {
  const depth = file.split('/').length;
  return (
    (depth <= 2 && NAMES.has(path.posix.basename(file))) ||
    requirementsFileKind(file) !== null ||
    /^\.(travis|gitlab-ci|cirrus)\.ya?ml$/.test(file) ||
    /^\.github\/workflows\/[^/]+\.ya?ml$/.test(file) ||
    file === '.circleci/config.yml'
  );
}

/**
 * Reads every manifest that lies in `root` (the nearest folder with one, `.` mostly), nothing is run. `files`
 * are all declaring files of the tree with their text; `setups` the calls of `setup()` that the syntax tree
 * gave, by path (a path without one is read by pattern).
 */
export function readTree(
  files: ReadonlyMap<string, string>,
  setups: ReadonlyMap<string, SetupCall>,
  root: string,
): TreeAsks {
  const all: ManifestFacts[] = [];
  const used: string[] = [];
  const at = (name: string): string => (root === '.' ? name : `${root}/${name}`);
  const take = (file: string, read: (text: string) => ManifestFacts): void => {
    const text = files.get(file);
    if (text === undefined) return;
    all.push(read(text));
    used.push(file);
  };
  take(at('pyproject.toml'), readPyproject);
  take(at('setup.cfg'), readSetupCfg);
  take(at('setup.py'), (text) => {
    const call = setups.get(at('setup.py'));
    return call === undefined ? setupByPattern(text) : setupFacts(call);
  });
  take(at('Pipfile'), readPipfile);
  for (const name of ['environment.yml', 'environment.yaml']) {
    take(at(name), (text) => {
      const parsed = parseYaml(text, name);
      return parsed.ok ? readCondaEnvironment(parsed.value.value) : NO_FACTS;
    });
  }
  const named = toxRequirementFiles(files.get(at('tox.ini')) ?? '').map(at);
  for (const file of [...files.keys()].sort()) {
    const kind = requirementsFileKind(file) ?? (named.includes(file) ? 'test' : null);
    if (kind === null || (root !== '.' && !file.startsWith(`${root}/`) && file.includes('/'))) continue;
    const listed = readRequirementsFile(file, files);
    all.push({ ...NO_FACTS, [kind]: listed });
    used.push(file);
  }
  take(at('tox.ini'), readTox);
  take(at('PKG-INFO'), (text) => ({ ...readPackageInfo(text), runtime: [] }));
  return { facts: joinFacts(all), files: used };
}
