# Sends numbered UDP datagrams at a steady pace and says when each was sent, until its input ends.
# Arguments: address, port, interval in microseconds, token, time between reports in milliseconds.
# Prints "ready"; then "s SEQ TIME DELTA..." (the first number and its time, then the time from each to the next, in
# microseconds), "e SEQ ERROR" for one that the kernel refused, "c TIME" for what its clock says now.
import errno, gc, os, select, socket, struct, sys, time

address, port, every, token, report = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
gc.disable()
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
out = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
out.setblocking(False)
target = (address, port)
head = token.encode()
times, first, errors = [], 0, []


def now():
    return time.clock_gettime_ns(time.CLOCK_REALTIME) // 1000


def tell():
    global times, first, errors
    lines = []
    if times:
        deltas = [str(after - before) for before, after in zip(times, times[1:])]
        lines.append(' '.join(['s', str(first), str(times[0])] + deltas))
    lines += ['e %d %s' % error for error in errors]
    lines.append('c %d' % now())
    first += len(times)
    times, errors = [], []
    sys.stdout.write('\n'.join(lines) + '\n')
    sys.stdout.flush()


print('ready', flush=True)
sequence = 0
due = time.monotonic()
report_due = due + report / 1000
asked_to_end = []
while not asked_to_end:
    try:
        out.sendto(head + struct.pack('>I', sequence), target)
    except OSError as error:
        errors.append((sequence, errno.errorcode.get(error.errno, str(error.errno))))
    times.append(now())
    sequence += 1
    at = time.monotonic()
    if at >= report_due:
        tell()
        report_due = at + report / 1000
        at = time.monotonic()
    # What was missed is not sent later: a burst would look like a recovery. However late it is, it sleeps: it comes
    # before all else on the machine, which may be a router and must be reachable.
    due = max(due + every / 1000000, at + every / 4000000)
    asked_to_end, _, _ = select.select([sys.stdin], [], [], due - at)
tell()
