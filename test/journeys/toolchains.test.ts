// Toolchains inside: the same work is done inside and outside with the machine's own, and what it made is compared; what
// stands in a home as managers leave it is shown, and nothing beside it; caches are Postern's own. Needs namespaces; each
// test needs the toolchain in its name.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { withoutProc } from "../../src/boundary/linux/trial.ts";
import { environment, without } from "./equipment.ts";
import { Stage } from "./stage.ts";

const policy = { files: { write: ["."], toolchains: ["node", "python", "rust", "go", "java"] } };

interface Work {
  readonly files: Readonly<Record<string, string>>;
  readonly script: string;
  /** What it makes, from the checkout; a name that ends in `/` is everything below. */
  readonly made: readonly string[];
}

/** The same script in the same checkout, outside and inside: digests of what each made. */
async function compare({ files, script, made }: Work): Promise<string> {
  using stage = new Stage({ files });
  const before = readdirSync(stage.work);
  const clean = (): void => {
    for (const name of readdirSync(stage.work))
      if (!before.includes(name)) rmSync(join(stage.work, name), { recursive: true });
  };
  const outside = join(stage.base, "outside");
  mkdirSync(outside);
  const env = { ...environment, HOME: outside, CARGO_HOME: join(outside, ".cargo") };
  execFileSync("bash", ["-ec", script], { cwd: stage.work, env, stdio: "pipe" });
  const wanted = digests(stage.work, made);
  clean();
  const ran = await stage.run(["bash", "-ec", script], { policy, environment });
  assert.equal(ran.code, 0, `${ran.output}${ran.errors}`);
  assert.deepEqual(digests(stage.work, made), wanted);
  const result = readFileSync(join(stage.work, "result"), "utf8");
  // once more, where an earlier session's caches and mount points are
  clean();
  assert.equal((await stage.run(["bash", "-ec", script], { policy, environment })).code, 0);
  assert.deepEqual(digests(stage.work, made), wanted);
  return result;
}

function digests(root: string, made: readonly string[]): Record<string, string> {
  const paths = made.flatMap((name) =>
    name.endsWith("/")
      ? readdirSync(join(root, name), { recursive: true, encoding: "utf8" }).map((below) => join(name, below))
      : [name],
  );
  const files = paths.filter((path) => statSync(join(root, path)).isFile()).toSorted();
  assert.ok(files.length > 0);
  return Object.fromEntries(
    files.map((path) => [
      path,
      createHash("sha256")
        .update(readFileSync(join(root, path)))
        .digest("hex"),
    ]),
  );
}

const tests = `import multiprocessing, os, sys, unittest
def square(n): return n * n
class Numbers(unittest.TestCase):
    def test_pool(self):
        with multiprocessing.Pool(4) as pool: self.assertEqual(sum(pool.map(square, range(1000))), 332833500)
    def test_shared(self):
        value = multiprocessing.Value("i", 0); lock = multiprocessing.Lock()
        with lock: value.value = 7
        self.assertEqual(value.value, 7)
    def test_virtual(self): self.assertNotEqual(sys.prefix, sys.base_prefix)
if __name__ == "__main__":
    result = unittest.main(exit=False).result
    open("result", "w").write(f"{result.testsRun} {len(result.failures) + len(result.errors)} {sys.version}")`;

test("python: a virtual environment made and used, with many processes (needs namespaces, python3)", {
  skip: without(["python3", "-m", "venv", "--help"], ["python3", "-m", "pip", "--version"]),
  timeout: 600_000,
}, async () => {
  const script =
    "python3 -m venv --without-pip .venv; python3 -m pip --version > pip; . .venv/bin/activate; python tests.py";
  const result = await compare({ files: { "tests.py": tests }, script, made: ["result", ".venv/pyvenv.cfg", "pip"] });
  assert.match(result, /^3 0 3\./);
});

// rustup's rustc and every java find their libraries from where /proc/self/exe says they lie
test("rust: a crate built and run, to the same program (needs namespaces, /proc inside, cargo, cc)", {
  skip: withoutProc || without(["cargo", "--version"], ["cc", "--version"]),
  timeout: 600_000,
}, async () => {
  const files = {
    "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/main.rs": 'fn main() { println!("{}", (1..=20u64).product::<u64>()); }\n',
  };
  const script = "cargo build --offline --release; ./target/release/shop > result";
  const result = await compare({ files, script, made: ["result", "target/release/shop", "Cargo.lock"] });
  assert.equal(result, "2432902008176640000\n");
});

