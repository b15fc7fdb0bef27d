# Makes the system call named first, and holds what came of it for as long as the machine outside needs to see it.
import ctypes, os, platform, signal, socket, struct, sys, time

libc = ctypes.CDLL(None, use_errno=True)
x64 = platform.machine() == "x86_64"


def call(x, arm, *args):
    r = libc.syscall(x if x64 else arm, *args)
    if r < 0:
        print("errno", ctypes.get_errno())
    return r


def bpf():
    attr = struct.pack("<IIII", 2, 4, 4, 1) + bytes(112)  # BPF_MAP_TYPE_ARRAY
    return call(321, 280, 0, ctypes.c_char_p(attr), len(attr))


def perf():
    attr = struct.pack("<IIQ", 1, 128, 1) + bytes(112)  # software clock
    return call(298, 241, ctypes.c_char_p(attr), 0, -1, -1, 0)


def child():
    pid = os.fork()
    if pid == 0:
        time.sleep(3)
        os._exit(0)
    return pid


def ptrace():
    pid = child()
    return call(101, 117, 16, pid, 0, 0)  # PTRACE_ATTACH


def memfd():
    fd = os.memfd_create(sys.argv[2], 0)
    os.write(fd, open("/bin/sleep", "rb").read())
    if os.fork() == 0:
        os.execve(fd, ["sleep", "1"], {})
    return fd


def packet(family, kind, protocol):
    return lambda: socket.socket(family, kind, protocol).detach()


def netlink(protocol):
    def bind():
        s = socket.socket(16, 3, protocol)
        s.bind((0, 0))  # only then it stands in the kernel's table
        return s.detach()
    return bind


def by_handle():
    # the file outside has this number; with it, whoever may open by handle needs no path
    number = int(open("number").read())
    handle = struct.pack("<IiII", 8, 1, number & 0xFFFFFFFF, 0)
    return call(304, 265, os.open(".", 0), ctypes.c_char_p(handle), 0)


def int80():
    # i386's socket(2) and connect(2), in the code of another architecture: its numbers are others
    import mmap
    code = bytes.fromhex("5389f889f34189c889d14489c2cd805bc3")
    room = libc.mmap
    room.restype, room.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    at = room(None, 4096, 7, 0x62, -1, 0)  # private, anonymous, below 4 GiB
    ctypes.memmove(at, code, len(code))
    run = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int)(at)
    address = struct.pack(">HHBBBB8x", 0, 8080, 93, 184, 216, 66)
    address = struct.pack("<H", 2) + address[2:]
    ctypes.memmove(at + 2048, address, len(address))
    fd = run(359, 2, 1, 0)
    print("connect", run(362, fd, at + 2048, 16))
    return fd


def add_key():
    return libc.syscall(248 if x64 else 217, b"user", f"probe-{sys.argv[2]}".encode(), b"x", 1, ctypes.c_long(-4))


def tiocsti():
    import fcntl
    for letter in f"typed-{sys.argv[2]}\n":
        fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), 0x5412, letter.encode())
    return 0


todo = {
    "by-handle": by_handle,
    "int80": int80,
    "add-key": add_key,
    "tiocsti": tiocsti,
    "fsopen": lambda: call(430, 430, b"tmpfs", 0),
    "open-tree": lambda: call(428, 428, -100, b".", 1),
    "pidfd": lambda: call(438, 438, call(434, 434, os.getppid(), 0), 8, 0),
    "vsock": packet(40, 1, 0),
    "alg": packet(38, 5, 0),
    "xdp": packet(44, 3, 0),
    "bluetooth": packet(31, 3, 1),
    "sctp": packet(2, 1, 132),
    "udplite": packet(2, 2, 136),
    "mptcp": packet(2, 1, 262),
    "netlink-route": netlink(0),
    "can": packet(29, 3, 1),
    "tipc": packet(30, 2, 0),
    "bpf": bpf,
    "perf": perf,
    "userfaultfd": lambda: call(323, 282, 1),
    "io-uring": lambda: call(425, 425, 4, ctypes.c_char_p(bytes(120))),
    "fanotify": lambda: call(300, 262, 0x200, 0),
    "unshare-user": lambda: call(272, 97, 0x10000000),
    "unshare-user-net": lambda: call(272, 97, 0x50000000),
    "clone-user": lambda: libc.syscall(56 if x64 else 220, 0x10000000 | 17, 0, 0, 0, 0) or time.sleep(1),
    "ptrace": ptrace,
    "memfd": memfd,
    "raw": packet(2, 3, 1),
    "packet": packet(17, 3, 768),
    "ping": packet(2, 2, 1),
    "x32-socket": lambda: libc.syscall(0x40000000 + 41, 2, 1, 0),
    "netlink-netfilter": netlink(12),
    "netlink-audit": netlink(9),
}
try:
    print(todo[sys.argv[1]]())
except OSError as error:
    print(error)
sys.stdout.flush()
time.sleep(0.4)
