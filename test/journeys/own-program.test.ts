// Postern's own program where the tool could write it: nothing begins. Judged by a file that only a process outside could make. Most
// of the code is loaded when it is needed, so a tool that wrote it had its words run outside in the same session. Needs namespaces.

import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openSshServer, withoutSsh } from "./ssh-server.ts";
import { Stage } from "./stage.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The sources beside the checkout's own files, as a project would have them; its packages stay where they are. */
function layPostern(place: string): string {
  mkdirSync(place, { recursive: true });
  for (const name of ["postern", "package.json", "src"])
    cpSync(join(root, name), join(place, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(place, "node_modules"));
  return join(place, "postern");
}

test("in the checkout, or in a tree that files.write names: 125, and nothing of the tool's runs outside", async () => {
  using first = new Stage();
  for (const place of [join(first.work, "tools/postern"), join(first.base, "elsewhere")]) {
    const program = layPostern(place);
    const canary = join(first.base, "canary");
    const late = join(place, "src/gateway/requests/server.ts");
    const words = `(await import("node:fs")).writeFileSync(${JSON.stringify(canary)}, "outside");`;
    using stage = new Stage({ program });
    const asks = `fetch("http://granted.example/").catch(() => undefined)`;
    const ran = await stage.run(["sh", "-c", `echo '${words}' >> ${late}; ${process.execPath} -e '${asks}'`], {
      at: first.work,
      policy: { files: { write: [".", place], read: [process.execPath] } },
    });
    assert.equal(existsSync(canary), false, "the tool's words ran outside");
    assert.equal(ran.code, 125, ran.errors);
    assert.match(ran.errors, /would be writable inside, and with it .*\/src, which is a part of Postern/);
    assert.ok(!readFileSync(late, "utf8").includes(canary));
    assert.equal(ran.summary, undefined);
    const proved = await stage.call(["doctor", "--prove"], { at: place });
    assert.equal(proved.code, 125, proved.output);
    assert.match(proved.errors, /is a part of Postern/);
  }
});

test("where the tool may only read it, it begins", async () => {
  using stage = new Stage({ files: { "src/x": "x" } });
  const ran = await stage.run(["true"], { policy: { files: { write: ["."], read: [process.execPath, root] } } });
  assert.equal(ran.code, 0, ran.errors);
});

test("a policy of the person's that lies in the checkout by a link is not written there", async () => {
  using stage = new Stage({ files: { "settings/policy.yaml": "version: 1\n" } });
  const [kept, canary] = [join(stage.work, "settings/policy.yaml"), join(stage.base, "canary")];
  const words = ["/bin/sh", "-c", `touch ${canary}; echo key`];
  const evil = { version: 1, credentials: { x: { from: { command: words }, to: { host: "x.example", header: "x" } } } };
  const other = join(stage.base, "other");
  mkdirSync(other);
  mkdirSync(join(stage.home, ".config/postern"), { recursive: true });
  symlinkSync(kept, join(stage.home, ".config/postern/policy.yaml"));
  const run = (at: string, ...command: string[]) => stage.call(["run", "--headless", "--", ...command], { at });
  const first = await run(stage.work, "sh", "-c", `echo '${JSON.stringify(evil)}' > ${kept}`);
  assert.match(first.errors, /would open Postern's own files to the tool/);
  await run(other, "true");
  assert.equal(existsSync(canary), false, "the tool's policy was the person's");
  assert.equal(readFileSync(kept, "utf8"), "version: 1\n");
  const named = stage.write(
    "policies/own.yaml",
    JSON.stringify({ version: 1, files: { write: [".", join(stage.base, "policies")] } }),
  );
  await stage.call(["run", "--headless", "--policy", named, "--", "sh", "-c", `echo '{}' > ${named}`], { at: other });
  assert.notEqual(readFileSync(named, "utf8"), "{}\n");
});

test("what says how ssh runs outside is not written in a checkout that holds it by a link", {
  skip: withoutSsh,
}, async () => {
  using stage = new Stage({ git: true, files: { "a.txt": "a" } });
  const host = "git.example.com";
  await using server = await openSshServer(stage, join(stage.base, "srv"), host);
  const [kept, canary, config] = [join(stage.work, "ssh"), join(stage.base, "canary"), join(stage.home, ".ssh/config")];
  renameSync(config, kept);
  symlinkSync(kept, config);
  const before = readFileSync(kept, "utf8");
  const evil = `printf 'ProxyCommand touch ${canary}\\n' > ${kept}; git ls-remote git@${host}:x.git`;
  const allow = [{ host, protocol: "ssh", ports: [server.port] }];
  const ran = await stage.run(["sh", "-c", evil], { policy: { network: { allow } }, before: server.enter });
  assert.equal(existsSync(canary), false, "the tool's ProxyCommand ran outside");
  assert.equal(ran.code, 125, ran.errors);
  assert.match(ran.errors, /would be writable inside, and with it .*\.ssh\/config, by which ssh runs outside/);
  assert.equal(readFileSync(kept, "utf8"), before);
});

test("what leads into a container is none of the checkout's programs", async () => {
  using stage = new Stage();
  const [enter, canary] = [join(stage.work, "enter"), join(stage.base, "canary")];
  writeFileSync(enter, `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
  mkdirSync(join(stage.base, "door"), { mode: 0o700 });
  const door = { host: join(stage.base, "door"), inside: "/run/door" };
  const policy = stage.write("outer.yaml", JSON.stringify({ version: 1, outer: { work: { enter: [enter], door } } }));
  const { code, errors } = await stage.call(["doctor", "--outer", "work", "--policy", policy]);
  assert.equal(existsSync(canary), false, "the tool's program was started");
  assert.equal(code, 1);
  assert.match(errors, /lies where the tool may write/);
});

test("authorities in the checkout, named by a variable: no start", async () => {
  using stage = new Stage({ files: { "ca.pem": "" } });
  const environment = { NODE_EXTRA_CA_CERTS: join(stage.work, "ca.pem") };
  const { code, errors } = await stage.run(["touch", "canary"], { environment });
  assert.equal(code, 125, errors);
  assert.match(errors, /NODE_EXTRA_CA_CERTS: .*, which says whom we trust outside/);
  assert.equal(existsSync(join(stage.work, "canary")), false);
});

test("typed where the checkout has put its own programs first on the PATH: none of them is started", async () => {
  const names = [
    "true",

    "readlink",
    "dirname",
    "git",
    "find",
    "mount",
    "unshare",
    "bwrap",
    "setpriv",
    "ip",
    "nft",
  ];
  using stage = new Stage();
  const canary = join(stage.base, "canary");
  for (const name of names) {
    const file = stage.write(
      `work/.venv/bin/${name}`,
      `#!/bin/sh\necho ${name} >> ${canary}\nexec /usr/bin/${name} "$@"\n`,
    );
    chmodSync(file, 0o755);
  }
  const environment = { PATH: `${stage.work}/.venv/bin:/usr/bin:/bin` };
  for (const words of [["doctor"], ["log"], ["policy", "check"]]) {
    const { output, errors } = await stage.call(words, { environment });
    assert.notEqual(output + errors, "");
    assert.equal(existsSync(canary) ? readFileSync(canary, "utf8") : "", "", `started outside by ${words.join(" ")}`);
  }
});