test("go: a program built and run, to the same program (needs namespaces, go)", {
  skip: without(["go", "version"]),
  timeout: 600_000,
}, async () => {
  const files = {
    "go.mod": "module shop\n\ngo 1.18\n",
    "main.go":
      'package main\n\nimport "os"\n\nfunc main() { os.WriteFile("result", []byte("made by go\\n"), 0o644) }\n',
  };
  const result = await compare({ files, script: "go build -o shop .; ./shop; go vet ./...", made: ["result", "shop"] });
  assert.equal(result, "made by go\n");
});

test("java: classes compiled and run, to the same classes (needs namespaces, /proc inside, javac)", {
  skip: withoutProc || without(["javac", "-version"], ["java", "-version"]),
  timeout: 600_000,
}, async () => {
  const files = {
    "shop/Main.java": `package shop; import java.nio.file.*; import java.util.stream.*;
public class Main { record Order(int id, int sum) {} public static void main(String[] words) throws Exception {
  int total = IntStream.range(0, 1000).parallel().mapToObj(n -> new Order(n, n)).mapToInt(Order::sum).sum();
  Files.writeString(Path.of("result"), total + "\\n"); } }`,
  };
  const result = await compare({
    files,
    script: "javac -d out shop/Main.java; java -cp out shop.Main",
    made: ["result", "out/"],
  });
  assert.equal(result, "499500\n");
});

const gyp = ["/usr/lib/node_modules", "/usr/local/lib/node_modules", "/usr/share/nodejs"]
  .flatMap((root) => [`${root}/npm/node_modules/node-gyp/bin/node-gyp.js`, `${root}/node-gyp/bin/node-gyp.js`])
  .find((path) => existsSync(path));
const withoutHeaders = existsSync("/usr/include/node/node.h") ? false : "no headers of Node here: /usr/include/node";

test("node: a native module built without fetching headers, and loaded (needs namespaces, node with headers, node-gyp, c++)", {
  skip:
    gyp === undefined
      ? "no node-gyp here"
      : withoutHeaders || without(["/usr/bin/node", "--version"], ["c++", "--version"], ["make", "--version"]),
  timeout: 600_000,
}, async () => {
  const files = {
    "package.json": '{"name":"shop","version":"1.0.0"}',
    "binding.gyp": '{"targets":[{"target_name":"shop","sources":["shop.c"]}]}',
    "shop.c": `#include <node_api.h>
static napi_value answer(napi_env env, napi_callback_info info) { napi_value value; napi_create_int32(env, 42, &value); return value; }
static napi_value init(napi_env env, napi_value exports) { napi_value fn; napi_create_function(env, 0, 0, answer, 0, &fn); return fn; }
NAPI_MODULE(shop, init)`,
  };
  // outside, they are put where they would have been fetched to
  const script = `[ -n "\${POSTERN:-}" ] || {
  at="$HOME/.cache/node-gyp/$(/usr/bin/node -p process.versions.node)"
  mkdir -p "$at/include"; ln -sfn /usr/include/node "$at/include/node"; echo 99 > "$at/installVersion"; }
/usr/bin/node ${gyp} rebuild > log 2>&1 || { cat log; exit 1; }
/usr/bin/node -e 'require("fs").writeFileSync("result", String(require("./build/Release/shop.node")()))'`;
  assert.equal(await compare({ files, script, made: ["result"] }), "42");
});

/** A program that says by which name and from where it was started. */
const teller = '#!/bin/sh\necho "$(basename "$0") $*" >> told\n';

function install(stage: Stage, path: string, text = teller): void {
  const file = stage.write(join(stage.home, path), text);
  chmodSync(file, 0o755);
}

