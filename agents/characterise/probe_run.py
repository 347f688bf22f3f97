"""Runs one probe in a process of its own and says what was seen. Python 2.7 and 3.6+."""

import io
import os
import sys
import types
import warnings

from plain import PYTHON_2, can_be_written, is_exact, plain, source
from seeing import seen_exception, seen_value
from shapes import TIMES, shape
from tracing import Trace

LONGEST = 3000


class Network(Exception):
    """The code wanted to reach another machine."""


def no_network(seen):
    """Connections other than to files are refused and noted."""
    import socket

    def refuse(*_arguments, **_words):
        seen.append('network')
        raise Network('no network')

    class Socket(socket.socket):
        def connect(self, address):
            return refuse() if isinstance(address, tuple) else socket.socket.connect(self, address)

        connect_ex = connect

    Socket.__name__ = 'socket'
    real = socket.socket
    try:
        real.connect = refuse
    except (TypeError, AttributeError):
        socket.socket = Socket
    for name in ('create_connection', 'getaddrinfo', 'gethostbyname', 'getfqdn', 'gethostbyaddr'):
        setattr(socket, name, refuse)


class Closed(object):
    """Standard input as pytest gives it."""

    encoding = 'utf-8'

    def read(self, *_arguments):
        raise IOError('reading from stdin while output is captured')

    readline = readlines = __next__ = next = read

    def __iter__(self):
        return self

    def fileno(self):
        raise ValueError('redirected stdin is pseudofile, has no fileno()')

    def isatty(self):
        return False

    def close(self):
        pass


def stream(content=b''):
    if PYTHON_2:
        return io.BytesIO(content)
    return io.TextIOWrapper(io.BytesIO(content), encoding='utf-8', newline='', write_through=True)


def text_of(captured):
    value = captured.getvalue() if PYTHON_2 else captured.buffer.getvalue()
    return value.decode('utf-8', 'replace')


def write_files(files):
    for name, content in sorted(files.items()):
        folder = os.path.dirname(name)
        if folder and not os.path.isdir(folder):
            os.makedirs(folder)
        with open(name, 'wb') as out:
            out.write(content.encode('latin-1') if isinstance(content, type(u'')) else content)


def files_below(top):
    found = {}
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.path.getsize(path) < 100000:
                with open(path, 'rb') as held:
                    found[os.path.relpath(path, top).replace(os.sep, '/')] = held.read()
    return found


def run(probe, job):
    """Everything that is seen of a probe; the working folder is its own already."""
    seen = []
    no_network(seen)
    warnings.simplefilter('ignore')
    write_files(probe.get('files', {}))
    before = files_below('.')
    for key, value in sorted(probe.get('env', {}).items()):
        os.environ[key] = value.replace('<here>', os.getcwd())
    if probe.get('argv') is not None:
        sys.argv = list(probe['argv'])
    given = probe.get('stdin')
    sys.stdin = Closed() if given is None else stream(given.encode('utf-8'))
    out, err = stream(), stream()
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = out, err
    tracer = Trace(job['roots'], job.get('trace', True) and not probe.get('shape'))
    scope = {'__name__': 'probe'}
    result = {'observations': [], 'outcome': 'returns', 'at': len(probe['steps']),
              'line': probe.get('argv') is not None and len(probe['steps']) == 1}  # fmt: skip
    try:
        for line in probe['imports']:
            exec(compile(line, '<probe>', 'exec'), scope)
        for index, (name, text) in enumerate(probe['steps']):
            result['at'] = index
            code = compile(text, '<probe>', 'eval')
            with tracer:
                if probe.get('shape') and index == len(probe['steps']) - 1:
                    scope['values'] = [eval(code, scope) for _ in range(TIMES)]
                    continue
                value = eval(code, scope)
            scope[name] = value
            if isinstance(value, (types.GeneratorType, map if not PYTHON_2 else types.GeneratorType)):
                result['lazy'] = True
        result['at'] = len(probe['steps'])
    except Network:
        seen.append('network')
    except SystemExit as error:
        result['outcome'] = 'exits'
        code = 0 if error.code is None else error.code
        result['observations'].append({'kind': 'exit', 'code': code if isinstance(code, int) else plain(str(code))})
    except BaseException as error:
        result['outcome'] = 'raises'
        result['observations'].append(seen_exception(error, sys.exc_info()[2], job['roots']))
    finally:
        sys.stdout, sys.stderr = kept
    if result['outcome'] == 'returns':
        result['observations'] += seen_results(probe, scope, tracer, job.get('foreign'))
    result['observations'] += seen_outside(text_of(out), text_of(err), before)
    result['lines'], result['arcs'] = tracer.told()
    result['flags'] = sorted(set(seen))
    result['clock'] = tracer.clock
    return finished(result)


def seen_results(probe, scope, tracer, foreign):
    found = []
    if probe.get('shape'):
        for text, expected in shape(scope['values']):
            found.append({'kind': 'shape', 'key': text, 'expression': text, 'value': expected})
        return found
    with tracer:
        for name in probe['observe']:
            if name in scope:
                found += seen_value(name, scope[name], foreign)
    return found


def seen_outside(out, err, before):
    found = []
    if out:
        found.append({'kind': 'out', 'value': plain(out), 'exact': is_exact(out)})
    if err:
        found.append({'kind': 'err', 'value': plain(err), 'exact': is_exact(err)})
    after = files_below('.')
    for name in sorted(after):
        if before.get(name) != after[name] and '__pycache__' not in name and not name.endswith('.pyc'):
            try:
                text = after[name].decode('utf-8')
            except UnicodeDecodeError:
                text = None
            if text is not None and (len(text) > LONGEST or '\0' in text or not is_exact(text)):
                text = None
            found.append({'kind': 'file', 'name': name, 'value': text})
    for name in sorted(before):
        if name not in after:
            found.append({'kind': 'gone', 'name': name})
    return found


def finished(result):
    """Values become source text; what cannot be written down is left out."""
    kept = []
    for item in result['observations']:
        if 'value' in item and item['value'] is not None or item['kind'] in ('value', 'shape'):
            text = source(item['value'])
            if len(text) > LONGEST or not can_be_written(item['value']):
                if item['kind'] != 'file':
                    continue
                text = None
            item['text'] = text
            # the type of the value: `1` and `True`, texts and bytes
            item['type'] = type(item['value']).__name__
        item.pop('value', None)
        kept.append(item)
    result['observations'] = kept
    return result
