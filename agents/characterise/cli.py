"""Probes of command lines: entry points with the options that the code declares."""

import os
import re
import shlex

import samples
from arguments import import_of
from command_options import Declared
from configs import value_of
from facts import made_up
from probes import Probe

_MAIN = re.compile(
    r'^_?(main|cli|run|entry_?point|dispatch|command|console|start|app|script|execute|read_settings|get_options|get_args|'
    r'process_args|parse_(args|argv|options|command_line|arguments))$|(^|_)main(_|$)'
)
_ARGV = re.compile(r'^(argv|args|arguments|argument_list|cli_args|command_line|sys_argv|cmdline)$')
_MARKED = re.compile(r'(^|\.)(command|group)$')
SCRIPT = '__main__'


class Commands:
    """Entry points of a tree and command lines for them."""

    def __init__(self, facts, documents, texts, top):
        self.facts = facts
        self.documents = documents
        self.texts = texts
        self.program = program(top)
        self.declared = Declared(facts)

    def entries(self, scored):
        """(function, score) of what looks like an entry point, in scored modules or leading into them."""
        found = []
        for function in self.facts.functions:
            if function.owner or (function.told['yields']):
                continue
            required = [p for p in function.told['parameters'] if not p['optional'] and p['kind'] == 'plain']
            marked = any(_MARKED.search(name) for name in function.told['decorators'])
            lines = [p for p in function.told['parameters'] if _ARGV.match(p['name'])]
            named = _MAIN.search(function.last)
            fits = marked or (named and (not required or (len(required) == 1 and lines)))
            if fits or (lines and len(required) <= 1 and self.parses(function)):
                score = max(
                    [scored.get(function.key, 0)]
                    + [value / 2 for key, value in scored.items() if key.split(':')[0] == function.file]
                )
                found.append((function, score + (1 if fits else 0)))
        found = [(f, s) for f, s in found if s > 0 and f.last != '__init__']
        return sorted(found, key=lambda pair: (-pair[1], pair[0].key))[:5]

    def scripts(self, scored):
        """(what a module does when it is run as a program, score): it stays when its functions get other names."""
        found = []
        for name in self.facts.product:
            score = max([0] + [value / 2 for key, value in scored.items() if key.split(':')[0] == name])
            if score and self.facts.files[name]['main'] and not name.endswith('__main__.py'):
                found.append((made_up(name, self.facts.modules[name], SCRIPT), score))
        return sorted(found, key=lambda pair: (-pair[1], pair[0].key))[:2]

    @staticmethod
    def parses(function):
        calls = {call.rpartition('.')[2] for call in function.told['calls']}
        return bool(
            calls
            & {'parse_args', 'getopt', 'gnu_getopt', 'ArgumentParser', 'OptionParser', 'parse_known_args', 'docopt'}
        )

    def of(self, function, score, most):
        """Probes of one entry point."""
        marked = any(_MARKED.search(name) for name in function.told['decorators'])
        lines = [p for p in function.told['parameters'] if _ARGV.match(p['name'])]
        required = [
            p
            for p in function.told['parameters']
            if not p['optional'] and p['kind'] == 'plain' and not p['name'] in ('ctx', 'self')
        ]
        found = []
        if function.last == SCRIPT:
            for words, files, stdin in self.lines(function):
                found.append(
                    Probe(function.key, function.module, function.module.rpartition('.')[2] + '_as_program', ('import runpy',),
                          (('result', f"runpy.run_module({function.module!r}, run_name='__main__')"),), (),
                          tuple(sorted(files.items())), (), (self.program,) + words, stdin, True, False, score)
                )  # fmt: skip
            unique = {probe.identity: probe for probe in reversed(found)}
            return list(reversed(list(unique.values())))[:most]
        for words, files, stdin in self.lines(function):
            steps = []
            if marked or not required:
                steps.append((f'{function.last}()', (self.program,) + words))
            if lines and not marked and (not required or required == lines[:1]):
                text = f'{lines[0]["name"]}={list(words)!r}' if lines[0]['kind'] == 'keyword' else repr(list(words))
                steps.insert(0, (f'{function.last}({text})', (self.program,)))
            for text, argv in steps:
                found.append(
                    Probe(function.key, function.module, function.last.strip('_'), (import_of(function.module, function.last),),
                          (('result', text),), ('result',), tuple(sorted(files.items())), (), argv, stdin, True, False, score)
                )  # fmt: skip
        unique = {probe.identity: probe for probe in reversed(found)}
        return list(reversed(list(unique.values())))[:most]

    def lines(self, function):
        """Command lines with the files that they name and what standard input holds."""
        texts = [text for text in self.texts(function.file) if isinstance(text, str) and text.count('\n') > 0][:4]
        texts = texts + [samples.TEXTS['log'], samples.TEXTS['txt'], samples.TEXTS['py']]
        options = self.declared.options(function)
        contents = list(dict.fromkeys(texts))[:5]
        mined = self._mined(function)
        files = {'notes.txt': contents[0], 'more.txt': contents[-1]}
        found = [(tuple(words), files, contents[0]) for words in mined]
        found += [(line, files, contents[0]) for line in self.declared.positionals(function)]
        found += [
            (line, files, contents[0])
            for line in (
                ('--help',),
                ('--version',),
                (),
                ('notes.txt',),
                ('notes.txt', 'more.txt'),
                ('missing.txt',),
                ('-',),
                ('--no-such-option',),
                ('.',),
            )
        ]
        for text in contents[1:]:
            found.append((('notes.txt',), {'notes.txt': text}, text))
            found.append((('-',), {}, text))
        found += [(line, held, '') for line, held in self._configured(function, contents)]
        for index in range(3):
            for flags, takes, values in options:
                flag = flags[index % len(flags)]
                value = [values[min(index, len(values) - 1)]] if takes else []
                lines = [[flag] + value + ['notes.txt'], [flag] + value]
                if takes and flag.startswith('--'):
                    lines.append([f'{flag}={value[0]}', 'notes.txt'])
                if takes and not flag.startswith('--'):
                    lines.append([flag + value[0], 'notes.txt'])
                found += [(tuple(line), files, contents[0]) for line in lines[: 2 if index else 3]]
        quiet = [
            flags for flags, takes, _ in options if not takes and not {'--help', '--version', '-h', '-V'} & set(flags)
        ]
        for one, two in zip(quiet, quiet[1:]):
            found.append(((one[0], two[-1], 'notes.txt'), files, contents[0]))
            if not one[0].startswith('--') and not two[0].startswith('--'):
                found.append((('-' + one[0][1:] + two[0][1:], 'notes.txt'), files, contents[0]))
        taking = [(flags, values) for flags, takes, values in options if takes]
        for flags, values in taking[:6]:
            found.append((('notes.txt', flags[-1], values[0]), files, contents[0]))
            found.append(((flags[0],), files, contents[0]))
            for other, more in taking[:3]:
                if other is not flags:
                    found.append(((flags[0], values[0], other[-1], more[0], 'notes.txt'), files, contents[0]))
            if flags[-1].startswith('--') and len(flags[-1]) > 6:
                found.append(((flags[-1][:-2], values[0], 'notes.txt'), files, contents[0]))
        return found

    def _configured(self, function, contents):
        """Lines beside a configuration file that the code may find by itself."""
        found = []
        for name in self.facts.product:
            for known in self.documents.file_names(name)[:3]:
                for content in self.documents.contents(name, known)[:3]:
                    held = {
                        known: content,
                        'notes.txt': contents[0],
                        'data.py': samples.TEXTS['py'],
                        'data.rst': samples.TEXTS['rst'],
                    }
                    for line in ((), ('.',), ('data.py',), ('data.rst',)):
                        found.append((line, held))
        return found[:36]

    def _mined(self, function):
        """Command lines that the tree's tests and documents show."""
        found = []
        for row in self.documents.mining.argument_lists(function.last):
            value = value_of(f'({row.text},)') if row.text else None
            if value and isinstance(value[0], (list, tuple)) and all(isinstance(word, str) for word in value[0]):
                found.append(list(value[0]))
        for name, block in self.documents.blocks:
            for line in block.split('\n'):
                words = line.strip().lstrip('$').strip()
                if (
                    words.startswith(tuple(self.facts.own))
                    and len(words) < 120
                    and not re.search(r'[|<>;()=]{1}\s', words)
                ):
                    try:
                        found.append(
                            [word for word in shlex.split(words, comments=True)[1:] if not word.startswith('/')]
                        )
                    except ValueError:
                        continue
        return found[:12]


def program(top):
    """The name under which a tree installs its command."""
    for name in ('pyproject.toml', 'setup.cfg', 'setup.py'):
        path = os.path.join(top, name)
        if os.path.isfile(path):
            with open(path, encoding='utf-8', errors='replace') as stream:
                text = stream.read()
            for pattern in (
                r'scripts.*?([\w.-]+)["\']?\s*=\s*["\']?[\w.]+:\w+',
                r'scripts\s*=\s*\[\s*["\']([\w./-]+)',
            ):
                found = re.search(pattern, text, re.DOTALL)
                if found:
                    return found.group(1).rpartition('/')[2]
    return 'prog'