test("a home as its managers leave it: programs by their names, session after session; nothing beside them (needs namespaces)", {
  timeout: 300_000,
}, async () => {
  using stage = new Stage();
  const canary = "registry-token-canary";
  install(stage, ".cargo/bin/rustup");
  symlinkSync("rustup", join(stage.home, ".cargo/bin/cargo"));
  install(stage, ".rustup/toolchains/stable/bin/cargo");
  install(stage, ".nvm/versions/node/v98.7.6/bin/node");
  install(stage, ".local/bin/uv");
  install(stage, ".local/bin/deploy");
  const secrets = [
    ".cargo/credentials.toml",
    ".nvm/versions/node/v98.7.6/etc/npmrc",
    ".npmrc",
    ".npm/_cacache/x",
    ".cache/pip/x",
    ".cargo/registry/index/x",
  ];
  for (const path of secrets) stage.write(join(stage.home, path), canary);
  const script = `cargo build; node app.js; uv sync; deploy || echo "no deploy" >> told
cat ${secrets.map((path) => `~/${path}`).join(" ")} > seen 2>/dev/null
for place in ~/.cargo/bin/rustup ~/.rustup/toolchains/stable/bin/cargo ~/.rustup/toolchains/new ~/.nvm/versions/node/v98.7.6/bin/node; do echo planted > "$place"; done 2>/dev/null
mkdir -p ~/.npm/_cacache; echo mine > ~/.npm/_cacache/own; echo mine > ~/.cargo/bin/own; cat ~/.npm/_cacache/own ~/.cargo/bin/own >> told`;
  const PATH = [".cargo/bin", ".nvm/versions/node/v98.7.6/bin", ".local/bin"]
    .map((entry) => join(stage.home, entry))
    .join(":");
  for (let run = 0; run < 2; run += 1) {
    rmSync(join(stage.work, "told"), { force: true });
    const { code, errors } = await stage.run(["bash", "-c", script], {
      policy,
      environment: { PATH: `${PATH}:/usr/bin:/bin` },
    });
    assert.equal(code, 0, errors);
    assert.equal(
      readFileSync(join(stage.work, "told"), "utf8"),
      "cargo build\nnode app.js\nuv sync\nno deploy\nmine\nmine\n",
    );
    assert.equal(readFileSync(join(stage.work, "seen"), "utf8"), "");
  }
  for (const path of [
    ".cargo/bin/rustup",
    ".rustup/toolchains/stable/bin/cargo",
    ".nvm/versions/node/v98.7.6/bin/node",
  ])
    assert.equal(readFileSync(join(stage.home, path), "utf8"), teller, path);
  for (const path of secrets) assert.equal(readFileSync(join(stage.home, path), "utf8"), canary, path);
  for (const path of [".rustup/toolchains/new", ".npm/_cacache/own", ".cargo/bin/own"])
    assert.equal(existsSync(join(stage.home, path)), false, path);
  const start = (await stage.log()).find(({ kind }) => kind === "session.start");
  assert.deepEqual(start?.sealed["toolchains"], policy.files.toolchains);
  assert.ok(((start?.sealed["shown"] ?? []) as string[]).includes(join(stage.home, ".rustup/toolchains")));
});

test("caches: one person's sessions share them, whatever the checkout; without the key there are none (needs namespaces)", {
  timeout: 300_000,
}, async () => {
  const paths = [
    ".npm/x",
    ".cache/pip/x",
    ".cache/uv/x",
    ".cargo/registry/x",
    "go/pkg/mod/x",
    ".cache/go-build/x",
    ".m2/repository/x",
    ".local/share/pnpm/store/x",
  ];
  const home = (path: string): string => `~/${path}`;
  using first = new Stage();
  using second = new Stage();
  const wrote = await first.run(
    ["bash", "-ec", paths.map((path) => `mkdir -p ${home(dirname(path))}; echo ${path} > ${home(path)}`).join("; ")],
    { policy },
  );
  assert.equal(wrote.code, 0, wrote.errors);
  const reading = { environment: { POSTERN_HOME: first.state } };
  const read = [
    "bash",
    "-c",
    `cat ${paths.map(home).join(" ")} > seen 2>/dev/null; env | grep -E '_cache|CACHE|CARGO_HOME' | sort > env; true`,
  ];
  assert.equal((await second.run(read, { policy, ...reading })).code, 0);
  assert.equal(readFileSync(join(second.work, "seen"), "utf8"), paths.map((path) => `${path}\n`).join(""));
  const env = readFileSync(join(second.work, "env"), "utf8").replaceAll(second.home, "~");
  assert.equal(
    env,
    "CARGO_HOME=~/.cargo\nGOCACHE=~/.cache/go-build\nGOMODCACHE=~/go/pkg/mod\nPIP_CACHE_DIR=~/.cache/pip\nUV_CACHE_DIR=~/.cache/uv\nnpm_config_cache=~/.npm\n",
  );
  assert.equal((await second.run(read, reading)).code, 0);
  assert.equal(readFileSync(join(second.work, "seen"), "utf8"), "", "another home, and no cache in it");
  for (const path of paths)
    for (const stage of [first, second]) assert.equal(existsSync(join(stage.home, path)), false, path);
  assert.equal(statSync(join(first.state, "caches/npm")).mode & 0o077, 0);
});

test("a toolchain that would show Postern's own state, or is nowhere, is told (needs namespaces)", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  const root = join(stage.state, "pyenv");
  stage.write(join(root, "versions/3.12/bin/python3"), teller);
  const python = { files: { write: ["."], toolchains: ["python", "rust"] } };
  const refused = await stage.run(["touch", "ran"], { policy: python, environment: { PYENV_ROOT: root } });
  assert.equal(refused.code, 125);
  assert.match(refused.errors, /would be shown inside, and with it Postern's own state/);
  assert.equal(existsSync(join(stage.work, "ran")), false);
  const ran = await stage.run(["touch", "ran"], { policy: { files: { write: ["."], toolchains: ["rust"] } } });
  assert.equal(ran.code, 0, ran.errors);
  assert.match(ran.errors, /files\.toolchains: no rust is found here/);
});
