"""Sets the clock of this process forward: what a test records today must hold on any other day.

`install({'seconds': n})` before anything of the tree is loaded. Moved are time.time and what falls back on it, and
datetime's now, utcnow and today; monotonic clocks, timers, file times and child processes are not. With n = 0 the same
replacements stand and nothing moves, which tells a test that minds them from one that minds the date.

Works on Python 2.7 and 3.6 and newer.
"""

import datetime
import time


def install(options):
    seconds = options['seconds']
    _move_time(seconds)
    _move_datetime(seconds)


def _move_time(seconds):
    real = time.time
    time.time = lambda: real() + seconds
    if hasattr(time, 'time_ns'):
        real_ns = time.time_ns
        time.time_ns = lambda: real_ns() + int(seconds * 10**9)
    if hasattr(time, 'clock_gettime'):
        gettime, clock = time.clock_gettime, time.CLOCK_REALTIME
        time.clock_gettime = lambda which: gettime(which) + (seconds if which == clock else 0)
    localtime, gmtime = time.localtime, time.gmtime

    def moved(function):
        return lambda instant=None: function(time.time() if instant is None else instant)

    time.localtime, time.gmtime = moved(localtime), moved(gmtime)
    time.ctime = moved(time.ctime)
    strftime, asctime = time.strftime, time.asctime
    time.strftime = lambda form, *given: strftime(form, *(given or (time.localtime(),)))
    time.asctime = lambda *given: asctime(*(given or (time.localtime(),)))


class _Kind(type):
    """Objects that C code made of the real class are of the moved one too."""

    def __instancecheck__(cls, thing):
        return isinstance(thing, cls._real) if '_real' in cls.__dict__ else type.__instancecheck__(cls, thing)

    def __subclasscheck__(cls, other):
        return issubclass(other, cls._real) if '_real' in cls.__dict__ else type.__subclasscheck__(cls, other)


def _named_like(real, parts):
    def represent(self):
        return ('datetime.' if type(self) is made else '') + real.__repr__(self)

    parts.update(_real=real, __module__='datetime', __doc__=real.__doc__, __repr__=represent)
    made = _Kind(real.__name__, (real,), parts)
    return made


def _move_datetime(seconds):
    real_date, real_datetime = datetime.date, datetime.datetime
    instant = time.time

    def now(cls, tz=None):
        return cls.fromtimestamp(instant(), tz)

    def utcnow(cls):
        was = real_datetime.utcnow() + datetime.timedelta(seconds=seconds)
        return cls(was.year, was.month, was.day, was.hour, was.minute, was.second, was.microsecond)

    datetime.date = _named_like(
        real_date, {'today': classmethod(lambda cls: cls.fromtimestamp(instant()))}
    )
    datetime.datetime = _named_like(
        real_datetime,
        {'now': classmethod(now), 'utcnow': classmethod(utcnow), 'today': classmethod(lambda cls: now(cls))},
    )
