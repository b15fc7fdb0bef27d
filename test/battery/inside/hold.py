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


todo = {
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
    "pidfd-getfd": lambda: call(438, 438, call(434, 434, os.getppid(), 0), 0, 0),
}
try:
    print(todo[sys.argv[1]]())
except OSError as error:
    print(error)
sys.stdout.flush()
time.sleep(0.4)
