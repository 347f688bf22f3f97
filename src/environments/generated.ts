import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** A module of version numbers that building the repository would write, and that is not in its tree. */
export interface GeneratedModule {
  /** Dotted name, `pkg._version`. */
  readonly module: string;
  /** Names that the tree imports from it. */
  readonly names: readonly string[];
}

const DECLARED =
  /\b(?:write_to|version[_-]file)\b['"]?\s*[:=]\s*(?:os\.path\.join\()?\s*['"]([\w./-]+\.py)['"]/g;
const IMPORTED =
  /^[ \t]*from[ \t]+(\.|[\w.]+\.)(_version|version|__version__|_scm_version)[ \t]+import[ \t]+\(?([^)#\n]+)/gm;
const USUAL = ['version', '__version__', 'version_tuple', '__version_tuple__'];

/**
 * Version modules that the tree imports and lacks: those that its own build settings name, and `_version`,
 * `version` and the like beside the package that imports them. Pure: files are paths with their texts.
 */
export function generatedModules(
  paths: ReadonlySet<string>,
  declaring: ReadonlyMap<string, string>,
  sources: ReadonlyMap<string, string>,
  pythonpath: readonly string[],
): GeneratedModule[] {
  const found = new Map<string, Set<string>>();
  const add = (file: string, names: readonly string[]): void => {
    const module = moduleOf(file, pythonpath);
    if (module === null || exists(file, paths)) return;
    const known = found.get(module) ?? new Set<string>();
    for (const name of names) known.add(name);
    found.set(module, known);
  };
  for (const [file, text] of declaring) {
    const folder = path.posix.dirname(file);
    for (const match of text.matchAll(DECLARED)) add(path.posix.join(folder, match[1] ?? ''), []);
  }
  for (const [file, text] of sources) {
    for (const [, from = '', name = '', list = ''] of text.matchAll(IMPORTED)) {
      const names = list.split(',').flatMap((item) => /^\s*([A-Za-z_]\w*)/.exec(item)?.[1] ?? []);
      const own = `${path.posix.dirname(file)}/${name}.py`;
      const package_ = from === '.' ? null : from.slice(0, -1).replaceAll('.', '/');
      if (package_ === null) add(own, names);
      else
        for (const top of pythonpath) {
          const folder = path.posix.join(top, package_);
          if (paths.has(`${folder}/__init__.py`)) add(`${folder}/${name}.py`, names);
        }
    }
  }
  return [...found]
    .map(([module, names]) => ({ module, names: [...names].sort() }))
    .sort((a, b) => (a.module < b.module ? -1 : 1));
}

/** Whether the project at `root` is built with extension modules of its own. Pure. */
export function hasOwnExtensions(declaring: ReadonlyMap<string, string>, root: string): boolean {
  const at = (name: string): string => declaring.get(path.posix.join(root, name)) ?? '';
  return (
    /\b(?:ext_modules|rust_extensions|cffi_modules)\s*=|\bcythonize\(/.test(at('setup.py')) ||
    /^build-backend\s*=\s*['"](?:maturin|mesonpy|scikit_build_core)/m.test(at('pyproject.toml'))
  );
}

/** What the record says of parts of the repository that building it would make. */
export function treeNotes(survey: {
  readonly generated: readonly GeneratedModule[];
  readonly ownExtensions: boolean;
}): string[] {
  const made = survey.generated.map(({ module }) => `made up version module ${module}`);
  const extensions = 'extension modules of the repository are not built: what needs them does not run';
  return [...made, ...(survey.ownExtensions ? [extensions] : [])];
}

/** Whether a file, a package or a compiled form of it is in the tree. */
function exists(file: string, paths: ReadonlySet<string>): boolean {
  const stem = file.replace(/\.py$/, '');
  return ['.py', '.pyx', '.c', '/__init__.py'].some((end) => paths.has(stem + end));
}

function moduleOf(file: string, pythonpath: readonly string[]): string | null {
  const inner = [...pythonpath].sort((a, b) => b.length - a.length);
  for (const top of inner) {
    const below = path.posix.relative(top === '.' ? '' : top, file);
    const parts = below.replace(/\.py$/, '').split('/');
    if (!below.startsWith('..') && parts.length > 1 && parts.every((part) => /^[A-Za-z_]\w*$/.test(part)))
      return parts.join('.');
  }
  return null;
}

/**
 * Makes these modules importable in an environment whose tree is mounted read-only: a finder that is asked when
 * nobody else has the module, started by a `.pth` file. Runs on 2.7 too.
 */
export function writeGenerated(
  sitePackages: string,
  modules: readonly GeneratedModule[],
  version: string | null,
): void {
  if (modules.length === 0) return;
  const known = version !== null && /^[\w.+!-]+$/.test(version) ? version : '0.0.0';
  const tuple = known.split('.').map((part) => (/^\d+$/.test(part) ? String(Number(part)) : `'${part}'`));
  const lines = modules.map(({ module, names }) => {
    const all = [...new Set([...USUAL, ...names])];
    const values = all.map((name) => {
      const isTuple = /tuple|info/i.test(name);
      return `'${name}': ${isTuple ? `(${tuple.join(', ')},)` : `'${known}'`}`;
    });
    return `    '${module}': {${values.join(', ')}},`;
  });
  const text = FINDER.replace('MODULES', `{\n${lines.join('\n')}\n}`);
  writeFileSync(path.join(sitePackages, '_generated_versions.py'), text);
  writeFileSync(path.join(sitePackages, '_generated_versions.pth'), 'import _generated_versions\n');
}

const FINDER = `"""Version modules that building the repository would have written."""
import sys

KNOWN = MODULES


class Finder(object):
    def find_spec(self, name, path=None, target=None):
        if name in KNOWN:
            from importlib.util import spec_from_loader

            return spec_from_loader(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        vars(module).update(KNOWN[module.__name__])

    if sys.version_info[0] == 2:

        def find_module(self, name, path=None):
            if name not in KNOWN:
                return None
            # Asked before files are looked for, other than on 3.
            import imp

            try:
                imp.find_module(name.rpartition(".")[2], path)
            except ImportError:
                return self

        def load_module(self, name):
            module = sys.modules.setdefault(name, type(sys)(name))
            module.__loader__ = self
            module.__package__ = name.rpartition(".")[0]
            self.exec_module(module)
            return module


sys.meta_path.append(Finder())
`;
