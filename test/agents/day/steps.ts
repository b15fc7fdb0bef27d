// The steps of a day, in order. Each gives its exit code and facts: what is compared with the same step outside. Facts hold no
// path, time or address of the machine.

import { spawnSync } from "node:child_process";
import { environment as equipment } from "../../journeys/equipment.ts";
import type { Day, Done } from "./day.ts";
import { withoutForge } from "./forge.ts";
import { browseFromHere, watchReload } from "./opened.ts";

export interface Taken {
  readonly code: number;
  readonly facts: string;
  /** For whoever reads a failure. */
  readonly said: string;
  readonly seconds: number;
}

export interface Step {
  readonly name: string;
  /** Why it is not tried here. */
  readonly without?: string | false;
  readonly take: (day: Day) => Promise<Taken>;
}

/** Registries that are no git repositories came with Cargo 1.68. */
function withoutSparse(): string | false {
  const { stdout } = spawnSync("cargo", ["--version"], {
    env: { ...equipment, HOME: "/nonexistent" },
    encoding: "utf8",
  });
  const [, minor] = /^cargo 1\.(\d+)/.exec(stdout) ?? [];
  return Number(minor) >= 68 ? false : `NOT TRIED: cargo here is older than 1.68 (${stdout.trim()})`;
}

/** A script, and another that tells what came of it. */
function shell(name: string, script: string, facts: string, missing: string | false = false): Step {
  return {
    name,
    without: missing,
    take: async (day) => {
      const done = await day.run(script);
      return taken(done, [(await day.run(facts)).said]);
    },
  };
}

function taken(done: Done, facts: readonly string[]): Taken {
  return { code: done.code, facts: withoutPorts(facts.join("\n")).trim(), said: done.said, seconds: done.seconds };
}

/** The servers that are pushed to have other ports each day. */
export const withoutPorts = (text: string): string => text.replaceAll(/\b((?:git|ssh)\.example\.org):\d+/g, "$1");

/** What is asked about first, then made ready and told. */
function pushing(name: string, script: string, prepared: string, missing: string | false = false): Step {
  return {
    name,
    without: missing,
    take: async (day) => {
      const ready = await day.run(prepared);
      if (ready.code !== 0) return taken(ready, []);
      const done = await day.runAsked(script);
      return taken(done, [day.where.pushed(), (await day.run(repository)).said]);
    },
  };
}

/** Everything of git's that another clone would see, and the configuration of this one. */
const repository = `
git for-each-ref --format='%(refname) %(objectname) %(upstream)'
git status --porcelain --branch; git rev-parse HEAD HEAD^{tree}
git config --local --list | grep -vE '^core\\.(repositoryformatversion|filemode|bare|logallrefupdates)=' | sort`;

const digestOf = (place: string): string =>
  `(cd ${place} && find . -type f -not -path './.vite*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum; find . -type l | wc -l)`;

/** Vite serves here until \`leave\`. */
const serve = `setsid ./node_modules/.bin/vite --host 127.0.0.1 --port "$PORT" --strictPort > "$TMPDIR/vite.log" 2>&1 &
echo $! > "$TMPDIR/vite.pid"
for _ in $(seq 200); do if (exec 3<>/dev/tcp/127.0.0.1/$PORT) 2>/dev/null; then exit 0; fi; sleep 0.1; done
cat "$TMPDIR/vite.log"; exit 1`;
const leave =
  'kill "$(cat "$TMPDIR/vite.pid")"; git checkout -q src/greeting.ts; grep -ci error "$TMPDIR/vite.log" || true';

const served: Step = {
  name: "vite, opened from outside",
  take: async (day) => {
    const began = await day.run(serve);
    if (began.code !== 0) return taken(began, []);
    const page = await fetch(`http://127.0.0.1:${day.where.port}/`);
    const script = await fetch(`http://127.0.0.1:${day.where.port}/src/greeting.ts`);
    const code = (await script.text()).split("\n")[0] ?? "";
    const facts = [String(page.status), await page.text(), String(script.headers.get("content-type")), code];
    facts.push(await watchReload(day, "an edit by the tool", () => day.run(edit("by the tool"))));
    return taken(began, facts);
  },
};

const edit = (text: string): string => `echo 'export const greeting: string = "${text}";' > src/greeting.ts`;

const browsed: Step = {
  name: "playwright against it",
  take: async (day) => {
    const done = await day.run('node scripts/browse.mjs "http://127.0.0.1:$PORT/"', 120);
    return taken(done, [done.code === 0 ? done.said : "", await browseFromHere(day)]);
  },
};

const left: Step = {
  name: "vite, ended",
  take: async (day) => {
    const done = await day.run(leave);
    return taken(done, [done.said, (await day.run("git status --porcelain")).said]);
  },
};

