"""What pieces of a test's source deal with: libraries by name, network, clock, paths, chance; and whether it asserts."""

import ast
import os
import re

NETWORK = frozenset(
    'socket ssl socketserver SocketServer urllib.request urllib2 httplib http.client http.server BaseHTTPServer '
    'SimpleHTTPServer ftplib smtplib poplib imaplib telnetlib nntplib xmlrpc xmlrpclib requests httpx aiohttp urllib3 '
    'websocket websockets paramiko boto3 pycurl grpc'.split()
)
CLOCK = frozenset(
    'time.time time.time_ns time.monotonic time.monotonic_ns time.perf_counter time.perf_counter_ns time.process_time '
    'time.clock time.ctime time.sleep datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today '
    'datetime.date.today'.split()
)
# these take the instant as their last argument: number of arguments from which on it is given
CLOCK_UNLESS_GIVEN = {'time.localtime': 1, 'time.gmtime': 1, 'time.asctime': 1, 'time.strftime': 2}
CHANCE = frozenset(
    'os.urandom uuid.uuid1 uuid.uuid4 random.SystemRandom secrets.token_bytes secrets.token_hex secrets.token_urlsafe '
    'secrets.choice secrets.randbelow secrets.randbits'.split()
)
SEEDED = frozenset('random.seed numpy.random.seed'.split())
NEEDS_SEED = frozenset(['random.Random', 'numpy.random.default_rng', 'numpy.random.RandomState'])
ABSOLUTE = re.compile(
    r'^(?:/(?:bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|workspace|input|output|'
    r'agent|tools|env|env-old|results|mig|Users|private)/.|[A-Za-z]:[\\/])'
)
BY_NAME = frozenset(
    'patch object dict multiple setattr delattr import_module __import__ importorskip find_spec find_loader get_loader run_module '
    'reload setitem delitem pop get syspath_prepend'.split()
)
DOTTED = re.compile(r'^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$')


def last_name(node):
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ''


