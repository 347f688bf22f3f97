"""What a tree's documents, tests and own words give as input: snippets, texts, files."""

import re

import samples
import samples_binary
from configs import grown
from facts import TEST, documents
from mining import Mining, snippet_facts
from arguments import Value

_FILE_NAME = re.compile(r"^[\w.-]{0,40}\.(toml|cfg|ini|json|ya?ml|xml|conf|csv|rst|md|html|txt|lock)$|^[\w.-]*rc$")
_FENCE = re.compile(r'```[ \t]*(?:python|py|pycon|python3)?[ \t]*\n(.*?)```', re.DOTALL)
_PROMPT = re.compile(r'^\s*(>>>|\.\.\.) ?(.*)$')


def code_blocks(text):
    """Pieces of Python in a document: fenced, indented, or at a prompt."""
    found = [match.group(1) for match in _FENCE.finditer(text)]
    lines = text.split('\n')
    block = []
    for line in lines + ['end']:
        if re.match(r'( {2}|\t)', line) or (block and not line.strip()):
            block.append(line)
            continue
        if block:
            found.append(_unindented(block))
        block = []
    return [prompted(piece) for piece in found if '=' in piece or '(' in piece]


def _unindented(lines):
    width = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return '\n'.join(line[width:] for line in lines)


def prompted(text):
    """The code alone where a piece shows a session."""
    if '>>>' not in text:
        return text
    return '\n'.join(match.group(2) for match in map(_PROMPT.match, text.split('\n')) if match)


class Documents:
    """Inputs that the tree itself shows."""

    def __init__(self, facts, top, libraries):
        self.facts = facts
        self.kinds = samples.kinds_of(libraries)
        self.blocks = []
        for name, text in documents(top):
            self.blocks += [(name, block) for block in code_blocks(text)]
        for name in facts.product:
            told = facts.files[name]
            for part in [told] + told['functions'] + told['classes']:
                if '>>>' in part['doc']:
                    self.blocks.append((name, prompted(part['doc'])))
        parsed = [(f'{name}#{i}', snippet_facts(block)) for i, (name, block) in enumerate(self.blocks)]
        self.mining = Mining(facts, [(name, told) for name, told in parsed if told is not None])
        self.held = {}

    def mined_instances(self, name):
        return self.mining.instances(name)

    def texts(self, file):
        """Texts that are handed to functions of a file, then long texts of the tests."""
        if ('texts', file) not in self.held:
            names = [f.last for f in self.facts.functions if f.file == file and not f.owner]
            names += [c['name'] for f, c in self.facts.classes() if f == file]
            found = [eval_text(text) for text in self.mining.literals(names)[:30]]
            for name in sorted(self.facts.files):
                if TEST.search(name):
                    longer = [text for text in self.facts.files[name]['strings'] if '\\n' in text]
                    found += [eval_text(text) for text in longer[:10]]
            found = [text for text in dict.fromkeys(found) if isinstance(text, str) and len(text) < 3000]
            self.held['texts', file] = found[:24]
        return self.held['texts', file]

    def file_names(self, file):
        """Names of files that code of a module speaks of, those of the library's kind first."""
        found = [eval_text(text) for text in self.facts.files[file]['strings']]
        found = [text for text in found if isinstance(text, str) and _FILE_NAME.match(text)]
        kinds = {text: samples.EXTENSIONS.get('.' + text.rpartition('.')[2]) for text in found}
        return sorted(found, key=lambda text: kinds[text] not in self.kinds)

    def surroundings(self, file):
        """Sets of files that a function of a module may find by itself where it runs."""
        names = self.file_names(file)
        return [((name, content),) for name in names[:3] for content in self.contents(file, name)[:3]]

    def files(self, file):
        """Paths to files with fitting contents; missing ones, and the folder itself, last."""
        if ('files', file) in self.held:
            return self.held['files', file]
        found = []
        names = self.file_names(file)
        for name in names[:4]:
            for content in self.contents(file, name)[:5]:
                found.append(Value(repr(name), (), ((name, content),)))
        for name in names[:2]:
            for content in self.contents(file, name)[:3]:
                found.append(Value("'.'", (), ((name, content),)))
        for kind in self.kinds:
            if kind in samples.TEXTS:
                extension = next(ext for ext, known in samples.EXTENSIONS.items() if known in (kind, 'xml'))
                for content in (samples.TEXTS[kind], samples.broken(kind, samples.TEXTS[kind]), ''):
                    found.append(Value(repr('data' + extension), (), (('data' + extension, content),)))
        if any('pdf' in name.lower() for name in self.facts.own) or 'pdf' in file.lower():
            found = [
                Value(repr(name), (), ((name, content),)) for name, content in samples_binary.documents()
            ] + found
        for text in self.texts(file)[:4] + [samples.TEXTS['txt'], samples.TEXTS['py']]:
            name = 'data.py' if text is samples.TEXTS['py'] else 'data.txt'
            found.append(Value(repr(name), (), ((name, text),)))
        found += [Value("'missing.txt'"), Value("'.'")]
        self.held['files', file] = found
        return found

    def contents(self, file, name):
        """Contents for a file of that name: grown from the keys that the code asks for, plain, spoilt, empty."""
        kind = samples.EXTENSIONS.get('.' + name.rpartition('.')[2], 'ini')
        found = grown(self.facts, file, kind)
        sample = samples.TEXTS[kind]
        found += [sample, samples.broken(kind, sample), '']
        return list(dict.fromkeys(found))


def eval_text(text):
    try:
        return eval(text, {'__builtins__': {}})
    except Exception:
        return None
