import path from 'node:path';
import { writeFiles } from './git-repository.ts';

export const TINY = 'optparse__argparse__local@tiny__00000001';

const BEFORE = `import optparse


def read(argv):
    parser = optparse.OptionParser()
    parser.add_option('-n', type='int', default=1)
    options, rest = parser.parse_args(argv)
    return options.n * len(rest)
`;
const AFTER = `import argparse


def read(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument('-n', type=int, default=1)
    parser.add_argument('rest', nargs='*')
    options = parser.parse_args(argv)
    return options.n * len(options.rest)
`;
const TESTS = `from tally import read


def test_counts():
    assert read(['-n', '2', 'a']) == 2


def test_one_word_is_one():
    assert read(['a']) == 1
`;
const MANIFEST = `id: ${TINY}
source: {library: optparse, version: stdlib, imports: [optparse]}
target: {library: argparse, version: stdlib, imports: [argparse]}
before: {path: before}
after: {path: after}
date: 2024-06-01T23:59:59Z
python: "3.11"
requirements: []
pythonpath: [.]
tests: {paths: [tests], args: []}
`;

/** The smallest migration that passes all seven tasks, as a manifest benchmark with folders. Answers `dir`. */
export function tinyBenchmark(dir: string): string {
  writeFiles(dir, {
    [`${TINY}.yaml`]: MANIFEST,
    'before/tally.py': BEFORE,
    'before/tests/test_tally.py': TESTS,
    'after/tally.py': AFTER,
    'after/tests/test_tally.py': TESTS,
  });
  return dir;
}

/** The flags by which the command line finds it. */
export const tinyFlags = (dir: string): string[] => [
  '--benchmark',
  'tiny',
  '--benchmark-dir',
  path.resolve(dir),
];
