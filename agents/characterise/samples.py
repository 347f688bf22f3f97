"""Texts and files of well-known kinds, and which kinds go with which library."""

import re

XML = '<?xml version="1.0"?>\n<root version="1.0"><item id="a">alpha &amp; one</item><item id="b"/></root>\n'
TEXTS = {
    'toml': 'title = "alpha"\ncount = 3\n\n[owner]\nname = "Tom"\ntags = ["a", "b"]\n',
    'yaml': 'title: alpha\ncount: 3\nowner:\n  name: Tom\n  tags: [a, b]\n',
    'json': '{"title": "alpha", "count": 3, "owner": {"name": "Tom", "tags": ["a", "b"]}}\n',
    'ini': '[owner]\nname = Tom\ncount = 3\n\n[other]\nflag = true\n',
    'csv': 'name,count\nalpha,1\nbeta,2\n',
    'xml': XML,
    'rss': '<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Alpha</title><link>http://example.org/</link>'
    '<description>News</description><item><title>One</title><link>http://example.org/1</link><guid>g1</guid>'
    '<category>tea</category></item><item><title>Two</title></item></channel></rss>\n',
    'html': '<!DOCTYPE html>\n<html><head><title>Alpha</title></head><body><h1>Alpha</h1><p class="x">One '
    '<a href="http://example.org/">link</a></p><table><tr><td>1</td></tr></table></body></html>\n',
    'rst': 'Title\n=====\n\nSome *text* with a `link <http://example.org/>`_.\n\n* one\n* two\n',
    'md': '# Title\n\nSome *text*.\n\n- one\n- two\n',
    'py': '"""A module."""\n\nimport os\n\n\ndef add(a, b=1):\n    """Adds."""\n    return a + b\n\n\n'
    'class Thing(object):\n    def method(self):\n        unused = 1\n        return self\n',
    'txt': 'The rose is red. The violet is blue.\nthe end\n',
    'requirements': "requests>=2.0,<3\nflask==1.0  # pinned\nattrs[dev]>=19 ; python_version < '3.9'\n\n-r other.txt\n",
    'log': '2024-05-01T12:00:00 INFO started\n2024-05-01T12:00:05 ERROR it failed: alpha\nno time here\n',
}
EXTENSIONS = {
    '.toml': 'toml', '.yaml': 'yaml', '.yml': 'yaml', '.json': 'json', '.cfg': 'ini', '.ini': 'ini', '.conf': 'ini',
    '.csv': 'csv', '.xml': 'xml', '.rss': 'rss', '.opml': 'xml', '.html': 'html', '.htm': 'html', '.rst': 'rst',
    '.md': 'md', '.py': 'py', '.txt': 'txt', '.log': 'log', '.in': 'txt', '.lock': 'toml',
}  # fmt: skip
REQUIREMENTS = [
    'requests>=2.0,<3',
    'flask==1.0',
    "attrs[dev]>=19 ; python_version < '3.9'",
    'name @ http://example.org/a.zip',
]
VERSIONS = ['1.2.3', '1.0', '2.0.0rc1', 'one']
ZONES = ['UTC', 'US/Eastern', 'Europe/Berlin', 'Nowhere/Land']
DATES = ['2024-05-01', '2024-05-01T12:00:00', '2024-05-01 12:00', 'yesterday']
URLS = [
    'http://example.org/a/b?c=1#d',
    'https://user:pw@example.org:8080/x',
    '/relative/path',
    'mailto:me@example.org',
    '',
]
BYTES = {
    'encodings': ["'caf\\xe9 cr\\xe8me'.encode('latin-1')", "u'\\u041f\\u0440\\u0438\\u0432\\u0435\\u0442 \\u043c\\u0438\\u0440'.encode('cp1251')",
                  "u'caf\\xe9'.encode('utf-8')", "b'plain ascii'", "u'\\u65e5\\u672c'.encode('utf-16')", "b'\\xff\\xfe'"],
    'blocks': ["b'0123456789abcdef'", "b'0123456789abcdef0123456789abcdef'", "b'secret message'", "b''", "bytes(bytearray(range(48)))"],
}  # fmt: skip
# what a library deals in, by import name: kinds of text, or one of the lists above
KINDS = [
    (r'toml|tomli|tomllib|tomlkit|pytoml|rtoml', ('toml',)),
    (r'yaml|ruamel|ruamel_yaml|oyaml', ('yaml',)),
    (r'json|simplejson|ujson|orjson|rapidjson|demjson|anyjson|hjson', ('json',)),
    (r'configparser|configobj|iniparse|iniconfig', ('ini',)),
    (r'csv|unicodecsv|tablib|pandas|petl', ('csv',)),
    (r'xml|lxml|xmltodict|defusedxml|untangle|elementtree', ('xml', 'rss')),
    (r'bs4|BeautifulSoup|html5lib|pyquery|html|selectolax', ('html',)),
    (r'docutils|sphinx|restructuredtext_lint|readme_renderer', ('rst',)),
    (r'markdown|mistune|commonmark|markdown2|misaka', ('md',)),
    (r'chardet|cchardet|charset_normalizer|ftfy', ('encodings',)),
    (r'Crypto|Cryptodome|cryptography|pyelliptic|nacl|OpenSSL|rsa|M2Crypto|ecdsa', ('blocks',)),
    (r'pkg_resources|packaging|pip|semver|semantic_version', ('requirements',)),
]  # fmt: skip


def kinds_of(libraries):
    """Kinds of text for these import names, most likely first; plain text is always one."""
    found = []
    for library in libraries:
        for pattern, kinds in KINDS:
            if re.match(f'({pattern})(\\.|$)', library):
                found += [kind for kind in kinds if kind not in found]
    return found


def broken(kind, text):
    """The text with its form spoilt."""
    return {'toml': text + 'oops = = 1\n', 'yaml': text + '\t- [x\n', 'json': text[:-4], 'ini': 'no section\n' + text,
            'xml': text[: len(text) // 2], 'rss': text[: len(text) // 2]}.get(kind, text[: len(text) // 2])  # fmt: skip
