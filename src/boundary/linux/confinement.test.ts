import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { loosen, type Read, readConfinement, readSetting } from "./confinement.ts";
import { checkSettings } from "./diagnose.ts";
import { refuseNamespaces, refuseView } from "./remedies.ts";
import { openFolder } from "./trial.ts";

/** Files as such a system has them, and nothing else of this one. */
type Files = Readonly<Record<string, string>>;

function on<Result>(files: Files, look: (read: Read) => Result): Result {
  using folder = openFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
  return look((path) => readSetting(join(folder.path, path)));
}

const free = { "/proc/self/status": "Name:\tnode\nNoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n" };
const filter = { "/proc/self/status": "Name:\tnode\nNoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n" };
const restricted = { "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n" };
const docker = { "/.dockerenv": "", ...filter };
const profiled = { "/proc/self/attr/current": "docker-default (enforce)\n" };
const kubelet = "622 610 8:1 /var/lib/kubelet/pods/0d1f/etc-hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw,discard\n";

// what each was heard to say where it was refused
const said = {
  unshare: "unshare: unshare failed: Operation not permitted",
  map: "unshare: write failed /proc/self/uid_map: Operation not permitted",
  full: "unshare: unshare failed: No space left on device",
};

const cases: readonly (readonly [string, Files, string, string])[] = [
  [
    "Ubuntu's AppArmor restriction",
    { ...free, ...restricted, "/proc/self/attr/apparmor/current": "unconfined\n" },
    said.map,
    "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
  ],
  [
    "Docker's filter and profile, on a host with that restriction",
    { ...docker, ...profiled, ...restricted },
    said.unshare,
    "in a container, start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined",
  ],
  ["Docker's filter alone", docker, said.unshare, "in a container, start it with --security-opt seccomp=unconfined"],
  [
    "a container's profile alone",
    { "/run/.containerenv": "", ...free, ...profiled },
    said.unshare,
    "in a container, start it with --security-opt apparmor=unconfined",
  ],
  [
    "a container without either, on a host with that restriction",
    { "/.dockerenv": "", ...free, ...restricted },
    said.map,
    "on the host of this container: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
  ],
  [
    "a pod, with neither mark nor profile",
    { ...filter, "/proc/self/mountinfo": kubelet },
    said.unshare,
    "in a pod, give the container's securityContext seccompProfile: {type: Unconfined}",
  ],
  ["as many as may be", free, said.full, "sudo sysctl -w user.max_user_namespaces=15000"],
  [
    "nothing that is known",
    { ...free, "/proc/self/mountinfo": "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" },
    said.unshare,
    "see that the kernel has user namespaces (CONFIG_USER_NS), and that this is no chroot, where none can be made",
  ],
];

for (const [what, files, complaint, remedy] of cases)
  test(`the remedy for ${what}`, () =>
    assert.equal(
      on(files, (read) => refuseNamespaces(complaint, read).hint),
      remedy,
    ));

test("doctor blames a setting where it is at fault, and nowhere else", () => {
  const look = (files: Files, working: boolean) => on(files, (read) => checkSettings(working, read));
  const blamed = "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
  assert.deepEqual(look({ ...free, ...restricted }, false), [
    { name: "kernel.apparmor_restrict_unprivileged_userns", ok: false, seen: "1", remedy: blamed },
  ]);
  assert.equal(look({ ...free, ...restricted }, true)[0]?.ok, true);
  assert.equal(look({ ...docker, ...restricted }, false)[0]?.ok, true);
});

test("a profile that only complains holds nobody", () => {
  const look = (label: string) => on({ "/proc/self/attr/current": label }, (read) => readConfinement(read).profile);
  assert.equal(look("unprivileged_userns (enforce)\n"), "unprivileged_userns");
  for (const label of ["mine (complain)\n", "unconfined\n", "", "kernel\0"]) assert.equal(look(label), undefined);
});

test("what stood in the way of the file view is named", () => {
  const fault = on({ ...docker, ...profiled }, refuseView);
  assert.match(fault.message, /a seccomp filter and the AppArmor profile docker-default stood there before ours$/);
  assert.match(on(free, refuseView).hint ?? "", /^postern doctor/);
});

test("no remedy is asked for outside of a container, and one that opens something inside", () => {
  const confinement = fc.record({
    runtime: fc.constantFrom("kubernetes" as const, "engine" as const, undefined),
    filtered: fc.boolean(),
    profile: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(confinement, (one) => {
      const remedy = loosen(one);
      assert.equal(remedy === undefined, one.runtime === undefined);
      // never more than what is in force, where that is known
      if (remedy !== undefined && one.filtered && one.profile === undefined) assert.doesNotMatch(remedy, /apparmor/i);
      if (remedy !== undefined && !one.filtered && one.profile !== undefined) assert.doesNotMatch(remedy, /seccomp/);
    }),
  );
});
