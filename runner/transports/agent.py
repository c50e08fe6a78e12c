#!/usr/bin/python3 -IS
"""Runs the commands of runners in a machine; many at once for each channel.

It listens where only the machine's SSH server is, which lets a runner through. Requests come in, answers go out, in
frames as agent-protocol.ts says. Machines run it under emulation, where code that is met for the first time is what
costs: so it has one thread, few imports and short ways.

Arguments: the folder of its modules, of which a runner can call the function `run`, and nic_states.py tells which NICs
are set up; the descriptor of the socket at which it listens, which is what systemd gives to a service when left out
(sd_listen_fds(3)).
"""
import errno
import os
import signal
import sys
from _socket import AF_INET, IPPROTO_TCP, TCP_NODELAY, socket
from fcntl import ioctl
from select import EPOLLIN, EPOLLOUT, epoll
from struct import Struct
from termios import FIONREAD

HEADER = Struct('>cII')  # kind, command, length of what follows
NUMBER = Struct('>I')
LONGEST = 256 * 1024  # of what may follow a header
CHUNK = 32 * 1024  # of output, at once
IGNORED_BY_PYTHON = [signal.SIGPIPE, signal.SIGXFSZ]

# What dropbear gives a command.
ENVIRONMENT = {
    'USER': 'root',
    'LOGNAME': 'root',
    'HOME': '/root',
    'SHELL': '/bin/bash',
    'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'LANG': os.environ.get('LANG', 'C.UTF-8'),
}

FOLDERS = [folder.encode() + b'/' for folder in ENVIRONMENT['PATH'].split(':')]

loop = epoll()
handlers = {}  # what to do when a descriptor is ready
functions = {}
with_answers = set()  # channels with something to send
channels = set()  # those that are open
nics = None


def main(library='/usr/local/lib/wirelab', descriptor=3):
    sys.dont_write_bytecode = True
    sys.path.insert(0, library)
    for name in sorted(os.listdir(library)):
        module = __import__(name.removesuffix('.py'))
        if hasattr(module, 'run'):
            functions[module.__name__.encode()] = module.run
    global nics
    nics = __import__('nic_states').NicStates()
    watch(nics.socket.fileno(), EPOLLIN, tell_of_nics)
    os.chdir(ENVIRONMENT['HOME'])
    listener = socket(fileno=int(descriptor))
    listener.setblocking(False)
    os.set_inheritable(listener.fileno(), False)
    if listener.family == AF_INET:
        # Connections have this of the socket that they came by.
        listener.setsockopt(IPPROTO_TCP, TCP_NODELAY, True)
    watch(listener.fileno(), EPOLLIN, lambda: accept(listener))
    while True:
        for descriptor, _ in loop.poll():
            handler = handlers.get(descriptor)
            if handler is None:
                continue
            try:
                handler()
            except Exception as error:
                # Whatever a channel or a command did: it must not end those of others.
                print(f'{type(error).__name__}: {error}', file=sys.stderr, flush=True)
                if descriptor not in (listener.fileno(), nics.socket.fileno()):
                    forget(descriptor)
        while with_answers:
            with_answers.pop().flush()


def watch(descriptor, events, handler):
    loop.register(descriptor, events)
    handlers[descriptor] = handler


def forget(descriptor):
    if handlers.pop(descriptor, None) is not None:
        loop.unregister(descriptor)


def close(descriptor):
    forget(descriptor)
    os.close(descriptor)


def tell_of_nics():
    try:
        for address, is_up in nics.changes():
            for channel in channels:
                channel.answer(b'u', 0, bytes([is_up]) + address)
    except OSError as error:
        # Whoever waits for the end of a command is told of that all the same.
        print(f'cannot look at NICs: {error}', file=sys.stderr, flush=True)


def accept(listener):
    try:
        # A descriptor, of which socket.accept() would make an object that nobody needs.
        connection, _ = listener._accept()
    except OSError:
        return
    os.set_blocking(connection, False)
    Channel(connection)


