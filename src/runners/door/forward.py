"""Offers the way to the model as a port of the loopback: forward.py TO PORT. Returns when it listens, and goes on behind.

TO is the path of a unix socket, or HOST:PORT. Runs in an agent's sandbox on whatever Python 3 its image has; nothing but
the standard library's sockets. In a relay it has a third argument, the address that the engine's machine would have in
the sandbox's network: then it listens at its own address there and nowhere else, says which that is, and stays.
"""
import os
import socket
import sys
import threading
import time

PIECE = 1 << 16


def reach(to):
    host, _, port = to.rpartition(":")
    if to.startswith("/"):
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        door.connect(to)
    else:
        door = socket.create_connection((host, int(port)), timeout=5)
        door.settimeout(None)
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def copy(source, target):
    """Passes on all that comes, and then its end."""
    try:
        while True:
            data = source.recv(PIECE)
            if not data:
                break
            target.sendall(data)
    except OSError:
        pass
    finally:
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def join(client, to):
    try:
        with client, reach(to) as door:
            back = threading.Thread(target=copy, args=(door, client), daemon=True)
            back.start()
            copy(client, door)
            back.join()
    except OSError:
        pass


def own_address(machine):
    """Our address in the network of `machine`. Nobody may answer there: whatever that machine offers would be within reach."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect((machine, 9))
        asking.send(b"?")
        own = asking.getsockname()[0]
    time.sleep(0.1)
    with open("/proc/net/arp") as neighbours:
        for line in neighbours:
            if line.split()[0] == machine and line.split()[2] != "0x0":
                raise OSError("the engine gives its own machine the address %s in the sandbox's network" % machine)
    return own


def go_behind():
    if os.fork() > 0:
        os._exit(0)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def main(to, port, machine=None):
    # a way that leads nowhere is told now, not at the first call
    reach(to).close()
    own = "127.0.0.1" if machine is None else own_address(machine)
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((own, port))
    server.listen(128)
    if machine is None:
        go_behind()
    else:
        print(own, flush=True)
    while True:
        client, _ = server.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=join, args=(client, to), daemon=True).start()


try:
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
except OSError as problem:
    sys.exit("%s: %s" % (sys.argv[1], problem))
