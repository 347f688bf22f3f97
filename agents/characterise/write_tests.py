"""pytest files from chosen probes: what was run is what the test says, what was seen is what it asserts."""

import os
import re

from findings import best_type
from layout import WIDTH, hoisted, wrapped
from plain import source

_ABSOLUTE = re.compile(
    r'[\'"]/(bin|boot|dev(?!/null)|etc|home|lib|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|workspace)/'
)
# where set, these decide instead of HOME
XDG = '("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")'


def helper_source(own):
    """The function `plain`, for the head of a test file."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'plain.py')
    with open(path, encoding='utf-8') as stream:
        text = (
            stream.read()
            .split('# written into tests: from here\n')[1]
            .split('\n\n# written into tests: up to here')[0]
        )
    names = ', '.join(f'"{name}"' for name in own)
    text = text.replace('import os  # noqa: E402\n\n', '').replace('OWN = ()', f'OWN = ({names},)')
    return text.rstrip() + '\n'


class Writer:
    """Writes tests for one environment."""

    def __init__(self, python, own, libraries):
        self.old = python[0] == 2
        self.own = own
        self.libraries = libraries

    def literal(self, text, indent=4):
        """A text as a literal that this Python reads the same way."""
        if not self.old:
            return source(text, WIDTH - indent - 10, indent)
        return 'u' + ascii(text) if len(text) < WIDTH else ascii_pieces(text, indent)

    def test(self, candidate, name):
        """The lines of one test function."""
        probe, observations = candidate.probe, candidate.observations
        body = ['monkeypatch.chdir(str(tmp_path))']
        if candidate.extra.get('home'):
            body += ['monkeypatch.setenv("HOME", str(tmp_path))', f'for name in {XDG}:']
            body.append('    monkeypatch.delenv(name, raising=False)')
        for key, value in probe.env:
            body.append(f'monkeypatch.setenv({key!r}, {value!r})')
        for file, content in probe.files:
            body += self.file(file, content)
        if probe.argv is not None:
            body.append(f'monkeypatch.setattr(sys, "argv", {list(probe.argv)!r})')
        if probe.stdin is not None:
            body += self.stdin(probe.stdin)
        body += list(probe.imports)
        body += self.steps(candidate)
        outside = [item for item in observations if item['kind'] in ('out', 'err')]
        if outside:
            body.append('seen = capsys.readouterr()')
        for item in observations:
            body += self.asserted(item)
        used = '\n'.join(body)
        fixtures = [word for word in ('tmp_path', 'monkeypatch', 'capsys') if re.search(rf'\b{word}\b', used)]
        return [f'def {name}({", ".join(fixtures)}):'] + [
            '    ' + line if line else '' for part in body for line in part.split('\n')
        ]

    def file(self, name, content):
        parts = name.split('/')
        made = [f'(tmp_path / {"/".join(parts[:-1])!r}).mkdir(parents=True)'] if len(parts) > 1 else []
        if content.isascii():
            return made + [
                f'(tmp_path / {name!r}).write_text({self.literal(content, 0)})'.replace(
                    'write_text(\'', 'write_text(u\'' if self.old else 'write_text(\''
                )
            ]
        return made + [
            f'(tmp_path / {name!r}).write_bytes({source(content.encode("utf-8", "surrogateescape"), WIDTH, 0)})'
        ]

    def stdin(self, text):
        held = source(text.encode('utf-8'), WIDTH, 0)
        if self.old:
            return [f'monkeypatch.setattr(sys, "stdin", io.BytesIO({held}))']
        return [f'monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO({held}), encoding="utf-8"))']

    def steps(self, candidate):
        probe = candidate.probe
        ending = next((item for item in candidate.observations if item['kind'] in ('raises', 'exit')), None)
        at = candidate.extra.get('at', len(probe.steps))
        needed = '\n'.join(item.get('expression') or '' for item in candidate.observations)
        lines = []
        for index, (name, text) in enumerate(probe.steps[: at + 1]):
            named, text = hoisted(text, index, self.old)
            lines += named
            text = text if self.old else wrapped(text)
            later = '\n'.join(step for _, step in probe.steps[index + 1 : at + 1]) + '\n' + needed
            if ending is not None and index == at:
                lines.append(f'with pytest.raises({self.expected(ending)}) as error:')
                lines.append('    ' + text.replace('\n', '\n    '))
                if ending['kind'] == 'raises' and best_type(ending)[0] == 'own':
                    module = best_type(ending)[1]
                    lines.insert(0, f'from {module} import {best_type(ending)[2]}')
            elif any(item['kind'] == 'ends' for item in candidate.observations):
                lines += ['try:', '    ' + text.replace('\n', '\n    '), 'except SystemExit as error:']
                lines.append('    assert error.code in (None, 0)')
            elif probe.shape and index == len(probe.steps) - 1:
                lines.append(f'values = [{text} for _ in range(60)]')
            elif re.search(rf'\b{name}\b', later):
                lines.append(f'{name} = {text}')
            else:
                lines.append(text)
        return lines

    @staticmethod
    def expected(ending):
        return 'SystemExit' if ending['kind'] == 'exit' else best_type(ending)[2]

    def asserted(self, item):
        kind, text = item['kind'], item.get('text')
        if kind == 'raises':
            if not item['message'] or '\n' in item['message'] and self.old:
                return []
            if '<here>' in item['message']:
                return [f'assert plain(str(error.value)) == {source(item["message"], WIDTH, 0)}']
            return [f'assert str(error.value) == {source(item["message"], WIDTH, 0)}']
        if kind == 'exit':
            return (
                ['assert error.value.code in (None, 0)']
                if item['code'] == 0
                else [f'assert error.value.code == {item["code"]!r}']
            )
        if kind in ('out', 'err'):
            seen = f'seen.{kind}' if item['exact'] else f'plain(seen.{kind})'
            return [f'assert {seen} == {dedent(text)}']
        if kind == 'file':
            path = f'(tmp_path / {item["name"]!r})'
            return (
                [f'assert {path}.read_bytes().decode("utf-8") == {dedent(text)}']
                if text
                else [f'assert {path}.exists()']
            )
        if kind == 'ends':
            return []
        if kind == 'gone':
            return [f'assert not (tmp_path / {item["name"]!r}).exists()']
        if text in ('None', 'True', 'False'):
            if text == 'True' and kind == 'shape':
                return [f'assert {item["expression"]}']
            return [f'assert {item["expression"]} is {text}']
        return [f'assert {item["expression"]} == {dedent(text)}']

    def forbidden(self, lines):
        """Whether a test would import one of the libraries, or name a place of this machine."""
        if any(_ABSOLUTE.search(line) for line in lines):
            return True
        for line in lines:
            words = re.match(r'\s*(?:from|import)\s+([\w.]+)(?:\s+import\s+(\w+))?', line)
            if words:
                for whole in (words.group(1), f'{words.group(1)}.{words.group(2)}'):
                    if any(whole == library or whole.startswith(library + '.') for library in self.libraries):
                        return True
        return False

    def module(self, tests, about):
        """The text of a test file from (lines of) its functions."""
        body = '\n\n\n'.join('\n'.join(lines) for lines in tests)
        heads = [
            name
            for name in ('io', 'os', 're', 'sys')
            if re.search(rf'(?<![\w.]){name}\.', body) or (name == 'sys' and 'setattr(sys,' in body)
        ]
        helper = ''
        if re.search(r'\bplain\(', body):
            helper = '\n\n' + helper_source(self.own)
            heads = sorted(set(heads) | {'os'})
        head = '# -*- coding: utf-8 -*-\n' if self.old or not body.isascii() else ''
        head += f'"""{about}"""\n\n' + ''.join(f'import {name}\n' for name in heads)
        if 'pytest.' in body:
            head += ('\n' if heads else '') + 'import pytest\n'
        return head + helper + '\n\n' + body + '\n'


def dedent(text):
    """Source made for an indent of four, at none."""
    return re.sub(r'\n    ', '\n', text)


def ascii_pieces(text, indent):
    pieces = ''.join(f'    u{ascii(line)}\n' for line in text.splitlines(True))
    return f'(\n{pieces})'
