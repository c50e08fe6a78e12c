# Says when each numbered UDP datagram of a stream arrived, by the kernel's time stamp (SO_TIMESTAMPNS, socket(7)), until
# its input ends.
# Arguments: address family (4 or 6), port, interval in microseconds, token, time between reports in milliseconds.
# Prints "ready"; then "r TIME SEQ,DELTA ..." (the time of the first, then the time from each to the next, in
# microseconds), "t TIME LATE" when the machine let this program wait so long, "c TIME" for what its clock says now.
import gc, os, select, socket, struct, sys, time

family, port, every, token, report = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
SO_TIMESTAMPNS = 35
gc.disable()
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
into = socket.socket(socket.AF_INET6 if family == '6' else socket.AF_INET, socket.SOCK_DGRAM)
into.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
into.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
into.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
into.bind(('::' if family == '6' else '0.0.0.0', port))
into.setblocking(False)
head = token.encode()
arrivals, late = [], []


def now():
    return time.clock_gettime_ns(time.CLOCK_REALTIME) // 1000


def receive():
    while True:
        try:
            data, control, _, _ = into.recvmsg(64, 64)
        except BlockingIOError:
            return
        if len(data) != len(head) + 4 or not data.startswith(head):
            continue
        at = now()
        for level, kind, value in control:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack('qq', value[:16])
                at = seconds * 1000000 + nanoseconds // 1000
        arrivals.append((struct.unpack('>I', data[-4:])[0], at))


def tell():
    global arrivals, late
    lines = []
    if arrivals:
        before = arrivals[0][1]
        words = ['r', str(before)]
        for sequence, at in arrivals:
            words.append('%d,%d' % (sequence, at - before))
            before = at
        lines.append(' '.join(words))
    lines += ['t %d %d' % one for one in late]
    lines.append('c %d' % now())
    arrivals, late = [], []
    sys.stdout.write('\n'.join(lines) + '\n')
    sys.stdout.flush()


print('ready', flush=True)
tick = time.monotonic() + every / 1000000
report_due = time.monotonic() + report / 1000
readable = []
while sys.stdin not in readable:
    readable, _, _ = select.select([into, sys.stdin], [], [], max(0, tick - time.monotonic()))
    receive()
    at = time.monotonic()
    if at < tick:
        continue
    if at - tick > max(every / 1000000, 0.02):
        late.append((now(), int((at - tick) * 1000000)))
    if at >= report_due:
        tell()
        report_due = at + report / 1000
        at = time.monotonic()
    tick = at + every / 1000000
receive()
tell()
