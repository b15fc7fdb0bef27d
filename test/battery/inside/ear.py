# Outside: a server on a Unix socket, by pathname or abstract, for a stream or datagrams; whatever it hears goes into a file.
import os, socket, sys

kind, name, into = sys.argv[1:4]
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM if kind == "stream" else socket.SOCK_DGRAM)
s.bind("\0" + name[1:] if name.startswith("@") else name)
if not name.startswith("@"):
    os.chmod(name, 0o777)
if kind == "stream":
    s.listen(8)
open(into, "w").write("ready\n")
while True:
    if kind == "stream":
        c, _ = s.accept()
        with open(into, "a") as f:
            f.write("connected\n")
        c.close()
    else:
        data, _ = s.recvfrom(4096)
        with open(into, "a") as f:
            f.write("datagram\n")
