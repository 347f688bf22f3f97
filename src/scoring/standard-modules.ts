/** First and last minor version of Python 3 (from 6 to 13, as looked at) that has these modules of the top level. */
const STANDARD_3: readonly (readonly [first: number, last: number, names: string])[] = [
  [
    6,
    13,
    '__future__ _ast _asyncio _bisect _blake2 _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 ' +
      '_codecs_jp _codecs_kr _codecs_tw _collections _collections_abc _compat_pickle _compression _csv ' +
      '_ctypes _ctypes_test _curses _curses_panel _datetime _decimal _elementtree _functools _heapq _imp ' +
      '_io _json _locale _lsprof _lzma _markupbase _md5 _multibytecodec _multiprocessing _opcode _operator ' +
      '_osx_support _pickle _posixsubprocess _pydecimal _pyio _random _sha1 _sha3 _signal _sitebuiltins ' +
      '_socket _sqlite3 _sre _ssl _stat _string _strptime _struct _symtable _thread _threading_local ' +
      '_tkinter _tracemalloc _warnings _weakref _weakrefset abc argparse array ast asyncio atexit base64 ' +
      'bdb binascii bisect builtins bz2 cProfile calendar cmath cmd code codecs codeop collections ' +
      'colorsys compileall concurrent configparser contextlib copy copyreg csv ctypes curses datetime dbm ' +
      'decimal difflib dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp ' +
      'fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob grp gzip ' +
      'hashlib heapq hmac html http idlelib imaplib importlib inspect io ipaddress itertools json keyword ' +
      'linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing ' +
      'netrc ntpath nturl2path numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil ' +
      'platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc ' +
      'pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets ' +
      'select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 sre_compile ' +
      'sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable sys ' +
      'sysconfig syslog tabnanny tarfile tempfile termios textwrap threading time timeit tkinter token ' +
      'tokenize trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib ' +
      'uuid venv warnings wave weakref webbrowser wsgiref xml xmlrpc xxlimited xxsubtype zipapp zipfile ' +
      'zipimport zlib',
  ],
  [6, 6, 'macurl2path'],
  [6, 7, 'macpath'],
  [6, 8, '_dummy_thread dummy_threading'],
  [6, 9, '_bootlocale formatter parser symbol'],
  [6, 10, 'binhex'],
  [6, 11, '_sha256 _sha512 asynchat asyncore distutils imp smtpd'],
  [
    6,
    12,
    '_crypt aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap nis nntplib ossaudiodev pipes ' +
      'sndhdr spwd sunau telnetlib uu xdrlib',
  ],
  [7, 13, '_abc _contextvars _hashlib _py_abc _queue _uuid contextvars dataclasses'],
  [8, 13, '_posixshmem _statistics'],
  [9, 9, '_peg_parser'],
  [9, 11, '_bootsubprocess'],
  [9, 13, '_aix_support _zoneinfo graphlib zoneinfo'],
  [10, 12, '_msi msilib'],
  [
    10,
    13,
    '_dbm _frozen_importlib _frozen_importlib_external _gdbm _overlapped _scproxy _winapi msvcrt nt ' +
      'winreg winsound xxlimited_35',
  ],
  [11, 13, '_tokenize _typing tomllib'],
  [12, 13, '_pydatetime _pylong _sha2'],
  [
    13,
    13,
    '_android_support _colorize _interpchannels _interpqueues _interpreters _ios_support ' +
      '_opcode_metadata _pyrepl _suggestions _sysconfig _wmi',
  ],
];
const STANDARD_2 = new Set(
  (
    'BaseHTTPServer Bastion CDROM CGIHTTPServer ConfigParser Cookie DLFCN DocXMLRPCServer HTMLParser IN ' +
    'MimeWriter Queue SimpleHTTPServer SimpleXMLRPCServer SocketServer StringIO TYPES UserDict UserList ' +
    'UserString _LWPCookieJar _MozillaCookieJar __builtin__ __future__ _abcoll _ast _bisect _codecs ' +
    '_codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections _csv _ctypes ' +
    '_ctypes_test _curses _curses_panel _elementtree _functools _heapq _hotshot _io _json _locale ' +
    '_lsprof _md5 _multibytecodec _multiprocessing _osx_support _pyio _random _sha _sha256 _sha512 ' +
    '_socket _sqlite3 _sre _ssl _strptime _struct _symtable _threading_local _tkinter _warnings _weakref ' +
    '_weakrefset abc aifc anydbm argparse array ast asynchat asyncore atexit audiodev audioop base64 bdb ' +
    'binascii binhex bisect bsddb bz2 cPickle cProfile cStringIO calendar cgi cgitb chunk cmath cmd code ' +
    'codecs codeop collections colorsys commands compileall compiler contextlib cookielib copy copy_reg ' +
    'crypt csv ctypes curses datetime dbhash decimal difflib dircache dis distutils doctest dumbdbm ' +
    'dummy_thread dummy_threading email encodings ensurepip errno exceptions fcntl filecmp fileinput ' +
    'fnmatch formatter fpformat fractions ftplib functools future_builtins gc genericpath getopt getpass ' +
    'gettext glob grp gzip hashlib heapq hmac hotshot htmlentitydefs htmllib httplib idlelib ihooks ' +
    'imaplib imghdr imp importlib imputil inspect io itertools json keyword lib2to3 linecache ' +
    'linuxaudiodev locale logging macpath macurl2path mailbox mailcap markupbase marshal math md5 mhlib ' +
    'mimetools mimetypes mimify mmap modulefinder multifile multiprocessing mutex netrc new nis nntplib ' +
    'ntpath nturl2path numbers opcode operator optparse os os2emxpath ossaudiodev parser pdb pickle ' +
    'pickletools pipes pkgutil platform plistlib popen2 poplib posix posixfile posixpath pprint profile ' +
    'pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat quopri random re readline repr resource ' +
    'rexec rfc822 rlcompleter robotparser runpy sched select sets sgmllib sha shelve shlex shutil signal ' +
    'site smtpd smtplib sndhdr socket spwd sqlite3 sre sre_compile sre_constants sre_parse ssl stat ' +
    'statvfs string stringold stringprep strop struct subprocess sunau sunaudio symbol symtable sys ' +
    'sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap thread threading time timeit ' +
    'toaiff token tokenize trace traceback tty types unicodedata unittest urllib urllib2 urlparse user ' +
    'uu uuid warnings wave weakref webbrowser whichdb wsgiref xdrlib xml xmllib xmlrpclib xxsubtype ' +
    'zipfile zipimport zlib'
  ).split(' '),
);

const sets = new Map<number, ReadonlySet<string>>();

/** Whether a name of the top level belongs to the standard library of this Python (`3.11`, `2.7.18`). */
export function isStandardModule(name: string, version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  if (major === 2) return STANDARD_2.has(name);
  const at = Math.min(Math.max(minor ?? 11, 6), 13);
  let known = sets.get(at);
  if (known === undefined) {
    const held = STANDARD_3.filter(([first, last]) => first <= at && at <= last);
    known = new Set(held.flatMap(([, , names]) => names.split(' ')));
    sets.set(at, known);
  }
  return known.has(name);
}
