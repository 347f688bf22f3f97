"""Another day for this process: what the code reads off the clock is moved. Runs on Python 2.7 and 3.6+."""

import datetime
import time


def install(seconds, classes):
    """`classes`: those of datetime as well, which then are not what C code (pickle) takes them for."""
    real = time.time
    kept = {name: getattr(time, name) for name in ('localtime', 'gmtime', 'ctime', 'strftime')}
    time.time = lambda: real() + seconds
    time.localtime = lambda at=None: kept['localtime'](time.time() if at is None else at)
    time.gmtime = lambda at=None: kept['gmtime'](time.time() if at is None else at)
    time.ctime = lambda at=None: kept['ctime'](time.time() if at is None else at)
    time.strftime = lambda form, at=None: kept['strftime'](form, time.localtime() if at is None else at)
    if hasattr(time, 'time_ns'):
        real_ns = time.time_ns
        time.time_ns = lambda: real_ns() + int(seconds * 1e9)
    if not classes:
        return
    step = datetime.timedelta(seconds=seconds)
    _moved('date', datetime.date, ('today',), step)
    _moved('datetime', datetime.datetime, ('now', 'utcnow', 'today'), step)


def _moved(name, real, readers, step):
    class Kind(type):
        def __instancecheck__(cls, other):
            return isinstance(other, real)

        def __subclasscheck__(cls, other):
            return issubclass(other, real)

    def reader(method):
        return classmethod(lambda cls, *args, **words: getattr(real, method)(*args, **words) + step)

    # instances are made of the real class, so that they look, compare and pickle as ever
    parts = {method: reader(method) for method in readers}
    parts['__new__'] = lambda cls, *args, **words: real(*args, **words)
    parts['__module__'] = 'datetime'
    setattr(datetime, name, Kind(name, (real,), parts))
