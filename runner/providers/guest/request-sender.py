# Asks a server at a steady pace, whatever became of the questions before, and says when each was asked and when it was
# answered, until its input ends and all that was asked has been answered or given up.
# Arguments: address, port, kind (tcp, http or dns), what is asked for (a path or a name), interval in microseconds,
# time for an answer and between reports in milliseconds.
# Prints "ready"; then "s SEQ TIME DELTA..." (the first number and its time, then the time from each to the next, in
# microseconds), "r TIME SEQ,DELTA ..." (the answers: the time of the first, then the time from each to the next),
# "e SEQ REASON" for one that was not answered, "c TIME" for what its clock says now.
import collections, errno, gc, os, select, socket, struct, sys, time

address, port, kind, wanted = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
every, patience, report = int(sys.argv[5]) / 1000000, int(sys.argv[6]) / 1000, int(sys.argv[7]) / 1000
gc.disable()
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
family = socket.AF_INET6 if ':' in address else socket.AF_INET
transport = socket.SOCK_DGRAM if kind == 'dns' else socket.SOCK_STREAM
times, first, answers, errors = [], 0, [], []
# What is open, by its file descriptor, the oldest first.
asked = collections.OrderedDict()
poll = select.poll()


class Request:
    def __init__(self, sequence, until):
        self.sequence, self.until, self.answer, self.sent = sequence, until, b'', False
        self.body, self.length = 0, None
        self.socket = socket.socket(family, transport)
        self.socket.setblocking(False)


class NoAnswer(Exception):
    pass


def now():
    return time.clock_gettime_ns(time.CLOCK_REALTIME) // 1000


def question(sequence):
    if kind == 'dns':
        labels = b''.join(bytes([len(label)]) + label.encode() for label in wanted.rstrip('.').split('.') if label)
        # Recursion is desired; one question, for an address (RFC 1035, 4.1).
        return struct.pack('>6H', sequence & 0xFFFF, 0x0100, 1, 0, 0, 0) + labels + b'\0' + struct.pack('>2H', 1, 1)
    host = '[%s]' % address if ':' in address else address
    return ('GET %s HTTP/1.0\r\nHost: %s%s\r\n\r\n' % (wanted, host, '' if port == 80 else ':%d' % port)).encode()


def ask(sequence, until):
    request = Request(sequence, until)
    error = request.socket.connect_ex((address, port))
    times.append(now())
    if error not in (0, errno.EINPROGRESS):
        return give_up(request, errno.errorcode.get(error, str(error)))
    asked[request.socket.fileno()] = request
    poll.register(request.socket, select.POLLOUT)


# Whether it has been answered. Raises OSError or NoAnswer when it will not be.
def goes_on(request):
    if not request.sent:
        error = request.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, '')
        if kind == 'tcp':
            return True
        request.socket.send(question(request.sequence))
        request.sent = True
        poll.modify(request.socket, select.POLLIN)
        return False
    data = request.socket.recv(65536)
    return is_dns_answer(request, data) if kind == 'dns' else is_http_answer(request, data)


def is_dns_answer(request, data):
    if len(data) < 12:
        return False
    number, flags = struct.unpack('>2H', data[:4])
    if number != request.sequence & 0xFFFF or not flags & 0x8000:
        return False
    code = flags & 15
    # That there is no such name is an answer; what else is no success is none.
    if code not in (0, 3):
        raise NoAnswer({2: 'SERVFAIL', 5: 'REFUSED'}.get(code, 'RCODE-%d' % code))
    return True


# An answer is whole when its body has the length that was announced, or else when the server ends it.
def is_http_answer(request, data):
    if request.answer is None:
        request.body += len(data)
    else:
        request.answer += data
        head, end, body = request.answer.partition(b'\r\n\r\n')
        if end:
            read_head(request, head)
            request.answer, request.body = None, len(body)
        elif not data or len(request.answer) > 65536:
            raise NoAnswer('no-HTTP')
    if request.answer is None and request.length is not None and request.body >= request.length:
        return True
    if not data and request.length is not None:
        raise NoAnswer('half-an-answer')
    return not data


def read_head(request, head):
    lines = head.decode('latin-1').split('\r\n')
    words = lines[0].split(' ')
    if not words[0].startswith('HTTP/') or len(words) < 2 or not words[1].isdigit():
        raise NoAnswer('no-HTTP')
    if int(words[1]) >= 500:
        raise NoAnswer('HTTP-' + words[1])
    for line in lines[1:]:
        name, _, value = line.partition(':')
        if name.strip().lower() == 'content-length' and value.strip().isdigit():
            request.length = int(value)


def give_up(request, reason):
    errors.append((request.sequence, reason))
    request.socket.close()


def close(descriptor):
    poll.unregister(descriptor)
    return asked.pop(descriptor)


def hear(descriptor):
    request = asked[descriptor]
    try:
        if goes_on(request):
            answers.append((request.sequence, now()))
            close(descriptor).socket.close()
    except BlockingIOError:
        pass
    except OSError as error:
        give_up(close(descriptor), errno.errorcode.get(error.errno, str(error.errno)))
    except NoAnswer as error:
        give_up(close(descriptor), str(error))


def tell():
    global times, first, answers, errors
    lines = []
    if times:
        deltas = [str(after - before) for before, after in zip(times, times[1:])]
        lines.append(' '.join(['s', str(first), str(times[0])] + deltas))
    if answers:
        before = answers[0][1]
        words = ['r', str(before)]
        for sequence, at in answers:
            words.append('%d,%d' % (sequence, at - before))
            before = at
        lines.append(' '.join(words))
    lines += ['e %d %s' % error for error in errors]
    lines.append('c %d' % now())
    first += len(times)
    times, answers, errors = [], [], []
    sys.stdout.write('\n'.join(lines) + '\n')
    sys.stdout.flush()


print('ready', flush=True)
sequence = 0
due = time.monotonic()
report_due = due + report
poll.register(sys.stdin, select.POLLIN)
is_asking = True
while is_asking or asked:
    at = time.monotonic()
    while asked and next(iter(asked.values())).until <= at:
        give_up(close(next(iter(asked))), 'no-answer-in-time')
    if is_asking and at >= due:
        ask(sequence, at + patience)
        sequence += 1
        # What was missed is not asked later: a burst would look like a recovery.
        due = max(due + every, at + every / 4)
    if at >= report_due:
        tell()
        report_due = at + report
    next_at = [report_due] + [due] * is_asking + [request.until for request in list(asked.values())[:1]]
    for descriptor, _ in poll.poll(max(0, min(next_at) - time.monotonic()) * 1000):
        if descriptor == sys.stdin.fileno():
            is_asking = False
            poll.unregister(descriptor)
        else:
            hear(descriptor)
tell()
