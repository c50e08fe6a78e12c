"""Hears from the kernel which of the machine's NICs are set up, in whichever network namespace each of them is.

A NIC is known by its permanent address, which keeps while it is renamed and moved; bridges, veths, VLANs and the like
have none, and that of a tunnel is an IP address. See rtnetlink(7), and NETLINK_LISTEN_ALL_NSID in netlink(7).
"""
import os
from array import array
from socket import AF_NETLINK, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW, SOL_SOCKET, socket
from struct import Struct, pack

SO_ATTACH_FILTER, SO_RCVBUFFORCE = 26, 33
SOL_NETLINK, NETLINK_LISTEN_ALL_NSID = 270, 8
RTMGRP_LINK = 1
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 0x1, 0x4, 0x300
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_NEWNSID, RTM_GETNSID = 16, 17, 18, 88, 90
IFLA_NEW_NETNSID, IFLA_TARGET_NETNSID, IFLA_PERM_ADDRESS = 45, 46, 54
NETNSA_NSID, NETNSA_FD = 1, 3
IFF_UP = 1
MAC = 6  # bytes

MESSAGE = Struct('=IHHII')  # length, kind, flags, sequence, port
LINK = Struct('=BBHiII')  # family, -, device type, index, flags, change
ATTRIBUTE = Struct('=HH')  # length, kind
ATTRIBUTES = MESSAGE.size + LINK.size  # where those of a link begin
WAITING = 1 << 20  # bytes of messages that may wait to be read
LONGEST = 1 << 16  # of what is read at once

# Classic BPF, for a message in which there is a permanent address: what else happens to links wakes nobody.
HAS_PERMANENT_ADDRESS = [
    (0x00, 0, 0, ATTRIBUTES),  # A = where attributes begin
    (0x01, 0, 0, IFLA_PERM_ADDRESS),  # X = the kind that is looked for
    (0x20, 0, 0, 0xFFFFF00C),  # A = where that is (SKF_AD_NLATTR)
    (0x15, 0, 1, 0),  # 0: nowhere
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFFFFFF),
]


class NicStates:
    def __init__(self):
        self.up = set()  # the addresses of those that are
        self.is_lost = False  # something may have happened of which nobody told
        self.socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK)
        code = array('B', b''.join(pack('=HBBI', *each) for each in HAS_PERMANENT_ADDRESS))
        program = pack('HP', len(HAS_PERMANENT_ADDRESS), code.buffer_info()[0])
        self.socket.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER, program)
        self.socket.setsockopt(SOL_SOCKET, SO_RCVBUFFORCE, WAITING)
        self.socket.setsockopt(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1)
        self.socket.bind((0, RTMGRP_LINK))

    def changes(self):
        """Gives what has changed until now, in order, as pairs: an address, and whether that NIC is up."""
        while True:
            try:
                data, control, _, _ = self.socket.recvmsg(LONGEST, 64)
            except BlockingIOError:
                break
            except OSError:
                self.is_lost = True  # ENOBUFS: more has happened than could wait
                continue
            for kind, body in messages(data):
                yield from self.note(kind, body)
                # It went on to another namespace, of which this one may not have a number. One hears from those only
                # of which it has.
                if control and kind == RTM_DELLINK and IFLA_NEW_NETNSID in attributes(body[LINK.size :]):
                    self.is_lost = True
        if self.is_lost:
            for kind, body in all_links():
                yield from self.note(kind, body)
            self.is_lost = False

    def note(self, kind, body):
        address = attributes(body[LINK.size :]).get(IFLA_PERM_ADDRESS)
        if address is None or len(address) != MAC:
            return
        is_up = kind == RTM_NEWLINK and bool(LINK.unpack_from(body)[4] & IFF_UP)
        if is_up != (address in self.up):
            (self.up.add if is_up else self.up.remove)(address)
            yield address, is_up


def messages(data):
    """The messages in what was read: the kind and what follows the header of each."""
    at = 0
    while at + MESSAGE.size <= len(data):
        length, kind, _, _, _ = MESSAGE.unpack_from(data, at)
        yield kind, data[at + MESSAGE.size : at + length]
        at += (length + 3) & ~3


def attributes(data):
    found = {}
    at = 0
    while at + ATTRIBUTE.size <= len(data):
        length, kind = ATTRIBUTE.unpack_from(data, at)
        found[kind & 0x3FFF] = data[at + ATTRIBUTE.size : at + length]
        at += (max(length, ATTRIBUTE.size) + 3) & ~3
    return found


def all_links():
    """The links of all network namespaces that a process is in, or that have a name; each gets a number here."""
    for namespace in namespaces():
        list(ask(RTM_NEWNSID, NLM_F_ACK, bytes(4) + number(NETNSA_NSID, -1) + number(NETNSA_FD, namespace)))
        os.close(namespace)
    numbered = [attributes(body[4:])[NETNSA_NSID] for _, body in ask(RTM_GETNSID, NLM_F_DUMP, bytes(4))]
    for target in [b'', *[ATTRIBUTE.pack(8, IFLA_TARGET_NETNSID) + each for each in numbered]]:
        yield from ask(RTM_GETLINK, NLM_F_DUMP, bytes(LINK.size) + target)


def number(kind, value):
    return ATTRIBUTE.pack(8, kind) + pack('=i', value)


def namespaces():
    """A descriptor of each."""
    seen = {os.stat('/proc/self/ns/net').st_ino}
    names = os.listdir('/run/netns') if os.path.isdir('/run/netns') else []
    held = [f'/proc/{pid}/ns/net' for pid in os.listdir('/proc') if pid.isdigit()]
    for path in [*[f'/run/netns/{name}' for name in names], *held]:
        try:
            inode = os.stat(path).st_ino
            if inode not in seen:
                seen.add(inode)
                yield os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            pass


def ask(kind, flags, body):
    """Sends a request, and gives all that is answered."""
    with socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC) as asked:
        asked.send(MESSAGE.pack(MESSAGE.size + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body)
        while True:
            for answered, rest in messages(asked.recv(LONGEST)):
                if answered in (NLMSG_DONE, NLMSG_ERROR):
                    return
                yield answered, rest
