/**
 * The parent of a plain local run, a Python program (standard library; Node can neither adopt orphans nor set limits).
 * Arguments: the pid of its owner, memory in bytes and processes (0: held elsewhere), seconds of processor time, the
 * command. It writes `started` to descriptor 3 and ends with the command's exit code, 128 + n for signal n. Whatever
 * the command left behind is its child by then and is ended with it; so is everything when the owner dies or it gets TERM.
 */
export const SUPERVISOR = `
import ctypes, os, resource, signal, sys

owner, memory, processes, seconds = map(int, sys.argv[1:5])
command = sys.argv[5:]
libc = ctypes.CDLL(None)
ADOPT_ORPHANS, SIGNAL_ON_PARENTS_DEATH = 36, 1
libc.prctl(ADOPT_ORPHANS, 1)
me = os.getpid()

def parents():
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, "rb") as file:
                    text = file.read()
            except OSError:
                continue
            fields = text[text.rindex(b")") + 2:].split()
            if fields[0] not in b"ZX":
                found[int(name)] = int(fields[1])
    return found

def descendants():
    above = parents()
    below, grown = {me}, True
    while grown:
        more = {pid for pid, parent in above.items() if parent in below} - below
        grown = bool(more)
        below |= more
    return below - {me}

def end_all():
    # Stopped first: what forks faster than it is found would otherwise never be caught.
    while True:
        left = descendants()
        if not left:
            return
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in left:
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass

def on_signal(number, frame):
    signal.signal(number, signal.SIG_IGN)
    end_all()
    os._exit(128 + number)

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, on_signal)
libc.prctl(SIGNAL_ON_PARENTS_DEATH, int(signal.SIGTERM))
if os.getppid() != owner:
    os._exit(143)

def limit(kind, value):
    soft, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))

child = os.fork()
if child == 0:
    try:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        limit(resource.RLIMIT_CORE, 0)
        limit(resource.RLIMIT_CPU, seconds)
        if memory:
            limit(resource.RLIMIT_DATA, memory)
        if processes:
            mine = os.getuid()
            running = 0
            for name in os.listdir("/proc"):
                try:
                    if name.isdigit() and os.stat("/proc/" + name).st_uid == mine:
                        running += len(os.listdir("/proc/%s/task" % name))
                except OSError:
                    pass
            limit(resource.RLIMIT_NPROC, running + processes)
        os.write(3, b"started\\n")
        os.close(3)
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, ("cannot start %s: %s\\n" % (command[0], error.strerror)).encode())
        os._exit(126 if isinstance(error, PermissionError) else 127)
    finally:
        os._exit(125)

while True:
    pid, status = os.waitpid(-1, 0)
    if pid == child:
        break
end_all()
os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
`;