export const steps: readonly Step[] = [
  shell("clone", 'git clone -q "$URL/git/shop.git" "$TMPDIR/clone"', `cd "$TMPDIR/clone"; ${repository}; ls -A`),
  shell("branch", "git switch -c feature --track origin/main", repository),
  shell(
    "npm ci, husky",
    "npm ci",
    `${digestOf("node_modules")}; ${repository}; ls .husky/_ 2>/dev/null | head -3 || true`,
  ),
  shell(
    "native module",
    "cd native && npm install --no-audit --no-fund --no-package-lock",
    "node -p 'require(\"./native/build/Release/shop.node\")()'",
  ),
  shell("tsx", './node_modules/.bin/tsx scripts/hello.ts > "$TMPDIR/hello.txt"', 'cat "$TMPDIR/hello.txt"'),
  shell(
    "vitest",
    'npx vitest run --reporter=json --outputFile="$TMPDIR/vitest.json"',
    `node -p 'const t = JSON.parse(require("fs").readFileSync(process.env.TMPDIR + "/vitest.json")); [t.numPassedTests, t.numFailedTests, t.success].join(" ")'`,
  ),
  served,
  browsed,
  left,
  shell(
    "pip, pytest, many processes",
    `cd python && python3 -m venv .venv && . .venv/bin/activate && pip install -q -i "$URL/pip/simple" -r requirements.txt && pytest -q > "$TMPDIR/pytest"`,
    `tail -1 "$TMPDIR/pytest" | sed 's/ in .*//'; python/.venv/bin/pip freeze; git status --porcelain`,
  ),
  shell(
    "cargo build and test",
    'cd rust && cargo build -q --locked && cargo test -q > "$TMPDIR/cargo"',
    "rust/target/debug/shop; grep 'test result' \"$TMPDIR/cargo\" | sed 's/; finished.*//'; git status --porcelain",
    withoutSparse(),
  ),
  shell(
    "go build and test",
    'cd go && export GOPROXY="$URL/go" GONOSUMDB="*"; go build -o "$TMPDIR/shop" . && go test -json ./... > "$TMPDIR/go" && go vet ./...',
    '"$TMPDIR/shop"; grep -c \'"Action":"pass"\' "$TMPDIR/go"; git status --porcelain',
  ),
  shell(
    "java over https",
    `[ -n "\${POSTERN:-}" ] || {
      keytool -importcert -noprompt -alias day -file "$PACKAGES_CA" -keystore "$TMPDIR/trust.p12" -storepass changeit
      export JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore=$TMPDIR/trust.p12 -Djavax.net.ssl.trustStorePassword=changeit"; }
javac -d "$TMPDIR/classes" java/Hello.java; java -cp "$TMPDIR/classes" Hello "$URL/cargo/index/config.json" > "$TMPDIR/java"`,
    'cat "$TMPDIR/java"',
  ),
  shell(
    "chromium over https",
    `more=$([ -n "\${POSTERN:-}" ] || echo --ignore-certificate-errors)
chromium --headless --no-sandbox --disable-gpu $more --dump-dom "$URL/pip/simple/pytest/" > "$TMPDIR/page"`,
    'cat "$TMPDIR/page"',
  ),
  shell(
    "worktree",
    "git worktree add -q wt/fix -b fix && cd wt/fix && echo fixed >> README.md && git commit -qam 'fix: in a worktree'",
    `${repository}; git -C wt/fix status --porcelain; ls -A wt/fix`,
  ),
  shell("submodule", "git submodule update --init", `git submodule status; cat lib/lib.txt; ${repository}`),
  shell(
    "lfs",
    "head -c 100000 /dev/zero > zeros.bin; git add zeros.bin; git commit -qm 'lfs: zeros'",
    `git show HEAD:zeros.bin; git lfs ls-files; ${repository}`,
  ),
  shell(
    "commit, with husky's hook",
    "echo 'export const more = 1;' > src/more.ts; git add src/more.ts; git commit -qm 'more'",
    `cat "$(git rev-parse --git-path checked)" 2>/dev/null || true; ${repository}`,
  ),
  pushing(
    "push -u over https",
    "git push -q -u forge pushed",
    "git switch -q -c pushed; echo pushed > pushed.txt; git add pushed.txt; git commit -qm pushed",
  ),
  shell(
    "signed commit",
    "git switch -q -c signed; git commit -q --allow-empty -S -m signed; git switch -q pushed",
    "git cat-file commit signed | grep -c 'BEGIN SSH SIGNATURE'; git rev-parse signed^ 'signed^{tree}'",
    withoutForge,
  ),
  pushing(
    "push over ssh", // each day has a key of its own, so the signed commit another name: what was pushed is looked at outside
    "git push -q forge-ssh signed; git branch -q -D signed; git branch -q -rD forge-ssh/signed",
    "true",
    withoutForge,
  ),
  shell(
    "rebase",
    "git switch -qc topic origin/older; echo topic > topic.txt; git add topic.txt; git commit -qm topic; git rebase -q origin/main",
    `${repository}; git log --format='%h %s'`,
  ),
  shell(
    "gc",
    "git gc --quiet --prune=now",
    `git fsck --full --no-dangling 2>&1; git count-objects -v | grep -E 'count|packs'; ${repository}`,
  ),
];
