// What leads out, by what is said inside, heard here and seen from here: no process that is the program, or says so, hides
// another. Needs /proc, user and network namespaces, iproute2.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { openFolder } from "../linux/trial.ts";
import type { Hand } from "./hand.ts";
import type { Share } from "./share.ts";
import { findPrograms, seenOf, waysOut } from "./ways-out.ts";

test("every process that is run as the program is looked at, whatever number it says it has", async () => {
  using folder = openFolder();
  const program = join(folder.path, "p.mjs");
  writeFileSync(program, "process.stdin.resume(); console.log('here')");
  const children = [1, 2].map(() => spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "ignore"] }));
  try {
    await Promise.all(children.map(({ stdout }) => once(stdout, "data")));
    const found = findPrograms({ share: { program } as Share });
    assert.deepEqual(new Set(found), new Set(children.map(({ pid }) => String(pid))));
    assert.deepEqual(seenOf(found), ["it has this machine's own network"]);
    assert.deepEqual(seenOf([]), []);
    const saysNothing = { ...handThat((said) => said), share: { program } as Share };
    assert.deepEqual(await waysOut(saysNothing), ["it has this machine's own network"]);
  } finally {
    for (const child of children) child.kill();
  }
});

for (const [version, address, prepare] of [
  ["IPv4", "192.0.2.9/24", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"],
  ["IPv6", "2001:db8::9/64", "true"],
] as const)
  test(`a route of ${version} in the program's network is seen from outside`, async () => {
    const build = `${prepare} && ip link add out type veth peer name in && ip addr add ${address} dev out &&
ip link set in up && ip link set out up && echo built && exec cat`;
    const words = ["--user", "--map-root-user", "--net", "--", "sh", "-c", build];
    const child = spawn("unshare", words, { stdio: ["pipe", "pipe", "inherit"] });
    try {
      await once(child.stdout, "data");
      assert.ok(seenOf([String(child.pid)]).includes("a route by out, as seen from here"));
    } finally {
      child.kill();
    }
  });

interface Said {
  readonly answers: Record<string, string>;
  readonly interfaces: readonly string[];
}

/** What a program inside that can reach nothing says, but for what `change` makes of it; it has no process here. */
function handThat(change: (said: Said, tcp: readonly { ip: string; port: number }[]) => Promise<Said> | Said): Hand {
  const ask = ({ tcp, udp, names, sockets }: Parameters<Hand["ask"]>[0] & { kind: "probe" }) => {
    const closed = (ip: string): string => (/^127\.|^::1$/.test(ip) ? "ECONNREFUSED" : "ENETUNREACH");
    const answers = Object.fromEntries([
      ...tcp.map(({ ip }) => [`tcp ${ip}`, closed(ip)]),
      ...udp.map(({ ip }) => [`udp ${ip}`, closed(ip)]),
      ...names.map((name) => [`name ${name}`, "ECONNREFUSED"]),
      ...sockets.map((path) => [`socket ${path}`, "ENOENT"]),
    ]);
    return change({ answers, interfaces: [] }, tcp);
  };
  return { ask, share: { program: "/nonexistent" } } as unknown as Hand;
}

const answering = (id: RegExp, answer: string): Hand =>
  handThat(({ answers, interfaces }) => {
    const ids = Object.keys(answers).filter((each) => id.test(each));
    assert.ok(ids.length > 0, `nothing like ${id} is tried`);
    return { interfaces, answers: { ...answers, ...Object.fromEntries(ids.map((each) => [each, answer])) } };
  });

test("nothing leads out where every answer is the kernel's own that there is no way", async () => {
  assert.deepEqual(await waysOut(handThat((said) => said)), []);
});

test("any other answer is a way out, and so is an interface", async () => {
  for (const [id, answer] of [
    [/^tcp 192\.0\.2\.1$/, "connected"],
    [/^tcp 192\.0\.2\.1$/, "ECONNREFUSED"],
    [/^tcp 10\.0\.0\.1$/, "ETIMEDOUT"],
    [/^tcp 2001:/, "sent"],
    [/^udp 198\./, "sent"],
    [/^tcp 127\.0\.0\.1$/, "connected"],
    [/^name /, "ENOTFOUND"],
    [/^socket .*docker/, "connected"],
    [/^socket \0/, "connected"],
  ] as const) {
    const found = await waysOut(answering(id, answer));
    assert.equal(found.length, 1, `${id} ${answer}: ${found.join()}`);
    assert.ok(found[0]?.endsWith(`(${answer})`), found[0]);
  }
  assert.deepEqual(await waysOut(handThat(({ answers }) => ({ answers, interfaces: ["eth0"] }))), [
    "an interface eth0",
  ]);
});

test("what came to this machine's own listeners counts, whatever is said", async () => {
  const lying = handThat(async (said, tcp) => {
    const socket = connect({ host: "127.0.0.1", port: tcp[0]?.port ?? 0 });
    socket.on("error", () => undefined);
    await once(socket, "close");
    return said;
  });
  assert.deepEqual(await waysOut(lying), ["a TCP connection came to this machine"]);
});

test("what was left out was not tried, and nothing is said of the place", async () => {
  for (const id of [/^tcp 169\./, /^udp /, /^name /, /^socket /]) {
    const silent = handThat(({ answers, interfaces }) => ({
      interfaces,
      answers: Object.fromEntries(Object.entries(answers).filter(([each]) => !id.test(each))),
    }));
    await assert.rejects(waysOut(silent), /the ways out were not tried/);
  }
});
