#!/usr/bin/python3 -I
"""Makes a copy of a template a machine of its own. The agent runs it once, before anything of the lab."""
import os
import sys
import time
from fcntl import ioctl
from itertools import count
from socket import AF_INET, SOCK_DGRAM, sethostname, socket
from struct import pack

RNDRESEEDCRNG = 0x5207  # random(4)
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFNAME, SIOCGIFHWADDR = 0x8913, 0x8914, 0x8923, 0x8927  # netdevice(7)
IFF_UP = 1
NIC_SECONDS = 12
NICS = '/sys/class/net'
numbers = count()


def run(clock, name, machine_id, random, *nics):
    """
    Clock: `+SECONDS` sets it forward, `@SECONDS` to that time; randomness: hex digits; then MAC=NAME for each NIC that
    it begins with.
    """
    seconds = float(clock[1:]) + (time.clock_gettime(time.CLOCK_REALTIME) if clock[0] == '+' else 0)
    time.clock_settime(time.CLOCK_REALTIME, seconds)
    sethostname(name)
    write('/etc/hostname', name)
    write('/etc/machine-id', machine_id)
    write('/etc/hosts', f'127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {name}')
    reseed(bytes.fromhex(random))

    if nics:
        with socket(AF_INET, SOCK_DGRAM) as control:
            # Their names are often those of their neighbours before: the last one first, nobody is in the way of another.
            for mac, name in (nic.split('=') for nic in reversed(nics)):
                give_name(control, wait_for(control, mac), name)

    # From the mark on, what the kernel tells is of the lab: see look-for-crashes.sh. A template has it already, and
    # the journal, which wakes up for it, its work behind it.
    if clock[0] == '@':
        with open('/dev/kmsg', 'w') as log:
            log.write('wirelab: the lab begins\n')


def write(path, text):
    """Writes a file anew. Its page, where it has one, is kept: see warm-up.sh."""
    line = f'{text}\n'.encode()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    if os.lseek(file, 0, os.SEEK_END) > len(line):
        os.ftruncate(file, 0)
    os.pwrite(file, line, 0)
    os.close(file)


def reseed(random):
    """
    What is written to /dev/urandom is only mixed in; RNDRESEEDCRNG makes a new key of it at once. Without it all copies
    go on with the template's key, and their veths get the same MACs.
    """
    file = os.open('/dev/urandom', os.O_WRONLY | os.O_CLOEXEC)
    os.write(file, random)
    ioctl(file, RNDRESEEDCRNG)
    os.close(file)


def give_name(control, device, name):
    """Renames a NIC. One that has the name, and is to get another later, gets one that no lab uses meanwhile."""
    if device == name:
        return
    (flags,) = ioctl(control, SIOCGIFFLAGS, pack('16s24x', device.encode()))[16:17]
    if flags & IFF_UP:
        ioctl(control, SIOCSIFFLAGS, pack('16sh22x', device.encode(), 0))
    try:
        ioctl(control, SIOCSIFNAME, pack('16s16s8x', device.encode(), name.encode()))
    except FileExistsError:
        give_name(control, name, f'renaming{next(numbers)}')
        give_name(control, device, name)


def wait_for(control, mac):
    """The name of the NIC with this address, as soon as it is there."""
    until = time.monotonic() + NIC_SECONDS
    while True:
        found = next((device for device in os.listdir(NICS) if address_of(control, device) == mac), None)
        if found is not None:
            return found
        if time.monotonic() > until:
            raise TimeoutError(f'no NIC with the address {mac} has come up')
        time.sleep(0.005)


def address_of(control, device):
    """Of a device that is there: for one that is not, the kernel would look for a module of its name (netdevice(7))."""
    try:
        return ioctl(control, SIOCGIFHWADDR, pack('16s24x', device.encode()))[18:24].hex(':')
    except OSError:
        return ''


if __name__ == '__main__':
    run(*sys.argv[1:])
