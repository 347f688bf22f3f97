"""The one way out of the process that runs tests: a line an event, numbered and sealed.

A line is `NUMBER SEAL JSON`. The seal is taken from one running hash over the nonce and every line so far, so that a
line that was put in, left out, repeated or moved breaks the chain from there on. Nothing of it hangs on a name that a
module or an object shows; other processes than the first are mute. Runs on Python 2.7 and 3.6 and newer.
"""

import collections
import hashlib
import os
import sys
import threading

if sys.version_info[0] > 2:
    # functions below look names up here: code under test may put others in the place of the built-in ones
    __builtins__ = dict(__builtins__ if isinstance(__builtins__, dict) else vars(__builtins__))

try:
    from _json import encode_basestring_ascii as _quoted
except ImportError:
    from json.encoder import py_encode_basestring_ascii as _quoted

PYTHON_2 = sys.version_info[0] == 2
CHANNEL_LOST = 70
thread_of = (__import__('thread') if PYTHON_2 else threading).get_ident


def encoder():
    """`encoded(value)`: JSON of plain values, without the `json` module, which code under test may change."""
    texts = (str, unicode) if PYTHON_2 else (str,)  # noqa: F821
    whole = (int, long) if PYTHON_2 else (int,)  # noqa: F821
    quoted = _quoted
    kind, text, ordered, number = isinstance, str, sorted, float.__repr__

    def encoded(value):
        if value is None:
            return 'null'
        if value is True:
            return 'true'
        if value is False:
            return 'false'
        if kind(value, texts):
            return quoted(value)
        if kind(value, whole):
            return text(int(value))
        if kind(value, float):
            return number(value)
        if kind(value, dict):
            pairs = [quoted(key) + ': ' + encoded(value[key]) for key in ordered(value)]
            return '{' + ', '.join(pairs) + '}'
        return '[' + ', '.join([encoded(each) for each in value]) + ']'

    return encoded


def open_channel(descriptor, nonce):
    """`send(**event)` writes one event at once; `is_sending()` says whether this thread is in the middle of it."""
    write, process_of, leave = os.write, os.getpid, os._exit
    identity = thread_of
    process = process_of()
    encoded = encoder()
    chain = hashlib.sha256(nonce.encode('ascii'))
    waiting = collections.deque()
    inside = []
    lock = threading.Lock()
    count = [0]

    def put(event):
        text = '%d %s' % (count[0], encoded(event))
        count[0] += 1
        chain.update(text.encode('ascii'))
        number, _, rest = text.partition(' ')
        line = ('%s %s %s\n' % (number, chain.hexdigest()[:32], rest)).encode('ascii')
        while line:
            try:
                line = line[write(descriptor, line) :]
            except (OSError, IOError) as error:
                if error.errno != 4:
                    leave(CHANNEL_LOST)

    def send(**event):
        if process_of() != process:
            return
        me = identity()
        waiting.append(event)
        if me in inside:
            # this very thread was interrupted while it wrote: it takes the event along
            return
        inside.append(me)
        try:
            with lock:
                while waiting:
                    put(waiting.popleft())
        finally:
            inside.remove(me)

    def is_sending():
        return identity() in inside

    return send, is_sending
