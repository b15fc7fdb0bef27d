# Sends what a file holds to a host, in the form named: send.py HOST FORM FILE. Certificates of any kind are accepted.
import base64, gzip, http.client, ssl, sys
from urllib.parse import quote

host, form, path = sys.argv[1:]
text = open(path).read().strip()
plain = ssl.create_default_context()
plain.check_hostname, plain.verify_mode = False, ssl.CERT_NONE
line = http.client.HTTPSConnection(host, timeout=5, context=plain)
boundary = "b0undary"


def shifted(by):
    return base64.b64encode(b"x" * by + text.encode() + b"----").decode()


bodies = {
    "body": text,
    "json": '{"key": "%s"}' % "".join("\\u%04x" % ord(c) for c in text),
    "url": "key=" + "".join("%%%02X" % ord(c) for c in text),
    "base64": shifted(0),
    "base64-1": shifted(1),
    "base64-2": shifted(2),
    "hex": text.encode().hex(),
    "reversed": text[::-1],
    "multipart": f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n{text}\r\n--{boundary}--\r\n',
}
if form == "header":
    line.request("GET", "/v1/x", headers={"x-note": text})
elif form == "query":
    line.request("GET", "/v1/x?note=" + quote(text))
elif form == "gzip":
    line.request("POST", "/v1/x", gzip.compress(text.encode()), {"content-encoding": "gzip"})
elif form == "chunked":
    cut = [text[at : at + 5].encode() for at in range(0, len(text), 5)]
    line.request("POST", "/v1/x", iter(cut), {"transfer-encoding": "chunked"}, encode_chunked=True)
else:
    kind = f"multipart/form-data; boundary={boundary}" if form == "multipart" else "application/json"
    line.request("POST", "/v1/x", bodies[form], {"content-type": kind})
print(line.getresponse().read(400))
