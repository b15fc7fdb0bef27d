# race.py open|link TOKEN PATH: opens a harmless name for writing again and again while another thread makes it the other one.
import ctypes, os, sys, threading, time

how, token, path = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
end = time.time() + 3
text = f"raced {token}\n".encode()
if how == "open":
    size = max(len(path), len("harmless")) + 1
    name = ctypes.create_string_buffer(b"harmless", size)
    other = path.encode().ljust(size, b"\0")
    first = b"harmless".ljust(size, b"\0")

    def turn():
        while time.time() < end:
            ctypes.memmove(name, other, size)
            ctypes.memmove(name, first, size)
else:
    name = ctypes.create_string_buffer(b"turning")
    here, there = os.path.abspath("harmless"), os.path.abspath(path)

    def turn():
        while time.time() < end:
            for to in (here, there):
                os.symlink(to, "next")
                os.rename("next", "turning")

    os.symlink(here, "turning")
threads = [threading.Thread(target=turn)]
for thread in threads:
    thread.start()
while time.time() < end:
    fd = libc.open(name, os.O_WRONLY)
    if fd >= 0:
        os.write(fd, text)
        os.close(fd)
    if how == "open":
        libc.renameat2(-100, b"harmless2", -100, name, 0)
for thread in threads:
    thread.join()
