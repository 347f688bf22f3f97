"""What command lines declare: options with values for them, and what is wanted without a flag."""

import re

from configs import value_of

_USAGE = re.compile(r'^\s*(-\w)?(?:[ ,]+)?(--[\w-]+)?(?:[ =]+([A-Z][A-Z_]*|<\w+>))?', re.MULTILINE)


class Declared:
    """Options and positionals of the programs of a tree."""

    def __init__(self, facts):
        self.facts = facts

    def options(self, function):
        """[(flags, takes a value, values)] of what the modules of a command line declare."""
        found = {}
        files = [function.file] + [name for name in self.facts.product if name != function.file]
        for name in files:
            told = self.facts.files[name]
            for option in told['options']:
                self._declared(option, found, name == function.file)
            for short, long in told['getopts']:
                self._getopt(value_of(short) or '', value_of(long or '[]') or [], found)
            if found and name == function.file:
                break
        if not found:
            for text in self.facts.files[function.file]['strings']:
                for match in _USAGE.finditer(value_of(text) if isinstance(value_of(text), str) else ''):
                    flags = [flag for flag in match.group(1, 2) if flag]
                    if flags:
                        found.setdefault(
                            tuple(flags), (bool(match.group(3)), self.guesses(flags, match.group(3) or ''))
                        )
        return [(list(flags), takes, values) for flags, (takes, values) in found.items()][:40]

    def _declared(self, option, found, near):
        flags = [value_of(flag) for flag in option['flags']]
        flags = [part for flag in flags if isinstance(flag, str) and flag.startswith('-') for part in flag.split('/')]
        if not flags:
            return
        words = option['words']
        action = str(value_of(words.get('action') or '') or words.get('action') or '')
        quiet = action.startswith(
            ('store_true', 'store_false', 'store_const', 'count', 'help', 'version', 'append_const')
        )
        quiet = (
            quiet
            or words.get('is_flag') == 'True'
            or words.get('count') == 'True'
            or any('/' in str(f) for f in option['flags'])
        )
        choices = value_of(words.get('choices') or 'None') or re.findall(r"'([^']+)'", words.get('type') or '')
        if (
            isinstance(choices, (list, tuple))
            and choices
            and 'int' not in str(choices)
            and words.get('type') != "'choice'"
            or words.get('choices')
        ):
            values = [str(item) for item in (choices or [])][:3] + ['nonsense']
        elif words.get('type') in ('int', "'int'", 'click.INT', 'float', "'float'") or re.fullmatch(
            r'-?\d+', words.get('default') or ''
        ):
            values = ['2', '0', 'many']
        else:
            values = self.guesses(flags, str(value_of(words.get('metavar') or '') or ''))
        found.setdefault(tuple(flags), (not quiet, values))

    @staticmethod
    def _getopt(short, long, found):
        for match in re.finditer(r'(\w)(:?)', short if isinstance(short, str) else ''):
            found.setdefault(('-' + match.group(1),), (bool(match.group(2)), ['2', '2024-05-01', 'alpha']))
        for name in long if isinstance(long, (list, tuple)) else []:
            found.setdefault(('--' + name.rstrip('='),), (name.endswith('='), ['2', '2024-05-01', 'alpha', 'info']))

    def guesses(self, flags, metavar):
        """Values for an option by its names."""
        name = (metavar + ' ' + ' '.join(flags)).lower()
        for pattern, values in (
            (r'time|date|since|until|day|when', ['2024-05-01', '2024-05-01T12:00:00', 'soon']),
            (r'output|out\b|-o\b|dest', ['out.txt']),
            (r'encoding', ['latin-1', 'utf-8', 'nonsense']),
            (r'level', ['info', 'error', 'nonsense']),
            (r'config|conf|rc', ['setup.cfg', 'missing.cfg']),
            (r'file|path|dir|root|folder', ['notes.txt', 'missing.txt']),
            (r'lang|-t\b|-f\b.*lang', ['de', 'xx']),
            (r'\bn\b|num|count|max|min|size|length|top|limit|width|jobs|depth|level', ['2', '0', 'many']),
            (r'regex|pattern|expr|\bre\b|exclude|ignore|include|match', ['a', '^the', '[']),
            (r'url|host|server', ['http://example.org/']),
        ):
            if re.search(pattern, name):
                return values
        return ['alpha', 'the', '2']

    def positionals(self, function):
        """Lines of what a program declares to want without a flag: likely ones, folders, one less, one more."""
        names = []
        for option in self.facts.files[function.file]['options']:
            flags = [value_of(flag) for flag in option['flags']]
            if flags and isinstance(flags[0], str) and not flags[0].startswith('-') and option['call'].endswith('argument'):
                names.append(f"{flags[0]} {option['words'].get('type') or ''} {option['words'].get('help') or ''}")
        if not names:
            return []
        likely = ['.' if re.search(r'dir|folder', name.lower()) else self.guesses([], name)[0] for name in names]
        lines = [likely, ['.'] * len(names), ['missing'] + likely[1:], likely[:-1], likely + ['more']]
        return [tuple(line) for line in lines]
