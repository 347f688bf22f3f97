"""What names and types of parameters suggest as values."""

import re

import samples
import samples_binary

NUMBERS = ['3', '1', '0', '-1', '16', '100']
TYPES = [
    (r'\bbool\b|\bboolean\b', ['True', 'False']),
    (r'\bint(eger)?\b|\blong\b|SupportsInt', ['3', '1', '0', '-1', '16']),
    (r'\bfloat\b', ['1.5', '0.0', '-2.5', '3']),
    (r'(List|Sequence|Iterable|Tuple|Collection|list|tuple)\[?\(?(str|Text|AnyStr)', ["['alpha', 'beta']", '[]', "['alpha']"]),
    (r'(List|Sequence|Iterable|Tuple|list)\[?\(?int', ['[3, 1, 2]', '[]']),
    (r'\b(Dict|dict|Mapping|MutableMapping)\b', ["{'alpha': 'beta'}", '{}', "{'alpha': 1}"]),
    (r'\b(Set|set|FrozenSet|frozenset)\b', ["set(['alpha'])", 'set()']),
    (r'\bdatetime\b', ['datetime.datetime(2024, 5, 1, 12, 0)', 'datetime.datetime(1999, 12, 31, 23, 59, 59)']),
    (r'\bdate\b', ['datetime.date(2024, 5, 1)']),
    (r'\btimedelta\b', ['datetime.timedelta(hours=3)']),
    (r'\bDecimal\b', ["decimal.Decimal('1.50')"]),
    (r'\bbytes\b|ByteString|bytearray', ["b'0123456789abcdef'", "b''", "b'secret message'"]),
]  # fmt: skip
PLAIN = {
    'url': samples.URLS,
    'version': samples.VERSIONS,
    'requirement': samples.REQUIREMENTS,
    'zone': samples.ZONES,
    'date': samples.DATES,
    'encoding': ['utf-8', 'latin-1', 'ascii', 'nonsense'],
    'language': ['en', 'de', 'pt-BR'],
    'host': ['example.org', 'localhost', '127.0.0.1'],
    'mail': ['me@example.org', 'nobody'],
    'verb': ['GET', 'POST', 'HEAD'],
    'secret': ['secret', 'pass word', ''],
    'name': ['alpha', 'beta', 'a b/c', ''],
}
RULES = [
    (
        r'(^|_)(is|has|use|with|allow|strict|debug|quiet|verbose|force|enable|ignore|include|skip|' r'no)(_|$)|flag',
        'flag',
    ),
    (r'(^|_)(args|argv|arguments|cmdline|command_line|sysargs)$', 'argv'),
    (r'(^|_)(url|uri|link|href|endpoint|location|address)s?$', 'url'),
    (r'^(http_?)?(method|verb)$', 'verb'),
    (r'(^|_)(version|ver)$', 'version'),
    (r'(^|_)(requirement|req|dist|dependency|spec(ifier)?)$', 'requirement'),
    (r'(^|_)(tz|timezone|zone|tzinfo|tzname)$', 'zone'),
    (r'(^|_)(encoding|charset|codec)$', 'encoding'),
    (r'(^|_)(lang|language|locale|from_lang|to_lang)$', 'language'),
    (r'(^|_)(host|hostname|domain|server|netloc)$', 'host'),
    (r'(^|_)(e?mail)$', 'mail'),
    (
        r'(^|_)(fp|stream|fd|fh|fileobj|file_?obj|infile|outfile|f|handle|stdin|stdout|out|output_'
        r'stream|buffer|reader|inp)$',
        'stream',
    ),
    (r'(^|_)(dir|directory|folder|cwd|srcdir|source_dir|outdir|workdir|project_dir)$', 'folder'),
    (r'ssh|(^|_)(pub|public)_?key|keydata', 'ssh'),
    (r'pem|(private|rsa|public)_?key', 'pem'),
    (
        r'path|file|(^|_)(dir|directory|folder|root|cwd|src|srcdir|source_dir|dest|cfg|config|conf' r')(_|$)',
        'file',
    ),
    (r'(^|_)(when|dt|datetime|moment|now|today|timestamp|ts|start|end|since|until|stamp|instant)$', 'moment'),
    (r'(^|_)(date|day|time|month|year)$', 'date'),
    (r'(^|_)(delta|duration|interval|period|timeout|seconds|delay)$', 'duration'),
    (
        r'(^|_)(n|count|num|number|size|length|limit|max|min|index|idx|i|j|k|x|y|width|height|bits'
        r'|digits|level|depth|offset|top|port|times|total|rs|amount|maxsize|block_size)$',
        'number',
    ),
    (r'(^|_)(password|passphrase|secret|pwd|pass)$', 'secret'),
    (
        r'(^|_)(key|iv|salt|nonce|token|signature|sig|cipher(text)?|plaintext|digest|hash|raw|payl'
        r'oad|blob|body|msg|message|bytes|buf)$',
        'block',
    ),
    (
        r'(^|_)(text|string|content|contents|data|s|source|line|value|val|doc|document|xml|html|ma'
        r'rkup|code|snippet|expr|query|input|val|fragment|template|str|txt)$',
        'text',
    ),
    (
        r'(^|_)(items|values|lines|words|names|list|rows|entries|elements|tags|keys|files|paths|pa'
        r'rts|tokens|sequence|seq|iterable|\w+s)$',
        'list',
    ),
    (
        r'(^|_)(d|dict|mapping|options|opts|kwargs|params|settings|headers|attrs|attributes|meta|m'
        r'etadata|obj|object|record|config_settings|environ|env)$',
        'mapping',
    ),
    (r'(^|_)(callback|func|fn|function|predicate|handler|hook)$', 'function'),
    (r'', 'name'),
]


