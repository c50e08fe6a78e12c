/**
 * A program for python3 that asks a DNS server by UDP (RFC 1035, 4) and prints what became of it as JSON: arguments are
 * the server's address, its port, the name, the number of the type, and how many seconds to wait after the question was
 * asked again, as resolvers do after a second. Data are written as in a zone file, names without the dot at their end.
 */
export const dnsQuery = `
import json, os, socket, struct, sys, time

server, port, name, kind, wait = sys.argv[1], int(sys.argv[2]), sys.argv[3].rstrip("."), int(sys.argv[4]), float(sys.argv[5])

def encoded(name):
    labels = [label.encode("ascii") for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\\0"

def name_at(data, at):
    labels, end = [], None
    for _ in range(128):
        size = data[at]
        if size >= 192:
            end = end or at + 2
            at = (size & 63) << 8 | data[at + 1]
        elif size == 0:
            return ".".join(labels), end or at + 1
        else:
            labels.append(data[at + 1 : at + 1 + size].decode("latin-1"))
            at += 1 + size
    raise ValueError("a name without end")

def text_of(kind, data, at, size):
    if kind in (1, 28):
        return socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, data[at : at + size])
    if kind in (2, 5, 12):
        return name_at(data, at)[0]
    if kind == 15:
        return "%d %s" % (*struct.unpack_from("!H", data, at), name_at(data, at + 2)[0])
    if kind == 33:
        return "%d %d %d %s" % (*struct.unpack_from("!HHH", data, at), name_at(data, at + 6)[0])
    if kind == 16:
        texts, end = [], at + size
        while at < end:
            texts.append(data[at + 1 : at + 1 + data[at]].decode("latin-1"))
            at += 1 + data[at]
        return "".join(texts)
    return data[at : at + size].hex()

def read(data):
    _, flags, questions, answers, _, _ = struct.unpack_from("!HHHHHH", data)
    at, records = 12, []
    for _ in range(questions):
        at = name_at(data, at)[1] + 4
    for _ in range(answers):
        owner, at = name_at(data, at)
        found, _, ttl, size = struct.unpack_from("!HHIH", data, at)
        records.append({"name": owner, "type": found, "data": text_of(found, data, at + 10, size)})
        at += 10 + size
    return {"rcode": flags & 15, "truncated": bool(flags & 0x200), "records": records}

def ask():
    number = os.urandom(2)
    question = number + struct.pack("!HHHHH", 0x100, 1, 0, 0, 0) + encoded(name) + struct.pack("!HH", kind, 1)
    try:
        way = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM)
        way.connect(socket.getaddrinfo(server, port, type=socket.SOCK_DGRAM)[0][4])
        way.send(question)
    except OSError as error:
        return {"unsent": error.strerror}
    strange = False
    for left in (1, wait):
        end = time.monotonic() + left
        while time.monotonic() < end:
            way.settimeout(max(end - time.monotonic(), 0.001))
            try:
                data = way.recv(65535)
                strange = True
                if data[:2] == number and data[2] & 128:
                    return read(data)
            except socket.timeout:
                break
            except ConnectionRefusedError:
                return {"refused": True}
            except (OSError, ValueError, IndexError, struct.error):
                pass
        if left == 1:
            try:
                way.send(question)
            except OSError:
                pass
    return {"strange": True} if strange else {"silent": True}

print(json.dumps(ask()))
`