class Channel:
    """A runner's connection, and the commands that run for it."""

    def __init__(self, connection):
        # Two descriptors: each way is waited for by itself.
        self.requests, self.answers = connection, os.dup(connection)
        self.received = bytearray()
        self.to_send = bytearray()
        self.blocked = False
        self.commands = {}
        self.readers = {}  # the commands by the descriptors of their outputs
        # All outputs in one: the kernel lets each have its turn, and with one call none of them is read.
        self.outputs = epoll()
        watch(self.requests, EPOLLIN, self.receive)
        watch(self.outputs.fileno(), EPOLLIN, self.read_outputs)
        channels.add(self)
        self.answer(b'h', 0)
        for address in nics.up:
            self.answer(b'u', 0, b'\1' + address)

    def receive(self):
        try:
            chunk = os.read(self.requests, CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            return self.end()
        received = self.received
        received += chunk
        at = 0
        while len(received) - at >= HEADER.size:
            kind, number, length = HEADER.unpack_from(received, at)
            request = REQUESTS.get(kind)
            if request is None or length > LONGEST:
                return self.end()
            begin = at + HEADER.size
            if len(received) < begin + length:
                break
            at = begin + length
            try:
                request(self, number, bytes(received[begin:at]))
            except Exception:
                self.end()
                raise
            if self.answers is None:
                return
        del received[:at]

    def answer(self, kind, number, payload=b''):
        if self.answers is not None:
            self.to_send += HEADER.pack(kind, number, len(payload)) + payload
            with_answers.add(self)

    def flush(self):
        """Sends what can be sent. While something has to wait, no output is read."""
        if self.answers is None:
            return
        try:
            while self.to_send:
                del self.to_send[: os.write(self.answers, self.to_send)]
        except BlockingIOError:
            pass
        except OSError:
            return self.end()
        if bool(self.to_send) == self.blocked:
            return
        self.blocked = not self.blocked
        if self.blocked:
            watch(self.answers, EPOLLOUT, self.flush)
            forget(self.outputs.fileno())
        else:
            forget(self.answers)
            watch(self.outputs.fileno(), EPOLLIN, self.read_outputs)

    def read_outputs(self):
        # Those of which the kernel tells come last the next time: few at once, and all of these are read.
        for descriptor, _ in self.outputs.poll(0, 2):
            command = self.readers.get(descriptor)
            if command is not None:
                command.read(descriptor)

    def end(self):
        """Leaves the commands alone, but for their pipes."""
        if self.answers is None:
            return
        for command in list(self.commands.values()):
            command.leave()
        forget(self.outputs.fileno())
        self.outputs.close()
        close(self.requests)
        close(self.answers)
        self.answers = None
        channels.discard(self)


class Command:
    """A process, its pipes, and its channel as long as that wants to know of it."""

    def __init__(self, channel, number, argv, has_input):
        self.channel = channel
        self.number = number
        self.input = None
        self.waiting = bytearray()  # input that the process has not taken
        self.ends_input = False
        self.outputs = {}  # the kind of answer by descriptor
        self.code = None
        self.left = {}  # how much of each output was there when the process ended
        theirs = []
        try:
            if has_input:
                reads, self.input = os.pipe2(os.O_CLOEXEC)
                theirs.append(reads)
                os.set_blocking(self.input, False)
            for kind in (b'o', b'e'):
                reads, writes = os.pipe2(os.O_CLOEXEC)
                self.outputs[reads] = kind
                theirs.append(writes)
                os.set_blocking(reads, False)
            stdin = theirs[0] if has_input else EMPTY
            actions = [(os.POSIX_SPAWN_DUP2, each, at) for at, each in enumerate([stdin, *theirs[-2:]])]
            self.pid = spawn(argv, actions)
            try:
                self.process = os.pidfd_open(self.pid)
            except OSError:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise
        except BaseException:
            self.close_pipes()
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        for descriptor in self.outputs:
            channel.outputs.register(descriptor, EPOLLIN)
            channel.readers[descriptor] = self
        watch(self.process, EPOLLIN, self.look)

    def look(self):
        """When the process has ended, what it printed until now is still sent, though its children go on."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            return
        close(self.process)
        self.process = None
        if self.channel is None:
            return
        self.code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        self.close_input()
        for descriptor in list(self.outputs):
            self.left[descriptor] = waiting_in(descriptor)
            if self.left[descriptor] == 0:
                self.close_output(descriptor)
        self.end_if_read()

    def read(self, descriptor):
        size = min(CHUNK, self.left[descriptor]) if self.code is not None else CHUNK
        try:
            chunk = os.read(descriptor, size)
        except BlockingIOError:
            return
        if chunk:
            self.channel.answer(self.outputs[descriptor], self.number, chunk)
        if self.code is not None:
            self.left[descriptor] -= len(chunk)
        if not chunk or self.left.get(descriptor) == 0:
            self.close_output(descriptor)
            self.end_if_read()

    def end_if_read(self):
        if self.code is not None and not self.outputs:
            # Whoever knows that it is over knows what it did to NICs.
            tell_of_nics()
            self.channel.answer(b'x', self.number, bytes([self.code]))
            self.leave()

    def take(self, chunk):
        """Input for the process. It is told how much of it the process took, or will never take."""
        self.waiting += chunk
        self.feed()

    def feed(self):
        taken = 0
        try:
            while self.waiting and self.input is not None:
                count = os.write(self.input, self.waiting)
                del self.waiting[:count]
                taken += count
        except BlockingIOError:
            if self.input not in handlers:
                watch(self.input, EPOLLOUT, self.feed)
        except OSError:
            self.close_input()
        if self.input is None:
            taken += len(self.waiting)
            self.waiting.clear()
        if taken:
            self.channel.answer(b't', self.number, NUMBER.pack(taken))
        if not self.waiting and self.input is not None:
            forget(self.input)
            if self.ends_input:
                self.close_input()

    def end_input(self):
        self.ends_input = True
        self.feed()

    def signal(self, number):
        """To the process's children too, which a shell that waits for them does not tell."""
        if self.process is None:
            return
        for pid in [*children_of(self.pid), self.pid]:
            try:
                os.kill(pid, number)
            except OSError:
                pass

    def leave(self):
        """Nobody wants to know more of it; the process itself goes on."""
        self.channel.commands.pop(self.number, None)
        self.close_pipes()
        self.channel = None

    def close_pipes(self):
        self.close_input()
        for descriptor in list(self.outputs):
            self.close_output(descriptor)

    def close_input(self):
        if self.input is not None:
            close(self.input)
            self.input = None

    def close_output(self, descriptor):
        del self.outputs[descriptor]
        self.channel.readers.pop(descriptor, None)
        os.close(descriptor)


def spawn(argv, actions):
    def of(path, arguments):
        return os.posix_spawnp(path, arguments, ENVIRONMENT, file_actions=actions, setsigdef=IGNORED_BY_PYTHON)

    if not argv[0]:
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    # To try to execute it in each folder would cost a process image a folder. What is in none is told of by the attempt.
    paths = [] if b'/' in argv[0] else [folder + argv[0] for folder in FOLDERS]
    path = next((path for path in paths if os.access(path, os.X_OK) and os.path.isfile(path)), argv[0])
    try:
        return of(path, argv)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        # A script that names no interpreter is the shell's.
        return of('/bin/bash', [b'bash', path, *argv[1:]])


def empty_input():
    """The end of a pipe into which nobody writes."""
    reads, writes = os.pipe2(os.O_CLOEXEC)
    os.close(writes)
    return reads


EMPTY = empty_input()


def waiting_in(descriptor):
    count = bytearray(4)
    ioctl(descriptor, FIONREAD, count)
    return int.from_bytes(count, sys.byteorder)


def children_of(pid):
    parent = str(pid).encode()
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open(f'/proc/{name}/stat', 'rb', 0) as file:
                    # After the name, which may hold anything: state, parent.
                    if file.read(4096).rpartition(b')')[2].split(None, 2)[1] == parent:
                        yield int(name)
            except OSError:
                pass


def start(channel, number, payload):
    if number in channel.commands:
        return channel.end()
    argv = payload[1:].split(b'\0')
    try:
        command = Command(channel, number, argv, payload[:1] == b'i')
    except OSError as error:
        code = CODES.get(error.errno, 126)
        if code is None:
            return channel.answer(b'n', number, os.strerror(error.errno).encode())
        program = argv[0].decode(errors='surrogateescape')
        why = 'not found' if code == 127 and '/' not in program else os.strerror(error.errno)
        channel.answer(b's', number)
        channel.answer(b'e', number, f'exec: {program}: {why}\n'.encode(errors='surrogateescape'))
        return channel.answer(b'x', number, bytes([code]))
    channel.commands[number] = command
    channel.answer(b's', number)


# What a shell reports of programs that cannot be executed; None for what is no fault of theirs.
CODES = {
    errno.ENOENT: 127,
    **dict.fromkeys([errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE]),
}


def of_command(act):
    """A request about a command, which may be over."""

    def request(channel, number, payload):
        command = channel.commands.get(number)
        if command is not None:
            act(command, payload)

    return request


def leave(channel, number, _):
    """Is always answered, so that the runner knows when nothing more comes of the number."""
    if number in channel.commands:
        channel.commands[number].leave()
        channel.answer(b'x', number, b'\0')


def call(channel, number, payload):
    name, *arguments = payload.split(b'\0')
    try:
        status, text = b'\0', functions[name](*[each.decode() for each in arguments])
    except Exception as error:
        status, text = b'\1', f'{type(error).__name__}: {error}'
    channel.answer(b'r', number, status + (text or '').encode(errors='replace')[:CHUNK])


REQUESTS = {
    b's': start,
    b'i': of_command(Command.take),
    b'e': of_command(lambda command, _: command.end_input()),
    b'k': of_command(lambda command, payload: command.signal(payload[0] if payload else signal.SIGTERM)),
    b'l': leave,
    b'c': call,
}

if __name__ == '__main__':
    main(*sys.argv[1:])
