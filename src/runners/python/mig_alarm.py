"""Bounds what one test, or the loading of one file, may take, and gives back what other processes took from it.

The time of a test is the machine's: where others keep the processors busy, the same test takes longer, and how it ends
must not hang on that. Waiting is what the kernel says (`/proc/pressure/cpu`: time in which some task was ready and had
no processor); where it does not say, time is time. Runs on Python 2.7 and 3.6 and newer.
"""

import os
import signal
import sys

if sys.version_info[0] > 2:
    # functions below look names up here: code under test may put others in the place of the built-in ones
    __builtins__ = dict(__builtins__ if isinstance(__builtins__, dict) else vars(__builtins__))

PRESSURE = '/proc/pressure/cpu'
# however busy the machine is, nothing takes longer than this many times what it may
MOST = 3


class TooLong(BaseException):
    """Not an Exception: code under test that catches those must not catch this."""


def pressure(path=PRESSURE):
    """`waited()`: seconds in which some task of the machine waited for a processor, ever growing; 0.0 where nothing tells.

    The file is opened once: that it is read again is no deed of the test under way.
    """
    seek, read = os.lseek, os.read
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, 'O_CLOEXEC', 0))
    except OSError:
        return lambda: 0.0

    def waited():
        try:
            seek(descriptor, 0, 0)
            first = read(descriptor, 512).split(b'\n')[0]
            return int(first.rpartition(b'total=')[2]) / 1e6
        except (OSError, ValueError):
            return 0.0

    return waited


def clocks():
    """`now()`, seconds that never go back, and `used()`, those of processor time, of ended children too."""
    times = os.times
    return lambda: times()[4], lambda: sum(times()[:4])


def alarm(is_held, alive, waited=None, clock=None, used=None):
    """`start(seconds)`, `stop()`, `rang()`: raises TooLong in the main thread, and again every second until it gets through.

    `alive()` is called each time that it waits on.
    """
    waited = waited or pressure()
    clock, used = clock or clocks()[0], used or clocks()[1]
    state = {'rang': False, 'seconds': 0, 'began': 0.0, 'waited': 0.0, 'used': 0.0}
    handle, timer, kind, number = signal.signal, signal.setitimer, signal.ITIMER_REAL, signal.SIGALRM

    def left():
        """Seconds until it is to ring."""
        seconds = state['seconds']
        if used() - state['used'] >= seconds:
            return 0
        taken = clock() - state['began']
        lost = max(0, waited() - state['waited'])
        return min(seconds + lost, MOST * seconds) - taken

    def ring(number, frame):
        if not state['rang']:
            more = left()
            if more > 0.02:
                # no longer than the next look: a sign of life is due before silence is taken for a hang
                timer(kind, min(more, state['seconds']), 1.0)
                alive()
                return
        state['rang'] = True
        # an event that is being written is written whole; the next second comes
        if not is_held():
            raise TooLong('took too long')

    def start(seconds):
        state.update(rang=False, seconds=seconds, began=clock(), waited=waited(), used=used())
        handle(number, ring)
        timer(kind, seconds, 1.0)

    return start, lambda: timer(kind, 0), lambda: state['rang']
