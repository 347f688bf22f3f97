"""Long expressions over several lines, long texts under names of their own."""

import ast

from plain import source

WIDTH = 100


def hoisted(text, index, old):
    """(lines that name long texts, the expression with these names); Python 2 keeps its literals where they are."""
    if len(text) <= WIDTH or old:
        return [], text
    try:
        tree = ast.parse(text, mode='eval')
    except (SyntaxError, ValueError):
        return [], text
    found = []

    class Long(ast.NodeTransformer):
        def visit_Constant(self, node):
            if not isinstance(node.value, (str, bytes)) or len(node.value) <= 60:
                return node
            number = index * 10 + len(found) + 1 if index or found else ''
            name = f"{'document' if isinstance(node.value, str) else 'content'}{number}"
            found.append(f'{name} = {source(node.value, WIDTH, 0)}')
            return ast.Name(name)

        def visit_JoinedStr(self, node):
            return node

    changed = Long().visit(tree)
    return (found, ast.unparse(changed)) if found else ([], text)


def wrapped(text, room=WIDTH):
    """An expression that is too long for a line, an argument or item a line."""
    if len(text) <= room:
        return text
    try:
        return _laid(ast.parse(text, mode='eval').body, room, 0)
    except (SyntaxError, ValueError):
        return text


def _laid(node, room, indent):
    text = ast.unparse(node)
    if len(text) + indent <= room:
        return text
    pad = ' ' * (indent + 4)

    def lines(parts):
        return ''.join(f'\n{pad}{part},' for part in parts) + '\n' + ' ' * indent

    def inner(part):
        return _laid(part, room, indent + 4)

    if isinstance(node, ast.Call) and (node.args or node.keywords):
        parts = [inner(arg) for arg in node.args]
        parts += [
            f'{word.arg}={inner(word.value)}' if word.arg else f'**{inner(word.value)}' for word in node.keywords
        ]
        return f'{ast.unparse(node.func)}({lines(parts)})'
    if isinstance(node, (ast.List, ast.Set)) and node.elts:
        opening, closing = '[]' if isinstance(node, ast.List) else '{}'
        return opening + lines(map(inner, node.elts)) + closing
    if isinstance(node, ast.Tuple) and node.elts:
        return '(' + lines(map(inner, node.elts)) + ')'
    if isinstance(node, ast.Dict) and node.keys and all(node.keys):
        return '{' + lines(f'{ast.unparse(key)}: {inner(value)}' for key, value in zip(node.keys, node.values)) + '}'
    return text
