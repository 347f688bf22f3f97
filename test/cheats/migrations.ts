import path from 'node:path';
import { writeFiles } from '../rigs/git-repository.ts';

/** Which of the two migrations: A in the standard library and blocked, or A a package and gone. */
export type Of = 'blocked' | 'gone';

export const IDS: Readonly<Record<Of, string>> = {
  blocked: 'getopt__argparse__local@tally__00000011',
  gone: 'toml__tomli__local@settings__00000012',
};

const CLI_BEFORE = `"""Options of the command line."""

import getopt

from tally.counting import count_words


class UsageError(Exception):
    pass


def parse(argv):
    found = {'top': 10, 'lower': False, 'skip': [], 'files': []}
    try:
        pairs, rest = getopt.gnu_getopt(argv, 'n:ls:', ['top=', 'lower', 'skip='])
        for name, value in pairs:
            if name in ('-n', '--top'):
                found['top'] = int(value)
            elif name in ('-l', '--lower'):
                found['lower'] = True
            else:
                found['skip'].append(value)
    except (getopt.GetoptError, ValueError) as error:
        raise UsageError(str(error))
    found['files'] = rest
    return found


def run(argv, text):
    options = parse(argv)
    counts = count_words(text.lower() if options['lower'] else text)
    kept = [pair for pair in counts if pair[0] not in options['skip']]
    return kept[: options['top']]
`;
const CLI_AFTER = `"""Options of the command line."""

import argparse

from tally.counting import count_words


class UsageError(Exception):
    pass


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError(message)


def parse(argv):
    parser = Parser(prog='tally', allow_abbrev=True)
    parser.add_argument('-n', '--top', type=int, default=10)
    parser.add_argument('-l', '--lower', action='store_true')
    parser.add_argument('-s', '--skip', action='append', default=[])
    parser.add_argument('files', nargs='*')
    options = parser.parse_intermixed_args(argv)
    return {'top': options.top, 'lower': options.lower, 'skip': options.skip, 'files': options.files}


def run(argv, text):
    options = parse(argv)
    counts = count_words(text.lower() if options['lower'] else text)
    kept = [pair for pair in counts if pair[0] not in options['skip']]
    return kept[: options['top']]
`;
const COUNTING = `import collections


def count_words(text):
    counts = collections.Counter(text.split())
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def longest(words):
    return max(words, key=len) if words else ''
`;
const REPORT = `from tally import cli


def lines(argv, text):
    return ['%3d %s' % (count, word) for word, count in cli.run(argv, text)]


def usage(argv):
    try:
        cli.parse(argv)
    except cli.UsageError:
        return 2
    return 0
`;
const TALLY = {
  'tally/__init__.py': '',
  'tally/counting.py': COUNTING,
  'tally/report.py': REPORT,
  'setup.py': "from setuptools import setup\n\nsetup(name='tally', version='1.0', packages=['tally'])\n",
  'README.md': '# tally\n',
  'tests/test_cli.py': `import pytest

from tally import cli


def test_defaults():
    assert cli.parse([]) == {'top': 10, 'lower': False, 'skip': [], 'files': []}


def test_top():
    assert cli.parse(['-n', '3'])['top'] == 3
    assert cli.parse(['--top=4'])['top'] == 4


def test_files_anywhere():
    assert cli.parse(['a', '-l', 'b'])['files'] == ['a', 'b']


@pytest.mark.parametrize('argv', [['-x'], ['-n', 'many'], ['--top']])
def test_wrong(argv):
    with pytest.raises(cli.UsageError):
        cli.parse(argv)


def test_run():
    assert cli.run(['-n', '1'], 'b a b') == [('b', 2)]
`,
  'tests/test_report.py': `import unittest

from tally import report


class ReportTest(unittest.TestCase):
    def test_lines(self):
        self.assertEqual(report.lines(['--lower'], 'A a b'), ['  2 a', '  1 b'])

    def test_skip(self):
        self.assertEqual(report.lines(['-s', 'a'], 'a a b'), ['  1 b'])

    def test_usage(self):
        self.assertEqual((report.usage(['-q']), report.usage(['-l'])), (2, 0))
`,
  'tests/test_table.py': `import pytest

from tally import cli


@pytest.mark.parametrize('argv, wanted', [(['-n', '5'], 5), ([], 10), (['--top=2', 'x'], 2)])
def test_top(argv, wanted):
    assert cli.parse(argv)['top'] == wanted


def test_whole():
    wanted = {'top': 7, 'lower': True, 'skip': ['x'], 'files': ['y']}
    assert cli.parse(['-l', '-n7', '-sx', 'y']) == wanted
`,
  'tests/test_counting.py': `from tally.counting import count_words, longest


def test_counts():
    assert count_words('b a b') == [('b', 2), ('a', 1)]


def test_longest():
    assert longest(['a', 'bbb', 'cc']) == 'bbb'


def test_nothing():
    assert (count_words(''), longest([])) == ([], '')
`,
};
const TALLY_LATER = `import pytest

from tally import cli, report


def test_skip_twice():
    assert cli.parse(['-s', 'a', '--skip', 'b'])['skip'] == ['a', 'b']


def test_all_at_once():
    assert cli.run(['-l', '-n', '2', '-s', 'the'], 'The cat the dog cat') == [('cat', 2), ('dog', 1)]


def test_dashes():
    assert cli.parse(['--', '-l'])['files'] == ['-l']


def test_usage_is_counted():
    assert sum(report.usage([word]) for word in ('-a', '-b', '-l')) == 4
`;

