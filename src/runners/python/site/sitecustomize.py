"""Installs the import block in every Python process that is started with this folder on its path."""

import os
import sys


def _install():
    rules = os.environ.get('MIG_IMPORT_RULES')
    if not rules:
        return
    block = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'mig_block.py')
    with open(block) as source:
        code = compile(source.read(), block, 'exec')
    names = {'__name__': 'mig_block', '__file__': block}
    exec(code, names)
    names['install'](rules)


def _chain():
    """Runs the `sitecustomize` that this one hides."""
    here = os.path.dirname(os.path.abspath(__file__))
    rest = [entry for entry in sys.path if os.path.abspath(entry) != here]
    if sys.version_info[0] == 2:
        import imp

        try:
            found = imp.find_module('sitecustomize', rest)
        except ImportError:
            return
        imp.load_module('sitecustomize', *found)
        return
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec('sitecustomize', rest)
    if spec is None or spec.loader is None:
        return
    module = type(sys)('sitecustomize')
    module.__spec__ = spec
    module.__file__ = spec.origin
    sys.modules['sitecustomize'] = module
    spec.loader.exec_module(module)


_install()
_chain()
