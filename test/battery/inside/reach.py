# Sends octets to a server by whatever way there is, as a hostile client would: through the proxy it was told of, or
# directly; with TLS or without; certificates of any kind accepted. Reads JSON from the file named first:
#   {"host": …, "port": …, "tls": true, "sni": …, "dial": …, "alpn": […], "connect": "CONNECT's own target",
#    "send": ["latin-1 text", …], "pause": seconds between the parts, "wait": seconds for answers}
# and prints what came back, bounded. Nothing of this is evidence; the server outside is.
import json, os, socket, ssl, sys, time
from urllib.parse import urlsplit

a = json.load(open(sys.argv[1]))
host, port = a["host"], a.get("port", 443)
dial = a.get("dial", host)
proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy")


def connect():
    if not proxy or "dial" in a:
        return socket.create_connection((dial, port), timeout=6)
    p = urlsplit(proxy)
    s = socket.create_connection((p.hostname, p.port), timeout=6)
    auth = ""
    if p.username:
        import base64
        auth = "Proxy-Authorization: Basic " + base64.b64encode(f"{p.username}:{p.password or ''}".encode()).decode() + "\r\n"
    target = a.get("connect", f"{host}:{port}")
    s.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{auth}\r\n".encode("latin-1"))
    head = b""
    while b"\r\n\r\n" not in head:
        more = s.recv(4096)
        if not more:
            raise OSError("the proxy closed")
        head += more
    if b" 200" not in head.split(b"\r\n", 1)[0]:
        raise OSError(head[:200].decode("latin-1"))
    return s


s = connect()
if a.get("tls", True):
    c = ssl.create_default_context()
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    if "alpn" in a:
        c.set_alpn_protocols(a["alpn"])
    s = c.wrap_socket(s, server_hostname=a.get("sni", host) or None)
s.settimeout(a.get("wait", 2))
for at, part in enumerate(a["send"]):
    if at:
        time.sleep(a.get("pause", 0.05))
    s.sendall(part.encode("latin-1"))
got = b""
try:
    while len(got) < 65536:
        more = s.recv(4096)
        if not more:
            break
        got += more
except (OSError, ssl.SSLError):
    pass
print(got[:2000].decode("latin-1"))