const LOADER = (library: string, error: string, open: string): string => `import ${library}


class SettingsError(ValueError):
    pass


def from_text(text):
    try:
        return ${library}.loads(text)
    except ${library}.${error} as error:
        raise SettingsError(str(error))


def from_file(path):
    with open(path${open}) as source:
        return ${library}.load(source)


def value(text, dotted, default=None):
    found = from_text(text)
    for part in dotted.split('.'):
        if not isinstance(found, dict) or part not in found:
            return default
        found = found[part]
    return found
`;
const SETTINGS = {
  'settings/__init__.py': 'from settings.loader import SettingsError, from_file, from_text, value\n',
  'settings/names.py': "def dotted(*parts):\n    return '.'.join(parts)\n",
  'README.md': '# settings\n',
  'tests/test_loader.py': `import pytest

import settings


def test_text():
    assert settings.from_text('a = 1\\n[b]\\nc = "d"\\n') == {'a': 1, 'b': {'c': 'd'}}


def test_file(tmp_path):
    path = tmp_path / 'x.toml'
    path.write_text('list = [1, 2]\\n')
    assert settings.from_file(str(path)) == {'list': [1, 2]}


def test_broken():
    with pytest.raises(settings.SettingsError):
        settings.from_text('a = ')


def test_value():
    assert settings.value('[a.b]\\nc = true\\n', 'a.b.c') is True


def test_default():
    assert settings.value('x = 1\\n', 'y.z', 5) == 5
`,
  'tests/test_names.py': `from settings.names import dotted


def test_dotted():
    assert dotted('a', 'b') == 'a.b'


def test_one():
    assert dotted('a') == 'a'
`,
};
const SETTINGS_LATER = `import settings


def test_numbers():
    assert settings.from_text('a = 1.5\\nb = -3\\n') == {'a': 1.5, 'b': -3}


def test_tables():
    assert settings.value('[[t]]\\nn = 1\\n[[t]]\\nn = 2\\n', 't') == [{'n': 1}, {'n': 2}]


def test_missing():
    assert settings.value('', 'a') is None
`;

const setup = (library: string): string =>
  `from setuptools import setup\n\nsetup(name='settings', version='1.0', packages=['settings'], install_requires=['${library}'])\n`;

/** The trees before, and what the later ones have besides or otherwise. */
export const BEFORE: Readonly<Record<Of, Readonly<Record<string, string>>>> = {
  blocked: { ...TALLY, 'tally/cli.py': CLI_BEFORE },
  gone: {
    ...SETTINGS,
    'setup.py': setup('toml'),
    'settings/loader.py': LOADER('toml', 'TomlDecodeError', ''),
  },
};
export const MIGRATED: Readonly<Record<Of, Readonly<Record<string, string>>>> = {
  blocked: { 'tally/cli.py': CLI_AFTER },
  gone: {
    'setup.py': setup('tomli'),
    'settings/loader.py': LOADER('tomli', 'TOMLDecodeError', ", 'rb'"),
  },
};
const LATER: Readonly<Record<Of, Readonly<Record<string, string>>>> = {
  blocked: { 'tests/test_later.py': TALLY_LATER },
  gone: { 'tests/test_later.py': SETTINGS_LATER },
};

const manifest = (of: Of): string => {
  const [source, target] = of === 'blocked' ? ['getopt', 'argparse'] : ['toml', 'tomli'];
  const version = (standard: string, own: string): string => (of === 'blocked' ? standard : own);
  return `id: ${IDS[of]}
source: {library: ${source}, version: ${version('stdlib', '0.10.2')}, imports: [${source}]}
target: {library: ${target}, version: ${version('stdlib', '2.0.1')}, imports: [${target}]}
before: {path: ${of}-before}
after: {path: ${of}-after}
date: 2024-06-01T23:59:59Z
python: "3.11"
requirements: []
pythonpath: [.]
tests: {paths: [tests], args: []}
`;
};

/** Writes the benchmark of both migrations; answers the flags by which the command line finds it. */
export function cheatsBenchmark(dir: string): string[] {
  for (const of of ['blocked', 'gone'] as const) {
    const below = (name: string, files: Readonly<Record<string, string>>): Record<string, string> =>
      Object.fromEntries(Object.entries(files).map(([file, text]) => [`${of}-${name}/${file}`, text]));
    writeFiles(dir, {
      [`${IDS[of]}.yaml`]: manifest(of),
      ...below('before', BEFORE[of]),
      ...below('after', { ...BEFORE[of], ...MIGRATED[of], ...LATER[of] }),
    });
  }
  return ['--benchmark', 'cheats', '--benchmark-dir', path.resolve(dir)];
}
