import path from 'node:path';
import { distributionOfModule, pluginOfFixture } from './import-names.ts';
import { normaliseName } from './requirement.ts';
import { comparePython, pythonVersion } from './version.ts';

/** What collecting the tests of the tree before said. */
export interface Collected {
  /** Tests that were found. */
  readonly tests: number;
  readonly errors: readonly { readonly file: string; readonly message: string }[];
  /** What setting up single tests said, by test. */
  readonly messages: Readonly<Record<string, string>>;
}

/** What a repair may depend on. */
export interface Situation {
  /** All files of the tree. */
  readonly files: readonly string[];
  readonly pythonpath: readonly string[];
  /** Whether somebody stated the import path: then it stays as it is. */
  readonly pathStated: boolean;
  /** Distributions and top-level modules that are installed. */
  readonly installed: ReadonlyMap<string, string>;
  readonly modules: ReadonlySet<string>;
  /** Import names of A and B: never repaired. */
  readonly libraries: readonly string[];
  /** Interpreter `X.Y`. */
  readonly python: string;
  /** RFC 3339 instant of the resolution; null: newest of everything. */
  readonly date: string | null;
  /** Whether somebody stated a version of the test runner. */
  readonly runnerStated: boolean;
  /** What the tree states as Django's settings, and the folder of its `manage.py`; null: nothing. */
  readonly django: { readonly settings: string; readonly folder: string } | null;
  /** Distributions that were tried before, or dropped. */
  readonly tried: ReadonlySet<string>;
}

/** What one round changes, and what it only records. */
export interface Mending {
  /** Requirements to be added, as written. */
  readonly add: readonly string[];
  /** Version of pytest to be taken instead; null: as it is. */
  readonly pytest: string | null;
  readonly pythonpath: readonly string[];
  /** Working folder of the tests; null: as it is. */
  readonly cwd: string | null;
  /** Further arguments of pytest. */
  readonly args: readonly string[];
  /** One sentence for each change. */
  readonly steps: readonly string[];
  /** What was seen and cannot be mended here. */
  readonly notes: readonly string[];
}

