# Checks a record as somebody would who has docs/spec/ledger.md and nothing of ours: Python's library and openssl(1).
# Arguments: record.db and log.vkey. Says how many entries and heads hold, or what does not and exits 1.

import base64, hashlib, sqlite3, subprocess, sys, tempfile


def fail(what):
    print(what)
    sys.exit(1)


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def roots(leaves):
    """RFC 6962 section 2.1: the root over the first 1, 2, 3 ... leaves, from the perfect subtrees so far."""
    stack = []
    for count, leaf in enumerate(leaves, 1):
        stack.append(leaf)
        rest = count
        while rest % 2 == 0:
            right, left = stack.pop(), stack.pop()
            stack.append(node(left, right))
            rest //= 2
        root = stack[-1]
        for left in reversed(stack[:-1]):
            root = node(left, root)
        yield count, root


def verified(public, message, signature):
    with tempfile.TemporaryDirectory() as at:
        parts = {"key": bytes.fromhex("302a300506032b6570032100") + public, "text": message, "signature": signature}
        for name, content in parts.items():
            open(f"{at}/{name}", "wb").write(content)
        command = f"openssl pkeyutl -verify -pubin -keyform DER -inkey {at}/key -rawin -in {at}/text -sigfile {at}/signature"
        return subprocess.run(command.split(), capture_output=True).returncode == 0


def main(store, key):
    origin, number, encoded = open(key).read().strip().split("+", 2)
    kind_and_public = base64.b64decode(encoded)
    ident = hashlib.sha256(origin.encode() + b"\n" + kind_and_public).digest()[:4]
    if kind_and_public[0] != 1 or ident.hex() != number:
        fail("the key is not an Ed25519 verifier key")
    database = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    rows = database.execute("SELECT position, leaf FROM entry ORDER BY position").fetchall()
    if [row[0] for row in rows] != list(range(len(rows))):
        fail("the entries have a gap")
    root_of = dict(roots(hashlib.sha256(b"\x00" + bytes(row[1])).digest() for row in rows))
    heads = database.execute("SELECT size, note FROM head ORDER BY size").fetchall()
    for size, note in heads:
        text, _, signatures = note.partition("\n\n")
        text += "\n"
        if text != f"{origin}\n{size}\n{base64.b64encode(root_of.get(size, b'')).decode()}\n":
            fail(f"the head over {size} entries was signed over others")
        name, _, signature = signatures.strip().removeprefix("\u2014 ").partition(" ")
        raw = base64.b64decode(signature)
        if name != origin or raw[:4] != ident or not verified(kind_and_public[1:], text.encode(), raw[4:]):
            fail(f"the signature over {size} entries does not hold")
    if not heads or heads[-1][0] != len(rows):
        fail("the last entries are under no head")
    print(f"{len(rows)} entries, {len(heads)} heads")


main(*sys.argv[1:])
