// git over ssh and a service of this machine, learned from a session that used them: the same passes, a push is asked about from
// then on, another repository and another service are refused. The measure is what the servers were asked and hold. Needs the
// boundary's tools, sshd, root.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { parsePolicy } from "../../src/policy/document.ts";
import { headOf, makeBare } from "./git-server.ts";
import { openSshServer, withoutSsh } from "./ssh-server.ts";
import { Stage } from "./stage.ts";

const host = "git.example.com";

async function openCounter() {
  const server = createServer((socket) => {
    calls += 1;
    socket.end("hello\n");
  });
  let calls = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    calls: () => calls,
    [Symbol.dispose]: () => void server.close(),
  };
}

test("git over ssh and a service: learned as they were used, and no wider", {
  skip: withoutSsh,
  timeout: 240_000,
}, async () => {
  using stage = new Stage({ git: true, files: { "a.txt": "a\n" } });
  using used = await openCounter();
  using unused = await openCounter();
  const root = join(stage.base, "srv");
  const one = makeBare(root, "team/one.git");
  makeBare(root, "team/two.git");
  await using server = await openSshServer(stage, root, host);
  const policy = {
    network: {
      allow: [{ host, protocol: "ssh", ports: [server.port], paths: ["/**"], push: "allow" }],
      services: [`localhost:${used.port}`, `localhost:${unused.port}`],
    },
  };
  const running = { policy, before: server.enter };
  const knock = (port: number): string => `(exec 3<>/dev/tcp/127.0.0.1/${port} && read -u 3 line) || true`;
  const push = (word: string): string =>
    `cd /tmp; rm -rf c; git clone -q git@${host}:team/one.git c; cd c
    git config user.name in; git config user.email in@example.org
    echo ${word} > ${word}; git add ${word}; git commit -qm ${word}; git push -q origin HEAD:main`;

  const first = await stage.run(["bash", "-ec", `${knock(used.port)}\n${push("first")}`], running);
  assert.deepEqual([first.code, used.calls()], [0, 1], first.errors);
  const pushed = headOf(one);
  const learned = join(stage.base, "learned.yaml");
  const said = await stage.call(["policy", "learn", "--from", first.summary?.session ?? "", "--out", learned], running);
  assert.equal(said.code, 0, said.errors);
  const parsed = parsePolicy(readFileSync(learned), learned);
  assert.ok(parsed.ok, readFileSync(learned, "utf8"));
  const { allow = [], services } = parsed.policy.value.network ?? {};
  assert.deepEqual(
    allow.map((entry) => [entry.host, entry.protocol, entry.ports, entry.paths, entry.push]),
    [[host, "ssh", [server.port], ["/team/one.git"], "ask"]],
  );
  assert.deepEqual(services, [`127.0.0.1:${used.port}`]);

  const asked = server.commands().length;
  const flags = ["--policy", learned];
  const second = await stage.run(["bash", "-c", `${knock(used.port)}\n${push("second")}`], { ...running, flags });
  assert.deepEqual(server.commands().slice(asked), [
    "git-upload-pack 'team/one.git'",
    "git-receive-pack 'team/one.git'",
  ]);
  assert.deepEqual([used.calls(), headOf(one)], [2, pushed], `a push waits for a person\n${second.errors}`);
  const third = `${knock(unused.port)}\ncd /tmp; git clone -q git@${host}:team/two.git d`;
  const refused = await stage.run(["bash", "-c", third], { ...running, flags });
  assert.notEqual(refused.code, 0);
  assert.deepEqual([unused.calls(), server.commands().length], [0, asked + 2], refused.errors);
});
