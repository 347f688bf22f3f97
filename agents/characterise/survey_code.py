"""What one Python file says: definitions, literals, calls, options, imports. Runs on Python 2.7 and 3.6+."""

import ast

from unparse import constant, dotted, expression, literal, names

MOST = 400
_OPTION_CALLS = ('add_option', 'add_argument', 'option', 'argument')
_REGEX_CALLS = ('compile', 'match', 'search', 'fullmatch', 'findall', 'sub', 'split', 'finditer')


def last_line(node):
    return max([getattr(part, 'lineno', 0) for part in ast.walk(node)] + [getattr(node, 'end_lineno', 0) or 0])


def first_line(node):
    return min([node.lineno] + [part.lineno for part in node.decorator_list])


class Code(ast.NodeVisitor):
    """Gathers the facts of a module; `facts` is plain data."""

    def __init__(self):
        self.scope = []
        self.kinds = []
        self.facts = {
            'imports': [], 'functions': [], 'classes': [], 'assigns': {}, 'calls': [], 'options': [],
            'getopts': [], 'chains': [], 'regexes': [], 'names': {}, 'attributes': {}, 'flows': [], 'strings': [],
            'main': False, 'locals': {},
        }  # fmt: skip

    def qualified(self, name=None):
        return '.'.join(self.scope + ([name] if name else []))

    def visit_Import(self, node):
        for alias in node.names:
            bound = alias.asname or alias.name.split('.')[0]
            self.facts['imports'].append(
                {'bind': bound, 'module': alias.name, 'name': None, 'as': alias.asname, 'level': 0,
                 'line': node.lineno, 'scope': self.qualified()}
            )  # fmt: skip

    def visit_ImportFrom(self, node):
        for alias in node.names:
            self.facts['imports'].append(
                {'bind': alias.asname or alias.name, 'module': node.module or '', 'name': alias.name,
                 'as': alias.asname, 'level': node.level or 0, 'line': node.lineno, 'scope': self.qualified()}
            )  # fmt: skip

    def visit_ClassDef(self, node):
        fields = []
        for part in node.body:
            if type(part).__name__ == 'AnnAssign' and isinstance(part.target, ast.Name):
                value = expression(part.value) if part.value is not None else None
                fields.append([part.target.id, expression(part.annotation) or '', value, part.value is not None])
        self.facts['classes'].append(
            {'name': self.qualified(node.name), 'line': first_line(node), 'end': last_line(node), 'fields': fields,
             'bases': [expression(base) or '' for base in node.bases], 'doc': ast.get_docstring(node) or '',
             'decorators': [dotted(getattr(part, 'func', part)) for part in node.decorator_list],
             'nested': 'function' in self.kinds}
        )  # fmt: skip
        for base in node.bases:
            self.flow(node.name, base, node.lineno)
        self.inside(node, 'class')

    def inside(self, node, kind):
        self.scope.append(node.name)
        self.kinds.append(kind)
        self.generic_visit(node)
        self.scope.pop()
        self.kinds.pop()

    def visit_FunctionDef(self, node):
        parts = list(ast.walk(node))
        compares, attributes, keys = {}, {}, {}
        for part in parts:
            self.looks(part, compares, attributes, keys)
        constants = []
        for part in parts:
            found, value = constant(part)
            if found and not isinstance(value, bool) and value is not None and repr(value) not in constants:
                constants.append(repr(value))
        self.facts['functions'].append(
            {'name': self.qualified(node.name), 'line': first_line(node), 'end': last_line(node),
             'class': self.qualified() if self.kinds[-1:] == ['class'] else None,
             'nested': 'function' in self.kinds, 'parameters': parameters(node.args),
             'decorators': [dotted(getattr(part, 'func', part)) for part in node.decorator_list],
             'doc': ast.get_docstring(node) or '',
             'returns': expression(node.returns) or '' if getattr(node, 'returns', None) is not None else '',
             'calls': sorted({dotted(part.func) for part in parts if isinstance(part, ast.Call)} - {''}),
             'constants': [text for text in constants if len(text) < 200][:60],
             'compares': compares, 'attributes': attributes, 'keys': keys,
             'yields': any(isinstance(part, ast.Yield) or type(part).__name__ == 'YieldFrom' for part in parts),
             'asynchronous': type(node).__name__ != 'FunctionDef'}
        )  # fmt: skip
        self.inside(node, 'function')

    visit_AsyncFunctionDef = visit_FunctionDef

    @staticmethod
    def looks(part, compares, attributes, keys):
        """What is asked of names: compared with which literals, which attributes, which keys."""
        if isinstance(part, ast.Compare) and isinstance(part.left, ast.Name):
            for other in part.comparators:
                texts = [literal(item) for item in getattr(other, 'elts', [other])]
                compares.setdefault(part.left.id, []).extend(text for text in texts if text is not None)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            attributes.setdefault(part.value.id, [])
            if part.attr not in attributes[part.value.id]:
                attributes[part.value.id].append(part.attr)
        if isinstance(part, ast.Subscript) and held(part.value):
            index = part.slice.value if type(part.slice).__name__ == 'Index' else part.slice
            keys.setdefault(held(part.value), []).append(literal(index) or '')
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.args:
            name, text = held(part.func.value), literal(part.args[0])
            if name and text:
                if part.func.attr in ('get', 'pop', 'setdefault'):
                    keys.setdefault(name, []).append(text)
                if part.func.attr in ('startswith', 'endswith'):
                    compares.setdefault(name, []).append(text)

    def visit_Assign(self, node):
        for target in node.targets:
            if isinstance(target, ast.Name):
                text = expression(node.value)
                if text is not None:
                    held = (
                        self.facts['locals'].setdefault(self.qualified(), {}) if self.scope else self.facts['assigns']
                    )
                    held.setdefault(target.id, text)
            self.flow(target, node.value, node.lineno)
        self.generic_visit(node)

    def visit_AnnAssign(self, node):
        if node.value is not None:
            self.flow(node.target, node.value, node.lineno)
        self.generic_visit(node)

    def visit_For(self, node):
        self.flow(node.target, node.iter, node.lineno)
        self.generic_visit(node)

    def visit_With(self, node):
        for item in getattr(node, 'items', [node]):
            if item.optional_vars is not None:
                self.flow(item.optional_vars, item.context_expr, node.lineno)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node):
        if node.name is not None and node.type is not None:
            self.flow(node.name, node.type, node.lineno)
        self.generic_visit(node)

    def flow(self, target, value, line):
        """A name, or an attribute of self, that is bound from an expression."""
        bound = target if isinstance(target, str) else ''
        if isinstance(target, ast.Name):
            bound = target.id
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == 'self':
            bound = 'self.' + target.attr
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                self.flow(part, value, line)
        if bound:
            sources = names(value)
            sources += ['self.' + part.attr for part in ast.walk(value)
                        if isinstance(part, ast.Attribute) and dotted(part.value) == 'self']  # fmt: skip
            self.facts['flows'].append([bound, sources, line, self.qualified()])

    def visit_Call(self, node):
        name = dotted(node.func)
        last = name.split('.')[-1]
        if last and len(self.facts['calls']) < 3000:
            plain = not getattr(node, 'starargs', None) and not getattr(node, 'kwargs', None)
            if plain and all(word.arg for word in node.keywords):
                self.facts['calls'].append(
                    {'function': name, 'line': node.lineno, 'scope': self.qualified(),
                     'arguments': [[expression(arg), names(arg)] for arg in node.args],
                     'keywords': [[word.arg, expression(word.value), names(word.value)] for word in node.keywords]}
                )  # fmt: skip
        if last in _OPTION_CALLS and node.args:
            flags = [literal(arg) for arg in node.args]
            words = {word.arg: expression(word.value) for word in node.keywords if word.arg}
            self.facts['options'].append({'flags': [flag for flag in flags if flag], 'words': words,
                                          'call': last, 'line': node.lineno})  # fmt: skip
        if last in ('getopt', 'gnu_getopt') and len(node.args) > 1:
            self.facts['getopts'].append([literal(arg) for arg in node.args[1:3]])
        if last in _REGEX_CALLS and node.args and literal(node.args[0]):
            self.facts['regexes'].append(literal(node.args[0]))
        self.generic_visit(node)

    def visit_Subscript(self, node):
        self.chain(node)
        self.generic_visit(node)

    def chain(self, node):
        keys = key_chain(node)
        if len(keys) > 0 and keys not in self.facts['chains']:
            self.facts['chains'].append(keys)

    def visit_Name(self, node):
        self.facts['names'].setdefault(node.id, []).append(node.lineno)

    def visit_Attribute(self, node):
        if dotted(node.value) == 'self':
            self.facts['attributes'].setdefault(node.attr, []).append(node.lineno)
        self.generic_visit(node)

    def generic_visit(self, node):
        found, value = constant(node)
        if found and len(self.facts['strings']) < MOST and hasattr(value, 'strip') and len(value) < 4000:
            text = repr(value)
            if text not in self.facts['strings']:
                self.facts['strings'].append(text)
        if isinstance(node, ast.If) and '__name__' in names(node.test):
            self.facts['main'] = True
        if isinstance(node, ast.Call):
            self.chain(node)
        ast.NodeVisitor.generic_visit(self, node)


