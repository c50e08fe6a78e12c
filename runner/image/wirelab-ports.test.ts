import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'ava'

const script = `
import importlib.machinery, os, select, socket, sys, types
loader = importlib.machinery.SourceFileLoader("ports", sys.argv[1])
ports = types.ModuleType("ports")
loader.exec_module(ports)
ports.SERVER = ("/bin/cat",)

class Driver:
    """A port's end in the kernel: virtio_console, of which bytes and who is there come by queues of their own."""
    connected, incoming, outgoing = False, b"", b""
    def read(self):
        if self.incoming:
            data, self.incoming = self.incoming, b""
            return data
        if self.connected:
            raise BlockingIOError
        return b""
    def write(self, data):
        if not self.connected:
            raise BlockingIOError
        self.outgoing += data
        return len(data)

driver, PORT = Driver(), 1000
read, write = os.read, os.write
os.read = lambda fd, size: driver.read() if fd == PORT else read(fd, size)
os.write = lambda fd, data: driver.write(data) if fd == PORT else write(fd, data)
os.open = lambda path, flags: PORT
poll = types.SimpleNamespace(register=lambda fd, events: None)
port = ports.Port("port", poll, True)

def tell():
    port.notice(select.EPOLLIN | (select.EPOLLOUT if driver.connected else select.EPOLLHUP))
    port.serve()

def answer():
    """What the server that is there says until now."""
    if port.watched:
        select.select([port.server], [], [], 0.2)
        port.serve()
    said, driver.outgoing = driver.outgoing, b""
    return said.decode()

def hear(words, come_first):
    driver.connected = come_first
    driver.incoming = words
    tell()
    driver.connected = True
    tell()
    return answer()

def leave():
    driver.connected = False
    tell()

for come_first in (True, False, False):
    print(hear(b"hello", come_first))
    leave()
driver.connected = True
tell()
leave()
print(hear(b"again", False))
leave()
print(port.watched)
`

test('who speaks before the kernel knows that somebody came is heard and answered', (t) => {
  const ports = join(import.meta.dirname, '..', '..', 'images', 'debian-12', 'wirelab-ports')
  const told = execFileSync('python3', ['-B', '-c', script, ports], { encoding: 'utf8' })
  t.is(told, 'hello\nhello\nhello\nagain\nFalse\n')
})
