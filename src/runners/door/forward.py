"""Offers a unix socket as a port of the loopback: forward.py SOCKET PORT. Returns when it listens, and goes on behind.

Runs in an agent's sandbox on whatever Python 3 its image has; nothing but the standard library's sockets.
"""
import os
import socket
import sys
import threading

PIECE = 1 << 16


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


def join(client, path):
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        door.connect(path)
        back = threading.Thread(target=copy, args=(door, client), daemon=True)
        back.start()
        copy(client, door)
        back.join()
    except OSError:
        pass
    finally:
        client.close()
        door.close()


def main(path, port):
    # a socket that was mounted and cannot be reached is told now, not at the first call
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.connect(path)
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(128)
    if os.fork() > 0:
        os._exit(0)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    while True:
        client, _ = server.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=join, args=(client, path), daemon=True).start()


try:
    main(sys.argv[1], int(sys.argv[2]))
except OSError as problem:
    sys.exit("%s: %s" % (sys.argv[1], problem))
