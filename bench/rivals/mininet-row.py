"""Starts hosts in a row of cables, gives each a command, and prints how many milliseconds that took."""
import sys
import time

from mininet.net import Mininet

count = int(sys.argv[1])
started = time.monotonic()
net = Mininet(controller=None)
hosts = [net.addHost(f"h{at}") for at in range(count)]
for one, other in zip(hosts, hosts[1:]):
    net.addLink(one, other)
net.start()
outputs = [host.cmd("uname -r").strip() for host in hosts]
taken = (time.monotonic() - started) * 1000
net.stop()
if not all(outputs):
    sys.exit("a host printed nothing")
print("ms", taken)
