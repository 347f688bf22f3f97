import { writeFiles } from './git-repository.ts';

const BEFORE = `import optparse


def read(argv):
    parser = optparse.OptionParser()
    parser.add_option('-n', type='int', default=1)
    parser.add_option('-s', dest='sign', default='+')
    options, rest = parser.parse_args(argv)
    number = options.n * len(rest)
    return -number if options.sign == '-' else number
`;
const AFTER = `import argparse


def read(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument('-n', type=int, default=1)
    parser.add_argument('-s', dest='sign', default='+')
    parser.add_argument('rest', nargs='*')
    options = parser.parse_args(argv)
    number = options.n * len(options.rest)
    return -number if options.sign == '-' else number
`;
const PLAIN = `def add(a, b):
    return a + b
`;
const CASES: readonly (readonly [string, string])[] = [
  ["['a']", '1'],
  ["['-n', '2', 'a']", '2'],
  ["['-n', '3', 'a', 'b']", '6'],
  ["['-s', '-', 'a']", '-1'],
  ["['-s', '-', '-n', '2', 'a', 'b']", '-4'],
  ['[]', '0'],
];

/** Tests of `read`, one a case. */
function tests(count: number): string {
  const functions = CASES.slice(0, count).map(
    ([argv, wanted], index) => `def test_case_${index}():\n    assert read(${argv}) == ${wanted}\n`,
  );
  return ['from tally import read\n', ...functions].join('\n\n');
}

const BLIND = [
  'from plain import add\n',
  ...CASES.map((_, index) => `def test_add_${index}():\n    assert add(${index}, 1) == ${index + 1}\n`),
].join('\n\n');

interface Kind {
  readonly before: string;
  readonly after: string;
  /** Null: it has none. */
  readonly tests: string | null;
  readonly python?: string;
  /** Folder that the entry names as the tree before. */
  readonly from?: string;
}

/** One migration of each way in which validation can end; `missing` is the world's fault. */
const KINDS = {
  blind: { before: BEFORE, after: AFTER, tests: BLIND },
  failing: { before: BEFORE, after: AFTER.replace('import argparse', 'import argparze'), tests: tests(6) },
  few: { before: BEFORE, after: AFTER, tests: tests(2) },
  healthy: { before: BEFORE, after: AFTER, tests: tests(6) },
  missing: { before: BEFORE, after: AFTER, tests: tests(6), from: 'nowhere' },
  refused: { before: BEFORE, after: AFTER, tests: tests(6), python: '3.99' },
  same: { before: BEFORE, after: BEFORE, tests: tests(6) },
  testless: { before: BEFORE, after: AFTER, tests: null },
} satisfies Record<string, Kind>;
export type HealthKind = keyof typeof KINDS;
export const HEALTH_KINDS = Object.keys(KINDS) as HealthKind[];

export const healthId = (kind: HealthKind): string => `optparse__argparse__local@${kind}__00000001`;

/** A benchmark of manifests and folders with these migrations, and an entry that cannot be read. Answers `dir`. */
export function healthBenchmark(dir: string, kinds: readonly HealthKind[] = HEALTH_KINDS): string {
  for (const name of kinds) {
    const kind: Kind = KINDS[name];
    writeFiles(dir, { [`${healthId(name)}.yaml`]: manifest(name, kind) });
    for (const [tree, text] of [
      [`${name}/before`, kind.before],
      [`${name}/after`, kind.after],
    ] as const) {
      writeFiles(dir, { [`${tree}/tally.py`]: text, [`${tree}/plain.py`]: PLAIN });
      if (kind.tests !== null) writeFiles(dir, { [`${tree}/tests/test_tally.py`]: kind.tests });
    }
  }
  return dir;
}

/** An entry that breaks the form's rules. */
export const BAD_ENTRY = 'bad.yaml';
export function addBadEntry(dir: string): void {
  writeFiles(dir, { [BAD_ENTRY]: 'source: {library: optparse}\nwrong: 1\n' });
}

function manifest(name: HealthKind, { python = '3.11', from = `${name}/before` }: Kind): string {
  return `id: ${healthId(name)}
source: {library: optparse, version: stdlib, imports: [optparse]}
target: {library: argparse, version: stdlib, imports: [argparse]}
before: {path: ${from}}
after: {path: ${name}/after}
date: 2024-06-01T23:59:59Z
python: "${python}"
requirements: []
pythonpath: [.]
tests: {paths: [${KINDS[name].tests === null ? '' : 'tests'}], args: []}
`;
}
