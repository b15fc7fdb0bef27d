// Defences of the boundary: what a process may ask of the kernel, what it sees of the machine, what it was started with.

import { type Defence, swap } from "./defence.ts";

const rules = "src/boundary/linux/seccomp/rules.ts";
const plan = "src/session/plan.ts";

/** A second wall behind the first: the number of user namespaces is bounded too, and both have to go. */
const unbounded = swap(
  "src/boundary/linux/helper.ts",
  "[openLowPorts(), canBoundUsers()]",
  "[openLowPorts(), canBoundUsers() && false]",
);

const call = (id: string, what: string, from: string, probes: readonly string[]): Defence => ({
  id: `seccomp-${id}`,
  what,
  without: swap(rules, from, from.replace(/answer: "\w+"/, 'answer: "allow"')),
  probes,
});

export const kernel: readonly Defence[] = [
  {
    id: "no-network-socket-in",
    what: "no socket of this machine's network goes in as a standard stream",
    without: swap("src/boundary/linux/ground.ts", "await checkHanded(streams, loadNative);", ""),
    probes: ["stdin-connection"],
  },
  {
    id: "seccomp-namespaces",
    what: "no namespaces of its own, by clone or by unshare",
    without: [
      ...swap(rules, 'value: cloneSpaces }, answer: "EPERM"', 'value: cloneSpaces }, answer: "allow"'),
      ...swap(rules, 'value: newSpaces }, answer: "EPERM"', 'value: newSpaces }, answer: "allow"'),
      ...unbounded,
    ],
    probes: ["call-clone-user", "call-unshare-user", "call-unshare-net"],
  },
  call(
    "io-uring",
    "no operations past the filter",
    'calls: ["io_uring_setup", "io_uring_enter", "io_uring_register"],\n    answer: "ENOSYS"',
    ["call-io-uring"],
  ),
  call("userfaultfd", "the kernel cannot be stopped at a chosen moment", 'calls: ["userfaultfd"], answer: "EPERM"', [
    "call-userfaultfd",
  ]),
  call(
    "ptrace",
    "no process takes over another",
    'calls: ["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"],\n    answer: "EPERM"',
    ["call-ptrace", "call-pidfd"],
  ),
  call(
    "file-system",
    "no calls on whole file systems",
    'calls: ["quotactl", "quotactl_fd", "fanotify_init", "fanotify_mark"], answer: "EPERM"',
    ["call-fanotify"],
  ),
  call(
    "netlink",
    "no netlink but the empty namespace's own addresses",
    'when: [{ argument: 0, among: [netlink] }], answer: "EPROTONOSUPPORT"',
    ["call-netlink-netfilter", "call-netlink-audit"],
  ),
  call("protocols", "no protocol that no door records", 'when: [internet],\n    answer: "EPROTONOSUPPORT"', [
    "family-udplite",
    "family-mptcp",
  ]),
  call("families", "no family of sockets past every door", 'calls: ["socket"], answer: "EAFNOSUPPORT"', [
    "family-vsock",
  ]),
  {
    id: "seccomp-set-user",
    what: "no file of the checkout gets a setuid bit",
    without: [
      ...swap(
        rules,
        'calls: ["chmod", "fchmod"], bits: { argument: 1, value: 0o6000 }, answer: "EPERM"',
        'calls: ["chmod", "fchmod"], bits: { argument: 1, value: 0o6000 }, answer: "allow"',
      ),
      ...swap(
        rules,
        'calls: ["fchmodat", "fchmodat2"], bits: { argument: 2, value: 0o6000 }, answer: "EPERM"',
        'calls: ["fchmodat", "fchmodat2"], bits: { argument: 2, value: 0o6000 }, answer: "allow"',
      ),
    ],
    probes: ["setuid-bit", "setgid-bit"],
  },
  {
    id: "seccomp-architecture",
    what: "calls of another architecture end the process",
    without: swap(
      "src/boundary/linux/seccomp/program.ts",
      'value: audit[architecture], no: "kill" }',
      'value: audit[architecture], no: "allow" }',
    ),
    probes: ["call-i386"],
  },
  {
    id: "private-temporary",
    what: "temporary directories of its own",
    without: swap(
      "src/boundary/linux/view/base.ts",
      'for (const path of ["/tmp", "/var/tmp"]) args.addScratch(path, 0o1777);',
      'for (const path of ["/tmp", "/var/tmp"]) args.add("--bind", path, path);',
    ),
    probes: ["tmp-shared", "var-tmp-shared"],
  },
  {
    id: "private-home",
    what: "the person's home is absent",
    without: swap(
      plan,
      '{ kind: "write", path: identity.home, from: home, ours: true },',
      '{ kind: "write", path: identity.home, from: identity.home },',
    ),
    probes: ["read-ssh-id-ed25519", "read-aws-credentials", "own-state-written"],
  },
  {
    id: "masked-sockets",
    what: "sockets that lie in the checkout are covered",
    without: swap(plan, "...maskSockets([...read, ...checkouts.open]),", ""),
    probes: ["unix-in-checkout", "unix-datagram-in-checkout"],
  },
  {
    id: "clean-environment",
    what: "no variable of the person's but those named",
    without: swap(
      "src/session/environment.ts",
      "if (value !== undefined && (kept.includes(name) || /^LC_[A-Z]+$/.test(name))) inside[name] = value;",
      "if (value !== undefined && (kept.includes(name) || name !== '')) inside[name] = value;",
    ),
    probes: ["environment-secret"],
  },
  {
    id: "closed-descriptors",
    what: "no open file of the person's shell comes in",
    without: swap(
      "src/boundary/linux/helper.ts",
      "if (descriptor < firstDescriptor + ownDescriptors) continue;",
      "if (descriptor >= 0) continue;",
    ),
    probes: ["descriptor-inherited"],
  },
  {
    id: "limit-processes",
    what: "a bound on processes",
    without: swap("src/boundary/linux/limits.ts", "nproc: 4_096,", "nproc: 4_000_000,"),
    probes: ["bound-processes"],
  },
  {
    id: "limit-scratch",
    what: "a bound on all directories in memory together",
    without: swap(
      "src/boundary/linux/view/arguments.ts",
      'addScratch: (path, mode) => add("--bind", scratchAt(scratch.push(mode) - 1), path),',
      'addScratch: (path, mode) => add("--perms", mode.toString(8).padStart(4, "0"), "--tmpfs", path),',
    ),
    probes: ["bound-rooms"],
  },
  {
    id: "limit-core",
    what: "no core file",
    without: swap("src/boundary/linux/limits.ts", "core: 1,", "core: 1_000_000_000,"),
    probes: ["core-dump"],
  },
];
