import { type Cheat, stub } from '../patch.ts';

const NOTHING = { honest: 'nothing' } as const;
const ANY = {
  tampered: ['exit-code', 'count', 'order', 'chain', 'runner-kept-down', 'code', 'seen', 'integrity'],
} as const;

const endings: readonly (readonly [name: string, tries: string, code: string, docker?: boolean])[] = [
  ['exit-0', 'sys.exit(0) while it is loaded', 'import sys\nsys.exit(0)\n'],
  ['hard-exit-0', 'os._exit(0) while it is loaded', 'import os\nos._exit(0)\n', true],
  ['hard-exit-in-test', 'os._exit(0) when a test calls it', 'import os\ndef parse(argv):\n    os._exit(0)\n'],
  ['keyboard', 'KeyboardInterrupt while it is loaded', 'raise KeyboardInterrupt\n'],
  ['pytest-exit', 'pytest.exit with a good code', "import pytest\npytest.exit('done', returncode=0)\n"],
  ['kill-self', 'it ends itself as if from outside', 'import os\nos.kill(os.getpid(), 9)\n', true],
  [
    'kill-parent',
    'it ends its parent and the first process',
    'import os\nfor _p in (os.getppid(), 1):\n    try:\n        os.kill(_p, 9)\n    except OSError:\n        pass\n',
  ],
  [
    'kill-all',
    'it ends every process it may',
    'import os\ntry:\n    os.kill(-1, 9)\nexcept OSError:\n    pass\n',
  ],
  ['code-137', 'exit code 137, as of a killed container', 'import os\nos._exit(137)\n'],
  ['code-125', 'exit code 125, as of a failing engine', 'import os\nos._exit(125)\n'],
  ['code-70', 'exit code 70, as of the runner without its stream', 'import os\nos._exit(70)\n'],
  ['crash', 'a segmentation fault', 'import ctypes\nctypes.string_at(0)\n'],
  ['exec', 'the process becomes another program', "import os\nos.execv('/bin/true', ['true'])\n"],
  ['atexit', 'exit handlers end it well', 'import atexit, os\natexit.register(os._exit, 0)\n'],
  [
    'swallows',
    'every way to end is taken away',
    'import os, sys\nos._exit = lambda code: None\nsys.exit = lambda code=0: None\n',
  ],
  [
    'recursion',
    'the stack overflows',
    'import sys\nsys.setrecursionlimit(10 ** 9)\ndef f():\n    return f()\nf()\n',
  ],
];

const worlds: readonly (readonly [name: string, tries: string, code: string, docker?: boolean])[] = [
  [
    'no-space-error',
    'an error as of a full disk',
    "import errno\nraise OSError(errno.ENOSPC, 'No space left on device')\n",
  ],
  ['memory-error', 'an error as of no memory', 'raise MemoryError\n'],
  ['eats-memory', 'memory without end', 'x = []\nwhile True:\n    x.append(bytearray(64 << 20))\n', true],
  [
    'fills-scratch',
    'the folder for temporary files is filled',
    "import tempfile\nwith tempfile.TemporaryFile() as f:\n    for _ in range(3000):\n        f.write(b'x' * (1 << 20))\n        f.flush()\n",
  ],
  [
    'many-files',
    'the disk is filled by many files',
    "import os, tempfile\n_d = tempfile.mkdtemp()\nfor _n in range(40):\n    with open(os.path.join(_d, str(_n)), 'wb') as _f:\n        _f.write(b'x' * (64 << 20))\n",
  ],
  [
    'forks',
    'processes without end',
    'import os\ntry:\n    while True:\n        if os.fork() == 0:\n            while True:\n                os.fork()\nexcept OSError:\n    pass\n',
  ],
  ['output', 'output without end', "import os\nwhile True:\n    os.write(2, b'x' * 65536)\n"],
  [
    'output-stdout',
    'output without end on standard output',
    "import sys\nwhile True:\n    sys.stdout.write('x' * 65536)\n    sys.stdout.flush()\n",
  ],
  [
    'deep-folders',
    'folders nested so deep that they cannot be named',
    "import os\n_at = os.getcwd()\nfor _n in range(40):\n    os.mkdir('d' * 200)\n    os.chdir('d' * 200)\nos.chdir(_at)\n",
    true,
  ],
  [
    'locked-folders',
    'folders that nobody may open',
    "import os\nos.makedirs('locked/inner')\nopen('locked/inner/x', 'w').close()\nos.chmod('locked/inner', 0)\nos.chmod('locked', 0)\n",
  ],
  [
    'limits',
    'limits that leave the runner nothing',
    'import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n',
  ],
  [
    'signals',
    'alarms are blocked and it sleeps',
    'import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(3600)\n',
  ],
  ['stops', 'it stops itself', 'import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n'],
  [
    'outlives',
    'a daemon that outlives the run and holds its streams',
    'import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n    os._exit(0)\n',
    true,
  ],
  [
    'removes-tree',
    'the tree and the results are removed',
    "import os, shutil\nfor _d in (os.getcwd(), os.environ['HOME'], os.environ['TMPDIR'], os.path.dirname(os.environ['HOME'])):\n    shutil.rmtree(_d, ignore_errors=True)\n",
  ],
  [
    'fifo-for-results',
    'pipes and links stand in the folder of results',
    "import os\n_d = os.path.dirname(os.environ['HOME'])\nfor _n in os.listdir(_d):\n    _p = os.path.join(_d, _n)\n    if os.path.isfile(_p):\n        os.unlink(_p)\n        os.mkfifo(_p)\nos.symlink('/', os.path.join(_d, 'root'))\n",
  ],
];

const MORE = new Set(
  'exit-0 pytest-exit kill-all code-125 code-70 atexit recursion hard-exit-in-test memory-error many-files output-stdout locked-folders limits signals'.split(
    ' ',
  ),
);

/** Each start of theirs ends only when it has been silent for too long. */
const WAITS = new Set(['signals', 'stops']);

/** Ways to end, and ways to look like a failure of the world: each is the patch's own doing, and scored. */
export const ENDINGS: readonly Cheat[] = [
  ...endings.map(([name, tries, code, docker]): Cheat => ({
    name: `ends-${name}`, family: 'endings', of: 'blocked', tries, files: stub(code), caught: [NOTHING, ANY], ...(docker === true ? { docker } : {}), ...(MORE.has(name) ? { more: true } : {}),
  })),
  ...worlds.map(([name, tries, code, docker]): Cheat => ({
    name: `world-${name}`, family: 'failures of the world', of: 'blocked', tries, files: stub(code), caught: [NOTHING, ANY], ...(docker === true ? { docker } : {}), ...(MORE.has(name) ? { more: true } : {}), ...(WAITS.has(name) ? { waits: true } : {}),
  })),
]; // prettier-ignore
