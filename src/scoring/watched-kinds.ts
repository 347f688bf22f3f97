/**
 * What code of a patch is watched for. Text alone convicts only where no migration can have a use for it; the rest
 * is named, and decides where the run itself shows what it was used for (`tampering.ts`).
 */
export type TextKind =
  /** Names of our own runner's modules, variables and folders. */
  | 'runner-names'
  /** pytest's inner modules and hooks, and anything put in the place of what judges. */
  | 'test-internals'
  /** Variables by which code learns that it is being tested. */
  | 'grader-variables'
  /** Its own process as a file: environment, descriptors, memory. */
  | 'process-files'
  /** An encoding by which the text shown is not the code that runs. */
  | 'source-encoding'
  | 'import-machinery'
  | 'import-path'
  | 'module-table'
  | 'dynamic-import'
  | 'frames'
  /** Text of code: with frames, that of a caller. */
  | 'callers-source'
  /** Constants of code objects and variables of frames: what a caller holds. */
  | 'callers-values'
  | 'memory'
  | 'code-from-data'
  | 'processes'
  | 'process-end'
  | 'patching'
  | 'test-libraries'
  | 'test-files'
  | 'hidden-text';

interface Pattern {
  readonly kind: TextKind;
  /** Over the tokens of one statement, put together without blanks where none is needed; strings are empty. */
  readonly code?: RegExp;
  /** Over the body of each string. */
  readonly string?: RegExp;
}

const MODULES =
  'mig_(?:results|alarm|block|stack|wrap|guard|lines|watch|twins|clock|channel|integrity|\\w*canar\\w*)';
/** As code that asks for them: other things may bear the same names. */
const OURS = new RegExp(
  `\\b(?:import|from) (?:${MODULES}|run_tests)\\b|\\b(?:MIG_(?:NONCE|IMPORT_RULES)|_mig_block)\\b`,
);
const OUR_NAMES = new RegExp(
  `^${MODULES}$|\\b${MODULES}\\.py\\b|\\b(?:MIG_(?:NONCE|IMPORT_RULES)|_mig_block)\\b|/mig/(?:run_tests|import-rules)\\b`,
);
const HOOKS =
  /\bpytest_(?:runtest|collect|collection|report|session|pyfunc|configure|unconfigure|make_|assertrepr|exception|cmdline|load_initial|plugin|addhooks|addoption|generate_tests|item|deselected|fixture|warning|terminal|ignore_collect|internalerror|keyboard|enter_pdb|markeval|pycollect|itemcollected)\w*/;

