// System call numbers of the calls that are named here, per architecture. Source: the kernel's published lists,
// arch/x86/entry/syscalls/syscall_64.tbl and scripts/syscall.tbl (arm64 uses the generic one), Linux 6.18.
// Undefined: the call does not exist there.

export const architectures = ["x64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** AUDIT_ARCH_* of linux/audit.h: machine, 64 bit, little endian. */
export const audit: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** The last number of both lists at 6.18 (file_setattr). */
export const newest = 469;

type Pair = readonly [x64: number, arm64: number | undefined];

const table = {
  execve: [59, 221],
  execveat: [322, 281],
  seccomp: [317, 277],
  openat2: [437, 437],
  pidfd_open: [434, 434],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  unshare: [272, 97],
  setns: [308, 268],
  clone: [56, 220],
  clone3: [435, 435],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  open_by_handle_at: [304, 265],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  fanotify_init: [300, 262],
  fanotify_mark: [301, 263],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  create_module: [174, undefined],
  query_module: [178, undefined],
  get_kernel_syms: [177, undefined],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  syslog: [103, 116],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  modify_ldt: [154, undefined],
  uselib: [134, undefined],
  ustat: [136, undefined],
  sysfs: [139, undefined],
  vhangup: [153, 58],
  _sysctl: [156, undefined],
  nfsservctl: [180, 42],
  lookup_dcookie: [212, 18],
  socket: [41, 198],
  socketpair: [53, 199],
  ioctl: [16, 29],
  open: [2, undefined],
  openat: [257, 56],
  creat: [85, undefined],
  truncate: [76, 45],
  rename: [82, undefined],
  renameat: [264, 38],
  renameat2: [316, 276],
  link: [86, undefined],
  linkat: [265, 37],
  symlink: [88, undefined],
  symlinkat: [266, 36],
  unlink: [87, undefined],
  unlinkat: [263, 35],
  rmdir: [84, undefined],
  mkdir: [83, undefined],
  mkdirat: [258, 34],
  mknod: [133, undefined],
  mknodat: [259, 33],
  fstatfs: [138, 44],
  statx: [332, 291],
  chmod: [90, undefined],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  fchmodat2: [452, 452],
} as const satisfies Readonly<Record<string, Pair>>;

export type Call = keyof typeof table;

export function numberOf(call: Call, architecture: Architecture): number | undefined {
  const [x64, arm64] = table[call];
  return architecture === "x64" ? x64 : arm64;
}