const MISSING = /No module named ['"]?([A-Za-z_][\w.]*)/g;
const FIXTURE = /fixture ['"](\w+)['"] not found/g;
const RELATIVE =
  /(?:FileNotFoundError|IOError)[^\n]*No such file or directory: u?['"]([^'"/\n][^'"\n]*)['"]/g;
const REMOVED_NAME =
  /cannot import name '?(\w+)'? from '(collections|inspect|asyncio|fractions|typing|cgi|importlib)'|module '(collections|inspect|asyncio|fractions|time|numpy)' has no attribute '(\w+)'/g;
const NO_SETTINGS = /settings are not configured|DJANGO_SETTINGS_MODULE/;
const OLD_PYTEST = [
  /called directly/,
  /yield tests were removed/,
  /'pytest_plugins' in a non-top-level conftest/,
  /cannot import name '?\w+'? from '?_pytest/,
  /No module named ['"]?_pytest\.[\w.]+/,
  /module '(?:py\.test|pytest)' has no attribute '\w+'/,
  /has no attribute 'get_marker'/,
  /'Metafunc' object has no attribute 'addcall'/,
  /'?MarkDecorator'? object is not iterable/,
  /Applying marks directly to parameters/,
  /unknown hook 'pytest_/,
  /PluginValidationError|PluginValidateError/,
];
/** Lines of pytest with the last release of each and the newest interpreter that it runs on. */
const RUNNERS = [
  { from: '2021-12-30', version: '7.4.4', python: '3.12' },
  { from: '2020-12-13', version: '6.2.5', python: '3.10' },
  { from: '2019-07-01', version: '5.4.3', python: '3.9' },
  { from: '2018-12-14', version: '4.6.11', python: '3.9' },
  { from: '0000-00-00', version: '3.10.1', python: '3.7' },
];
/** Up to here the line 4.6 is tried before older ones: it bears most of what 3.x bore. */
const BEARS_OLD = '4.6.11';
/** Modules of Python 2 alone, and what later releases of Python 3 lost: no distribution brings them. */
const GONE = new Set(
  'urllib2 urlparse ConfigParser StringIO cStringIO httplib Queue __builtin__ cPickle Cookie cookielib HTMLParser imp asyncore asynchat smtpd distutils cgi pipes telnetlib'.split(
    ' ',
  ),
);
const NOT_ON_PATH = /(^|\/)(docs?|examples?|vendor|third_party|node_modules|\.[^/]+|build|dist)\//i;

/** Pure: reads what collecting said and decides what the next round changes; each thing is tried once. */
export function readSymptoms(collected: Collected, situation: Situation): Mending {
  const errors = [
    ...collected.errors,
    ...Object.entries(collected.messages).map(([id, message]) => ({
      file: id.split('::')[0] ?? id,
      message,
    })),
  ];
  const add = new Map<string, string>();
  const pythonpath = new Set<string>();
  const notes = new Set<string>();
  const steps: string[] = [];
  const want = (distribution: string, why: string): void => {
    const name = normaliseName(distribution);
    if (situation.installed.has(name) || situation.tried.has(name) || add.has(name)) return;
    add.set(name, name);
    steps.push(`added ${name}: ${why}`);
  };
  for (const { file, message } of errors) {
    for (const module of matches(MISSING, message)) {
      if (situation.libraries.some((name) => module === name || module.startsWith(`${name}.`))) continue;
      if (module.startsWith('_pytest.')) continue;
      const folder = situation.pathStated ? null : folderOfModule(module, file, situation);
      if (folder !== null) {
        if (!pythonpath.has(folder)) steps.push(`${folder} on the import path: it has ${module}`);
        pythonpath.add(folder);
        continue;
      }
      const distribution = distributionOfModule(module);
      const [top = ''] = module.split('.');
      if (distribution !== null && !(situation.modules.has(module) && module === top))
        want(distribution, `no module ${module}`);
      else
        notes.add(
          GONE.has(top)
            ? `Python ${situation.python} has no module ${module}`
            : `no distribution is known for module ${module}`,
        );
    }
    for (const fixture of matches(FIXTURE, message)) {
      const plugin = pluginOfFixture(fixture);
      if (plugin === null) notes.add(`no plug-in is known for fixture ${fixture}`);
      else want(plugin, `no fixture ${fixture}`);
    }
    for (const found of message.matchAll(REMOVED_NAME)) {
      notes.add(
        `the code asks for ${found[2] ?? found[3] ?? ''}.${found[1] ?? found[4] ?? ''}, which is gone`,
      );
    }
  }
  const old = errors.find(({ message }) => OLD_PYTEST.some((pattern) => pattern.test(message)));
  const pytest = old === undefined ? null : olderRunner(situation);
  if (old !== undefined) {
    const said = OLD_PYTEST.map((pattern) => pattern.exec(old.message)?.[0]).find(
      (text) => text !== undefined,
    );
    if (pytest !== null) steps.push(`pytest ${pytest}: ${said ?? ''}`);
    else notes.add(`${said ?? ''}: the test runner stays as it is`);
  }
  const args: string[] = [];
  const { django } = situation;
  if (errors.some(({ message }) => NO_SETTINGS.test(message))) {
    if (django === null) notes.add('nothing says which settings Django has');
    else if (!situation.tried.has('pytest-django')) {
      want('pytest-django', 'settings are not configured');
      if (!situation.pathStated && !situation.pythonpath.includes(django.folder))
        pythonpath.add(django.folder);
      args.push(`--ds=${django.settings}`);
      steps.push(`settings ${django.settings}: the tree states them`);
    }
  }
  const cwd = workingFolder(errors, situation.files);
  if (cwd !== null) steps.push(`tests run in ${cwd}/: they open files relative to it`);
  return { add: [...add.values()], pytest, pythonpath: [...pythonpath], cwd, args, steps, notes: [...notes] };
}

function matches(pattern: RegExp, text: string): string[] {
  return [...new Set([...text.matchAll(pattern)].flatMap((found) => found[1] ?? []))];
}

/** The folder of the tree that has the module and is not on the path: the one nearest to the file that asked. */
export function folderOfModule(
  module: string,
  asking: string,
  { files, pythonpath }: Pick<Situation, 'files' | 'pythonpath'>,
): string | null {
  const below = module.replaceAll('.', '/');
  const folders = new Set<string>();
  for (const file of files) {
    for (const end of [`${below}.py`, `${below}/__init__.py`]) {
      if ((file !== end && !file.endsWith(`/${end}`)) || NOT_ON_PATH.test(file)) continue;
      const folder = file.slice(0, file.length - end.length).replace(/\/$/, '');
      folders.add(folder === '' ? '.' : folder);
    }
  }
  // a package's own module is reached through its package, not by a folder within it
  const outer = [...folders].filter(
    (folder) => !files.includes(`${folder}/__init__.py`) || asking.startsWith(`${folder}/`),
  );
  const found = outer.filter((folder) => !pythonpath.includes(folder));
  if (found.length < outer.length) return null;
  const shared = (folder: string): number => {
    const [a, b] = [folder.split('/'), asking.split('/')];
    const at = a.findIndex((part, index) => part !== b[index]);
    return at < 0 ? a.length : at;
  };
  return found.sort((a, b) => shared(b) - shared(a) || a.length - b.length || (a < b ? -1 : 1))[0] ?? null;
}

/** The next older line of pytest that suits the date and bears the interpreter; null where none does. */
export function olderRunner(
  situation: Pick<Situation, 'installed' | 'python' | 'date' | 'runnerStated'>,
): string | null {
  const now = pythonVersion(situation.installed.get('pytest') ?? '');
  const python = pythonVersion(situation.python);
  if (situation.runnerStated || situation.date === null || now === null || python === null) return null;
  const day = situation.date.slice(0, 10);
  const usable = RUNNERS.filter(({ from, version, python: last }) => {
    const [line, newest] = [pythonVersion(version), pythonVersion(last)];
    if (line === null || newest === null || comparePython(python, newest) > 0) return false;
    if (python.major === 2 && line.major > 4) return false;
    return comparePython(line, now) < 0 && (from <= day || version === BEARS_OLD);
  });
  return usable[0]?.version ?? null;
}

/** The folder beside the tests in which a file lies that they open by a relative name. */
function workingFolder(
  errors: readonly { readonly file: string; readonly message: string }[],
  files: readonly string[],
): string | null {
  for (const { file, message } of errors) {
    for (const name of matches(RELATIVE, message)) {
      const wanted = path.posix.normalize(name);
      if (wanted.startsWith('..') || files.includes(wanted)) continue;
      for (let dir = path.posix.dirname(file); dir !== '.' && dir !== '/'; dir = path.posix.dirname(dir)) {
        const there = `${dir}/${wanted}`;
        if (files.some((one) => one === there || one.startsWith(`${there}/`))) return dir;
      }
    }
  }
  return null;
}