def held(node):
    """`x` or `self.x`; '' for anything else."""
    name = dotted(node)
    return name if '.' not in name or (name.startswith('self.') and name.count('.') == 1) else ''


def key_chain(node):
    """['tool', 'doc8'] of `x["tool"]["doc8"]` and of `x.get("tool", {}).get("doc8")`."""
    keys = []
    while True:
        text = None
        if isinstance(node, ast.Subscript):
            index = node.slice.value if type(node.slice).__name__ == 'Index' else node.slice
            text, node = literal(index), node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr not in ('get', 'pop', 'setdefault'):
                break
            text, node = literal(node.args[0]), node.func.value
        if text is None or text[-1:] not in '\'"':
            break
        keys.insert(0, text)
    return keys


def parameters(arguments):
    """Name, kind, default and annotation of every parameter, in order."""
    found = []

    def add(part, kind, default):
        name = getattr(part, 'arg', getattr(part, 'id', part))
        if not isinstance(name, str):
            name = '_'
        noted = getattr(part, 'annotation', None)
        found.append({'name': name, 'kind': kind, 'optional': default is not None,
                      'default': expression(default) if default is not None else None,
                      'annotation': annotation(noted)})  # fmt: skip

    plain = list(getattr(arguments, 'posonlyargs', [])) + list(arguments.args)
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    for part, default in zip(plain, defaults):
        add(part, 'plain', default)
    if arguments.vararg is not None:
        add(arguments.vararg, 'many', None)
    for part, default in zip(getattr(arguments, 'kwonlyargs', []), getattr(arguments, 'kw_defaults', [])):
        add(part, 'keyword', default)
    if arguments.kwarg is not None:
        add(arguments.kwarg, 'words', None)
    return found


def annotation(node):
    if node is None:
        return ''
    found, value = constant(node)
    if found:
        return value if isinstance(value, str) else 'None'
    return expression(node) or ' | '.join(names(node))
