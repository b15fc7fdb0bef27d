// What the tool may not ask of the kernel, each with its reason. Rules of one call are tried in order, the first whose
// conditions hold answers; a call none answers is allowed. Arguments are compared in their low 32 bits, as the kernel
// reads every one named here. name_to_handle_at stays: harmless without open_by_handle_at, and watchers use it.

import type { Call } from "./numbers.ts";

export type Answer = "allow" | "EPERM" | "ENOSYS" | "EAFNOSUPPORT" | "EPROTONOSUPPORT";

export interface Condition {
  readonly argument: 0 | 1 | 2;
  /** Compared after masking; absent: the whole word. */
  readonly mask?: number;
  readonly among: readonly number[];
}

export interface Rule {
  readonly calls: readonly Call[];
  readonly answer: Answer;
  readonly why: string;
  /** All must hold. */
  readonly when?: readonly Condition[];
  /** Any of these bits in the argument. */
  readonly bits?: { readonly argument: 0 | 1 | 2; readonly value: number };
}

/** NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET of linux/sched.h. */
const newSpaces =
  0x80 | 0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000;
/** The same without NEWTIME: in clone's low byte that bit belongs to the exit signal. */
const cloneSpaces = newSpaces & ~0xff;

const unix = 1;
const inet = [2, 10];
const netlink = 16;
const internet: Condition = { argument: 0, among: inet };
const kind = (type: number): Condition => ({ argument: 1, mask: 0xf, among: [type] });
const protocol = (...among: number[]): Condition => ({ argument: 2, among });

export const rules: readonly Rule[] = [
  {
    calls: ["clone"],
    bits: { argument: 0, value: cloneSpaces },
    answer: "EPERM",
    why: "a new user namespace gives capabilities over mounts and network inside it: most kernel escapes begin there",
  },
  {
    calls: ["clone3"],
    answer: "ENOSYS",
    why: "its flags are in memory no filter can read; libraries fall back to clone",
  },
  {
    calls: ["openat2"],
    answer: "ENOSYS",
    why: "its flags are in memory, so nobody could tell writing from reading; programs fall back to openat",
  },
  { calls: ["unshare"], bits: { argument: 0, value: newSpaces }, answer: "EPERM", why: "as clone" },
  { calls: ["setns"], answer: "EPERM", why: "entering another namespace" },
  {
    calls: ["mount", "umount2", "pivot_root", "chroot", "open_tree", "open_tree_attr", "move_mount", "mount_setattr"],
    answer: "EPERM",
    why: "the file view is fixed; lifting a mount would show what it covers",
  },
  { calls: ["fsopen", "fsconfig", "fsmount", "fspick"], answer: "EPERM", why: "the newer way to mount" },
  {
    calls: ["io_uring_setup", "io_uring_enter", "io_uring_register"],
    answer: "ENOSYS",
    why: "its operations never pass this filter; programs fall back where it is absent",
  },
  { calls: ["bpf", "perf_event_open"], answer: "EPERM", why: "kernel programs and counters: attack surface" },
  { calls: ["userfaultfd"], answer: "EPERM", why: "stops the kernel at a chosen moment: makes its races winnable" },
  { calls: ["keyctl", "add_key", "request_key"], answer: "EPERM", why: "keyrings are not namespaced: the user's keys" },
  {
    calls: ["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"],
    answer: "EPERM",
    why: "one process taking over another would spoil attribution and the watch",
  },
  { calls: ["open_by_handle_at"], answer: "EPERM", why: "opens by inode number, past every mount" },
  { calls: ["quotactl", "quotactl_fd", "fanotify_init", "fanotify_mark"], answer: "EPERM", why: "file system wide" },
  { calls: ["kexec_load", "kexec_file_load", "reboot"], answer: "EPERM", why: "the whole machine" },
  {
    calls: ["init_module", "finit_module", "delete_module", "create_module", "query_module", "get_kernel_syms"],
    answer: "EPERM",
    why: "kernel modules",
  },
  { calls: ["swapon", "swapoff", "acct", "vhangup", "nfsservctl"], answer: "EPERM", why: "the administrator's" },
  { calls: ["settimeofday", "clock_settime", "clock_adjtime"], answer: "EPERM", why: "the machine's clock" },
  { calls: ["syslog"], answer: "EPERM", why: "the kernel's log names addresses and other people's programs" },
  { calls: ["iopl", "ioperm", "modify_ldt"], answer: "EPERM", why: "hardware ports and descriptor tables" },
  {
    calls: ["uselib", "ustat", "sysfs", "_sysctl", "lookup_dcookie"],
    answer: "ENOSYS",
    why: "obsolete, rarely tested",
  },

  { calls: ["socket"], when: [{ argument: 0, among: [unix] }], answer: "allow", why: "confined by the namespaces" },
  {
    calls: ["socket"],
    when: [{ argument: 0, among: [netlink] }, protocol(0)],
    answer: "allow",
    why: "NETLINK_ROUTE: getifaddrs, Node's networkInterfaces and Go read the empty namespace's own addresses by it",
  },
  { calls: ["socket"], when: [{ argument: 0, among: [netlink] }], answer: "EPROTONOSUPPORT", why: "other netlink" },
  { calls: ["socket"], when: [internet, kind(1), protocol(0, 6)], answer: "allow", why: "TCP: caught by the doors" },
  { calls: ["socket"], when: [internet, kind(2), protocol(0, 17)], answer: "allow", why: "UDP: caught by the doors" },
  { calls: ["socket"], when: [internet, kind(3)], answer: "EPERM", why: "raw packets would pass no door" },
  {
    calls: ["socket"],
    when: [internet],
    answer: "EPROTONOSUPPORT",
    why: "SCTP, DCCP, UDP-Lite, ping: no door records them; MPTCP: libraries fall back to TCP",
  },
  { calls: ["socket"], answer: "EAFNOSUPPORT", why: "packet, vsock, bluetooth, alg, xdp and others: past every door" },
  {
    calls: ["socketpair"],
    when: [{ argument: 0, among: [unix] }],
    answer: "allow",
    why: "every child process of Node",
  },
  { calls: ["socketpair"], answer: "EAFNOSUPPORT", why: "as socket" },

  { calls: ["ioctl"], when: [{ argument: 1, among: [0x5412] }], answer: "EPERM", why: "TIOCSTI types into a terminal" },
  {
    calls: ["ioctl"],
    when: [{ argument: 1, among: [0x541c] }],
    answer: "EPERM",
    why: "TIOCLINUX pastes into a console",
  },
  {
    calls: ["ioctl"],
    when: [{ argument: 1, among: [0x5423] }],
    answer: "EPERM",
    why: "TIOCSETD loads line disciplines",
  },

  {
    calls: ["chmod", "fchmod"],
    bits: { argument: 1, value: 0o6000 },
    answer: "EPERM",
    why: "a setuid file left in the workspace would run with the caller's rights outside; writing to one clears the bit",
  },
  { calls: ["fchmodat", "fchmodat2"], bits: { argument: 2, value: 0o6000 }, answer: "EPERM", why: "as chmod" },
];
