"""Waits until the interface that is the first argument is up, then becomes the command that the others are."""

import fcntl
import os
import socket
import struct
import sys

SIOCGIFFLAGS = 0x8913
IFF_UP = 1
RTMGRP_LINK = 1

name, command = sys.argv[1], sys.argv[2:]
# Whoever listens before looking misses no change.
changes = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
changes.bind((0, RTMGRP_LINK))
print("waiting", flush=True)


def is_up():
    try:
        found = fcntl.ioctl(changes, SIOCGIFFLAGS, struct.pack("16sH22x", name.encode(), 0))
    except OSError:
        return False
    return struct.unpack_from("H", found, 16)[0] & IFF_UP


while not is_up():
    try:
        changes.recv(65536)
    except OSError:
        # More changes than it could take: one was enough.
        pass
os.execvp(command[0], command)
