"""Refuses imports of some modules to code below some folders: what a tree does without them. Python 2.7 and 3.6+."""

try:
    import builtins
except ImportError:
    import __builtin__ as builtins


def install(names, roots, exempt=()):
    """`exempt`: files, by the end of their paths, that may import them all the same."""
    real = builtins.__import__
    roots, exempt = tuple(roots), tuple(exempt)

    def guarded(name, globals=None, locals=None, fromlist=(), level=0):
        file = (globals or {}).get('__file__') or ''
        if level <= 0 and file.startswith(roots) and not (exempt and file.endswith(exempt)):
            wanted = [name] + ['%s.%s' % (name, part) for part in fromlist or ()]
            for refused in names:
                if any(item == refused or item.startswith(refused + '.') for item in wanted):
                    raise ImportError('No module named %s' % refused)
        return real(name, globals, locals, fromlist, level)

    builtins.__import__ = guarded