class Words(object):
    """The vocabulary of one file. Names mean what an import anywhere in the file binds them to."""

    def __init__(self, tree, libraries, root, pythonpath):
        self._libraries = [name.split('.') for name in libraries]
        self._roots = [os.path.normpath(os.path.join(root, place)) for place in pythonpath]
        self._bound = {}
        self._said = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.name if alias.asname else alias.name.split('.')[0]
                    self._bound[alias.asname or name] = name.split('.')
            elif isinstance(node, ast.ImportFrom) and not node.level:
                for alias in node.names:
                    self._bound[alias.asname or alias.name] = (node.module or '').split('.') + [alias.name]
            elif isinstance(node, ast.Expr) and self.text(node.value) is not None:
                self._said.add(id(node.value))
        self._imported = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self._imported.update(part for alias in node.names for part in alias.name.split('.'))
            elif isinstance(node, ast.ImportFrom):
                self._imported.update((node.module or '').split('.'))
                self._imported.update(alias.name for alias in node.names)

    @staticmethod
    def text(node):
        """The text of a literal; None for anything else."""
        if isinstance(node, getattr(ast, 'Constant', ())):
            return node.value if isinstance(node.value, str) else None
        if 'Str' in ast.__dict__ and node.__class__.__name__ == 'Str':
            return node.s
        return None

    def modules(self):
        return self._imported

    def dotted(self, node):
        """Parts of what a name or attribute stands for by the file's imports, and how many the import itself gives."""
        after = []
        while isinstance(node, ast.Attribute):
            after.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self._bound:
            return None
        bound = self._bound[node.id]
        return bound + after, len(bound)

    def _called(self, node):
        found = self.dotted(node.func)
        return '.'.join(found[0]) if found else ''

    # ---- libraries

    def _is_library(self, parts):
        return any(parts[: len(name)] == name for name in self._libraries)

    def _is_ours(self, parts):
        """A module of the repository under test that happens to bear the name."""
        return any(
            os.path.exists(os.path.join(root, *parts) + '.py') or os.path.isdir(os.path.join(root, *parts))
            for root in self._roots
        )

    def _names_library(self, parts, start=0):
        """Whether a library's name stands among the parts, from `start` on, other than as a module of ours."""
        for name in self._libraries:
            for at in range(start, len(parts) - len(name) + 1):
                if parts[at : at + len(name)] == name and not (at > 0 and self._is_ours(parts[: at + len(name)])):
                    return True
        return False

    def imports(self, nodes):
        found = []
        for node in nodes:
            for inner in ast.walk(node):
                found += self._import_findings(inner)
        return found

    def _import_findings(self, node):
        line = getattr(node, 'lineno', 0)
        if isinstance(node, ast.Import):
            return [
                'line %d: import %s' % (line, alias.name)
                for alias in node.names
                if self._is_library(alias.name.split('.'))
            ]
        if isinstance(node, ast.ImportFrom) and not node.level:
            module = (node.module or '').split('.')
            named = [alias.name for alias in node.names if self._is_library(module + [alias.name])]
            starred = [
                name for name in self._libraries if node.names[0].name == '*' and name[: len(module)] == module
            ]
            return ['line %d: from %s import' % (line, node.module)] if named or starred else []
        if isinstance(node, (ast.Attribute, ast.Name)):
            known = self.dotted(node)
            if known is None:
                return []
            parts, given = known
            if self._is_library(parts) or self._names_library(parts, max(given, 1)):
                return ['line %d: %s' % (line, '.'.join(parts))]
            return []
        if isinstance(node, ast.Call) and last_name(node) in BY_NAME:
            return ['line %d: %r' % (line, str(text)) for text in self._targets(node)]
        if isinstance(node, ast.Subscript) and last_name(node.value) == 'modules':
            texts = [self.text(inner) for inner in ast.walk(node.slice)]
            return ['line %d: sys.modules[%r]' % (line, str(text)) for text in texts if self._names(text)]
        text = self.text(node)
        if text is not None and id(node) not in self._said:
            for name in self._libraries:
                if re.search(r'\b(?:import|from)\s+%s\b' % re.escape('.'.join(name)), text):
                    return ['line %d: a text that imports %s' % (line, '.'.join(name))]
        return []

    def _names(self, text):
        return text is not None and DOTTED.match(text) is not None and self._names_library(text.split('.'))

    def _targets(self, call):
        """Texts in a call that deals with names, where one of them is a library's."""
        if last_name(call) in ('setitem', 'delitem', 'pop', 'get', 'dict'):
            whole = [last_name(inner) for inner in ast.walk(call) if isinstance(inner, ast.Attribute)]
            texts = [self.text(inner) for inner in ast.walk(call)]
            if 'modules' not in whole and 'sys.modules' not in texts:
                return []
        parts = list(call.args) + [word.value for word in call.keywords]
        texts = [self.text(inner) for part in parts for inner in ast.walk(part)]
        return [text for text in texts if self._names(text)]

    # ---- what makes a test depend on more than the code

    def forbidden(self, nodes):
        found = []
        seeded = any(
            self._called(inner) in SEEDED for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Call)
        )
        for node in nodes:
            for inner in ast.walk(node):
                found += self._forbidden_findings(inner, seeded)
        return found

    def _forbidden_findings(self, node, seeded):
        line = getattr(node, 'lineno', 0)
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module or ''] + ['%s.%s' % (node.module, alias.name) for alias in node.names]
        for name in modules:
            if any(name == one or name.startswith(one + '.') for one in NETWORK) and not self._is_ours(name.split('.')[:1]):
                return ['network: line %d imports %s' % (line, name)]
        if isinstance(node, (ast.Attribute, ast.Name)):
            known = self.dotted(node)
            name = '.'.join(known[0]) if known else ''
            if name in CLOCK:
                return ['clock: line %d, %s' % (line, name)]
            if name in CHANCE:
                return ['randomness: line %d, %s' % (line, name)]
        if isinstance(node, ast.Call):
            return self._of_call(node, line, seeded)
        text = self.text(node)
        if text is not None and id(node) not in self._said and ABSOLUTE.match(text) and text != '/dev/null':
            return ['absolute path: line %d, %r' % (line, str(text[:60]))]
        return []

    def _of_call(self, node, line, seeded):
        name = self._called(node)
        if name in CLOCK_UNLESS_GIVEN and len(node.args) < CLOCK_UNLESS_GIVEN[name]:
            return ['clock: line %d, %s' % (line, name)]
        if name in NEEDS_SEED:
            return [] if node.args or node.keywords else ['randomness: line %d, %s without a seed' % (line, name)]
        is_chance = name.startswith(('random.', 'numpy.random.'))
        if is_chance and not seeded and name not in SEEDED and name.split('.')[-1][:1].islower():
            return ['randomness: line %d, %s without a seed' % (line, name)]
        return []

    # ---- assertions

    def asserts(self, node):
        """Whether something in it can fail because of what the code under test gives."""
        for inner in self._unswallowed(node):
            if isinstance(inner, ast.Assert) and not self._is_hollow(inner.test):
                return True
            if isinstance(inner, ast.Raise) and 'AssertionError' in ast.dump(inner):
                return True
            if isinstance(inner, ast.Call) and self._is_assertion(inner):
                return True
        return False

    def _unswallowed(self, node):
        """Every node but those of a `try` whose handler hides a failed assertion."""
        yield node
        for field, value in ast.iter_fields(node):
            hidden = field == 'body' and any(
                self._hides(handler) for handler in getattr(node, 'handlers', []) or []
            )
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, ast.AST) and not hidden:
                    for one in self._unswallowed(inner):
                        yield one

    def _hides(self, handler):
        kinds = [] if handler.type is None else [last_name(one) for one in getattr(handler.type, 'elts', [handler.type])]
        catches = handler.type is None or any(one in ('Exception', 'BaseException', 'AssertionError') for one in kinds)
        if not catches:
            return False
        return not any(isinstance(inner, ast.Raise) or (isinstance(inner, ast.Call) and last_name(inner) in ('fail', 'exit')) for part in handler.body for inner in ast.walk(part))

    def _is_constant(self, node):
        if isinstance(node, getattr(ast, 'Constant', ())) or node.__class__.__name__ in ('Num', 'Str', 'Bytes', 'NameConstant'):
            return True
        if isinstance(node, ast.Name):
            return node.id in ('True', 'False', 'None')
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return all(self._is_constant(one) for one in node.elts)
        if isinstance(node, ast.UnaryOp):
            return self._is_constant(node.operand)
        if isinstance(node, ast.BinOp):
            return self._is_constant(node.left) and self._is_constant(node.right)
        if isinstance(node, ast.BoolOp):
            return all(self._is_constant(one) for one in node.values)
        if isinstance(node, ast.Compare):
            return all(self._is_constant(one) for one in [node.left] + node.comparators)
        return False

    def _is_hollow(self, test):
        """Holds whatever the code under test gives."""
        if self._is_constant(test):
            return not (isinstance(test, getattr(ast, 'Constant', ())) and test.value is False)
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
            return any(self._is_hollow(one) for one in test.values)
        if isinstance(test, ast.BoolOp):
            return all(self._is_hollow(one) for one in test.values)
        if isinstance(test, ast.Tuple):
            return len(test.elts) > 0
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            same = ast.dump(test.left) == ast.dump(test.comparators[0])
            return same and isinstance(test.ops[0], (ast.Eq, ast.Is, ast.LtE, ast.GtE)) and not has_call(test.left)
        if isinstance(test, ast.Call) and last_name(test) == 'isinstance' and len(test.args) == 2:
            return last_name(test.args[1]) == 'object'
        return False

    def _is_assertion(self, call):
        name = last_name(call)
        if name in ('raises', 'warns', 'deprecated_call', 'fail'):
            return True
        if not name.lower().startswith('assert'):
            return False
        args = list(call.args)
        if name == 'assertTrue' and len(args) > 0:
            return not self._is_hollow(args[0])
        if len(args) > 0 and all(self._is_constant(one) for one in args):
            return False
        if len(args) > 1 and ast.dump(args[0]) == ast.dump(args[1]) and not has_call(args[0]):
            return False
        return True


def has_call(node):
    return any(isinstance(inner, ast.Call) for inner in ast.walk(node))