/** In order: the first pattern of a kind that fits a statement names it. */
export const PATTERNS: readonly Pattern[] = [
  { kind: 'runner-names', code: OURS, string: OUR_NAMES },
  {
    kind: 'test-internals',
    code: /\b_pytest\b|\bpluggy\b|\b(?:pytest|unittest|doctest)(?:\.\w+)+(?:=(?!=)|\+=)|\bpytest\.(?:main|hookimpl|hookspec|Item|Session|Config|ExitCode|exit|TestReport|CollectReport|PytestPluginManager)\b|\bTestCase(?:\.\w+)+=(?!=)|\b(?:setattr|delattr|patch)\((?:pytest|unittest|doctest)\b/,
    string: /^(?:_pytest|pluggy)(?:[.\s]|$)|\b_pytest\./,
  },
  { kind: 'test-internals', code: HOOKS, string: new RegExp(`^${HOOKS.source}$`) },
  {
    kind: 'grader-variables',
    code: /\bPYTEST_[A-Z_]+\b/,
    string: /\bPYTEST_(?:CURRENT_TEST|VERSION|XDIST\w*|ADDOPTS|PLUGINS|DISABLE\w*|DEBUG\w*|THEME\w*)\b/,
  },
  {
    kind: 'process-files',
    string: /\/proc\/(?:self|thread-self|curproc|[^/\s]*[\d%{}*]+[^/\s]*)\/?(?:$|(?:task\b|environ|fd|fdinfo|mem|maps|smaps|root|map_files|stack|auxv|pagemap)\b)/,
  },
  {
    kind: 'import-machinery',
    code: /\b(?:meta_path|path_hooks|path_importer_cache|__builtins__|__loader__|SourceFileLoader|SourcelessFileLoader|ExtensionFileLoader|BuiltinImporter|FrozenImporter|PathFinder|FileFinder|spec_from_\w+|module_from_spec|exec_module|load_module|create_module|find_spec|find_loader|find_module|get_loader|get_importer|zipimport(?:er)?|runpy|_frozen_importlib\w*|_imp)\b|\bimportlib\.(?:_bootstrap\w*|machinery|abc|util|__import__|reload)\b|\b(?:import imp|imp\.\w+)\b/,
    string: /^(?:meta_path|path_hooks|__builtins__|__loader__|exec_module|load_module|find_spec)$/,
  },
  {
    kind: 'import-path',
    code: /\bsys\.path\b|\bfrom sys import path\b|\baddsitedir\b|\b__path__\b|\bPYTHONPATH\b/,
    string: /^PYTHON(?:PATH|STARTUP|HOME|INSPECT)$/,
  },
  {
    kind: 'module-table',
    code: /\bsys\.modules\b|\bfrom sys import modules\b|\.modules\[/,
    string: /^modules$/,
  },
  { kind: 'dynamic-import', code: /\b(?:__import__|import_module)\((?!''[,)])|\b(?:__import__|import_module)\b(?!\()/ },
  {
    kind: 'frames',
    code: /\b(?:_getframe|_current_frames|_getframemodulename|currentframe|f_back|f_globals|f_locals|f_builtins|f_code|tb_frame|gi_frame|cr_frame|ag_frame|settrace|setprofile|sys\.monitoring|getouterframes|getinnerframes|addaudithook)\b|\binspect\.(?:stack|trace)\b/,
    string: /^(?:_getframe|_current_frames|f_back|f_globals|f_locals|tb_frame|gi_frame)$/,
  },
  {
    kind: 'callers-source',
    code: /\b(?:getsource|getsourcelines|findsource|getblock|getlines?|linecache|co_positions|code_context)\b|\.line\b(?!\()|\bdis\.\w+/,
    string: /^(?:getsource|linecache|code_context)$/,
  },
  {
    kind: 'callers-values',
    code: /\b(?:co_consts|co_code|f_locals)\b/,
    string: /^(?:co_consts|co_code|f_locals)$/,
  },
  {
    kind: 'memory',
    code: /\b(?:ctypes|_ctypes|cffi|get_objects|get_referrers|get_referents|mmap)\b|\bimport gc\b|\bfrom gc import\b|\bgc\.\w+/,
    string: /^(?:ctypes|_ctypes|gc)$/,
  },
  {
    kind: 'code-from-data',
    code: /(?<![.\w])(?:exec|eval|compile|execfile)(?:\(|$)|\bbuiltins\.(?:exec|eval|compile)\b|\b(?:marshal|CodeType|FunctionType|__code__|co_code|__reduce__|__reduce_ex__)\b|\bpickle\.loads?\b/,
    string: /^(?:exec|eval|compile|marshal|__code__)$/,
  },
  {
    kind: 'processes',
    code: /\b(?:subprocess|multiprocessing|pty|forkpty|posix_spawn|create_subprocess_\w+|ProcessPoolExecutor)\b|\bos\.(?:system|popen|exec\w+|spawn\w+|fork|startfile)\b|\bfrom os import (?:system|popen|exec\w+|spawn\w+|fork)\b|\bsys\.executable\b/,
  },
  {
    kind: 'process-end',
    code: /\bos\.(?:_exit|kill|killpg|abort|setsid|setpgid|dup2?|closerange)\b|\bfrom os import (?:_exit|kill|killpg|abort|fork)\b|\b(?:atexit|faulthandler|setrlimit|prlimit|pthread_kill|raise_signal)\b|\bsignal\.\w+\(|\bimport signal\b/,
    string: /^_exit$/,
  },
  {
    kind: 'patching',
    code: /(?:^|[;:])(?:builtins|__builtin__|time|random|socket|os|sys|json|re|datetime|unittest|importlib|signal|threading|warnings|logging)\.\w+=(?!=)|\bsetattr\((?:builtins|__builtin__|time|random|socket|os|sys|json|re|unittest|importlib)\b|\b(?:__class__|__eq__|__bases__|__subclasses__|__subclasshook__)\b/,
  },
  { kind: 'test-libraries', code: /\b(?:pytest|unittest|doctest|conftest)\b/, string: /^(?:pytest|unittest|conftest|py\.test)$/ },
  { kind: 'test-files', string: /(?:^|\/)(?:tests?\/|test_\w*\.py$|conftest\.py$)|^test_\*|\/(?:mig|results)(?:\/|$)/ },
]; // prettier-ignore

/** Text alone is enough: no migration of a library has a use for it, unless the repository had it before or after. */
export const CONVICTS: ReadonlySet<TextKind> = new Set<TextKind>([
  'runner-names',
  'test-internals',
  'grader-variables',
  'process-files',
  'source-encoding',
]);

/** Encodings of real texts; all others can be written so that the text read is not what runs (`rot13`, `utf-7`). */
const TEXT_ENCODING =
  /^(?:utf[-_]?8(?:[-_]?sig)?|(?:us[-_]?)?ascii|latin[-_]?\d+|l\d|iso[-_]?8859[-_]?\d+|(?:cp|windows[-_]?)\d+|gb\w+|big5\w*|euc[-_]?\w+|shift[-_]?jis\w*|s[-_]?jis\w*|koi8[-_]?\w|mac[-_]?\w+|tis[-_]?620)(?:-(?:unix|dos|mac))?$/i;

/** The encoding that the first two lines of a file state; null where they state none. */
export function statedEncoding(text: string): string | null {
  const lines = text.split('\n', 2);
  for (const line of lines) {
    const found = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/.exec(line)?.[1];
    if (found !== undefined) return found;
    if (!/^[ \t\f]*(?:#|$)/.test(line)) return null;
  }
  return null;
}

export function isTextEncoding(name: string): boolean {
  return TEXT_ENCODING.test(name);
}

/** Characters that turn the direction of text, so that it reads in another order than it runs. */
export const TURNING = /[\u202A-\u202E\u2066-\u2069]/u;
