/** Modules of the standard library that benchmarks name as a library; all are there in every Python 3.11. */
const STANDARD = new Set(
  (
    'argparse array asyncio base64 binascii calendar cmd codecs collections concurrent.futures configparser ' +
    'contextlib copy csv ctypes dataclasses datetime dbm decimal difflib email enum fnmatch fractions ftplib ' +
    'functools getopt getpass gettext glob gzip hashlib heapq hmac html http.client http.server imaplib importlib ' +
    'importlib.metadata importlib.resources inspect io ipaddress itertools json linecache locale logging lzma ' +
    'marshal math mimetypes multiprocessing optparse os os.path pathlib pickle pkgutil platform pprint queue ' +
    'random re sched secrets select selectors shelve shlex shutil signal smtplib socket sqlite3 ssl statistics ' +
    'string struct subprocess tarfile tempfile textwrap threading time timeit tomllib trace typing unittest ' +
    'unittest.mock urllib urllib.parse urllib.request urllib2 urlparse uuid venv warnings weakref wsgiref ' +
    'xml xml.dom.minidom xml.etree.ElementTree xml.sax xmlrpc.client zipfile zlib zoneinfo'
  ).split(' '),
);

/** Whether this library is a module of the standard library (of Python 3.11, or of 2.7 under its own name). */
export function isStandardLibrary(name: string): boolean {
  return STANDARD.has(name);
}