def by_annotation(note):
    """Values for a type in words; None where it says nothing that is known here."""
    if not note:
        return None
    for pattern, values in TYPES:
        if re.search(pattern, note):
            return values
    return None


def documented_type(doc, name):
    """The type that a docstring states for a parameter: Sphinx, Google or NumPy form."""
    for pattern in (
        rf':type\s+{name}:\s*(.+)',
        rf':param\s+(\w+)\s+{name}:',
        rf'^\s*{name}\s*\(([^)]+)\)\s*:',
        rf'^\s*{name}\s*:\s*(\S.*)$',
    ):
        found = re.search(pattern, doc, re.MULTILINE)
        if found:
            text = found.group(1)
            return 'str' if re.match(r'(str|string|unicode|text)\b', text) else text
    return ''


def by_name(name, kinds):
    """[(kind, text)]: 'value' with source text, or a kind of thing that the caller makes."""
    low = name.lower().strip('_')
    for pattern, kind in RULES:
        if re.search(pattern, low):
            return _of_kind(kind, kinds)
    return []


def _of_kind(kind, kinds):
    def values(texts):
        return [('value', text) for text in texts]

    if kind == 'ssh':
        return values(map(repr, samples_binary.SSH_KEYS)) + [('text', '')]
    if kind == 'pem':
        return values(map(repr, (samples_binary.RSA_PRIVATE, samples_binary.RSA_PUBLIC)))
    if kind == 'folder':
        return values(["'.'", "'work'"]) + [('file', '')]
    if kind in PLAIN:
        return values(map(repr, PLAIN[kind]))
    if kind == 'flag':
        return values(['True', 'False'])
    if kind == 'argv':
        return values(["['--help']", '[]', "['alpha']", "['--version']"])
    if kind == 'number':
        return values(NUMBERS)
    if kind == 'moment':
        return values(
            [
                'datetime.datetime(2024, 5, 1, 12, 0)',
                'datetime.datetime(1999, 12, 31, 23, 59, 59)',
                "'2024-05-01'",
                '1714564800',
            ]
        )
    if kind == 'duration':
        return values(['10', 'datetime.timedelta(hours=3)', '0', '1.5'])
    if kind == 'list':
        return values(["['alpha', 'beta']", '[]', "['beta', 'alpha', 'alpha']", '[3, 1, 2]'])
    if kind == 'mapping':
        return values(["{'alpha': 'beta'}", '{}', "{'alpha': 1, 'beta': [1, 2]}"])
    if kind == 'function':
        return values(['str', 'len', 'sorted'])
    if kind == 'block':
        if 'blocks' in kinds or 'encodings' in kinds:
            return [('blocks' if 'blocks' in kinds else 'encodings', ''), ('text', '')]
        return [('text', ''), ('bytes', '')]
    if kind == 'text':
        return [('text', ''), ('bytes', '')]
    return [(kind, '')]
