// The project a day is spent on: a small shop with parts in TypeScript, C, Python, Rust and Go, a submodule, hooks by husky, and
// whatever else a team keeps in a repository. Versions are exact, locks are made by the clients themselves where it is built.

/** Path → text; `{url}` is where its packages and submodule are. */
export const project: Readonly<Record<string, string>> = {
  ".gitignore": "node_modules/\n.venv/\n__pycache__/\n.pytest_cache/\ntarget/\nbuild/\ndist/\n/wt/\n",
  ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
  "package.json": `${JSON.stringify(
    {
      name: "shop",
      private: true,
      type: "module",
      scripts: { prepare: "husky", dev: "vite", test: "vitest run" },
      devDependencies: {
        husky: "9.1.7",
        "playwright-core": "1.65.1",
        tsx: "4.23.15",
        vite: "7.1.12",
        vitest: "3.2.4",
      },
    },
    undefined,
    2,
  )}\n`,
  ".husky/pre-commit":
    'echo "checked $(git diff --cached --name-only | wc -l)" >> "$(git rev-parse --git-path checked)"\n',
  ".github/workflows/ci.yml": "on: push\njobs: {}\n",
  ".vscode/settings.json": '{ "editor.tabSize": 2 }\n',
  "AGENTS.md": "Tests are run by `npm test`.\n",
  "index.html":
    '<!doctype html><title>shop</title><div id="app"></div><script type="module" src="/src/main.ts"></script>\n',
  "src/main.ts": `import { greeting } from "./greeting.ts";
const app = document.querySelector("#app") as HTMLElement;
const show = (text: string): void => { app.textContent = text; };
show(greeting);
document.addEventListener("click", () => show("clicked"));
if (import.meta.hot) import.meta.hot.accept("./greeting.ts", (fresh) => show(fresh?.greeting as string));
`,
  "src/greeting.ts": 'export const greeting: string = "welcome";\n',
  "src/total.ts": "export const total = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0);\n",
  "src/total.test.ts": `import { cpus } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { total } from "./total.ts";
test("a total", () => expect(total([1, 2, 3])).toBe(6));
test("processors", () => expect(cpus().length).toBeGreaterThan(0));
test("a thread", async () => {
  const worker = new Worker("require('worker_threads').parentPort.postMessage(7)", { eval: true });
  expect(await new Promise((resolve) => worker.on("message", resolve))).toBe(7);
});
`,
  "scripts/hello.ts": 'import { total } from "../src/total.ts";\nconsole.log("hello " + total([20, 22]));\n',
  "scripts/browse.mjs": `import { chromium } from "playwright-core";
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
const page = await browser.newPage();
await page.goto(process.argv[2]);
await page.waitForFunction(() => document.querySelector("#app").textContent !== "");
const told = [await page.title(), await page.textContent("#app")];
await page.click("body");
told.push(await page.textContent("#app"), String((await page.screenshot()).length > 1000));
console.log(told.join(" | "));
await browser.close();
`,
  "native/package.json": '{ "name": "native", "version": "1.0.0", "private": true, "gypfile": true }\n',
  "native/binding.gyp": '{ "targets": [{ "target_name": "shop", "sources": ["shop.c"] }] }\n',
  "native/shop.c": `#include <node_api.h>
static napi_value answer(napi_env env, napi_callback_info info) { napi_value value; napi_create_int32(env, 42, &value); return value; }
static napi_value init(napi_env env, napi_value exports) { napi_value fn; napi_create_function(env, 0, 0, answer, 0, &fn); return fn; }
NAPI_MODULE(shop, init)
`,
  "python/requirements.txt": "pytest\n",
  "python/shop.py": "def square(n):\n    return n * n\n",
  "python/test_shop.py": `import multiprocessing
import pytest
from shop import square

def test_pool():
    with multiprocessing.Pool(4) as pool:
        assert sum(pool.map(square, range(1000))) == 332833500

@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_manager(method):
    with multiprocessing.get_context(method).Manager() as manager:
        held = manager.dict(a=1)
        assert held["a"] == 1

def test_shared():
    value = multiprocessing.Value("i", 0)
    with value.get_lock():
        value.value = 7
    assert value.value == 7
`,
  "rust/.cargo/config.toml": '[registries.day]\nindex = "sparse+{url}/cargo/index/"\n',
  "rust/Cargo.toml":
    '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\ntally = { version = "1", registry = "day" }\n',
  "rust/src/main.rs": `fn main() { println!("{}", tally::total(&[40, 2])); }
#[test]
fn adds() { assert_eq!(tally::total(&[1, 2]), 3); }
`,
  "go/go.mod": "module example.org/shop\n\ngo 1.18\n\nrequire example.org/tally v1.0.0\n",
  "go/main.go":
    'package main\n\nimport (\n\t"fmt"\n\n\t"example.org/tally"\n)\n\nfunc main() { fmt.Println(tally.Total(40, 2)) }\n',
  "go/main_test.go": `package main

import (
	"testing"

	"example.org/tally"
)

func TestTotal(t *testing.T) {
	if tally.Total(1, 2) != 3 {
		t.Fatal("wrong")
	}
}
`,
  "java/Hello.java": `import java.net.URI;
import java.net.http.*;
public class Hello { public static void main(String[] words) throws Exception {
  var reply = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(words[0])).build(), HttpResponse.BodyHandlers.ofString());
  System.out.println(reply.statusCode() + " " + reply.body().length()); } }
`,
};

/** Makes what is served: the library that is the submodule, and the shop with its locks and a branch that is behind. */
export const building = `
mkdir -p "$SEED" && cd "$SEED"
git init -q lib && cd lib
echo 'the library' > lib.txt; git add -A; git commit -qm 'lib: begin'
cd .. && git clone -q --bare lib "$SERVED/git/lib.git" && git -C "$SERVED/git/lib.git" update-server-info
cd "$PROJECT"
npm install --package-lock-only --ignore-scripts --no-audit --no-fund
(cd rust && cargo generate-lockfile) || true # where it is too old, the step is not tried
(cd go && GOPROXY="$URL/go" GONOSUMDB='*' GOFLAGS=-mod=mod go mod tidy)
git init -q; git add -A; git commit -qm 'shop: begin'
git submodule --quiet add "$URL/git/lib.git" lib; git commit -qm 'shop: the library'
git branch older
echo 'A shop.' > README.md; git add -A; git commit -qm 'shop: say what it is'
git clone -q --bare . "$SERVED/git/shop.git" && git -C "$SERVED/git/shop.git" update-server-info
`;
