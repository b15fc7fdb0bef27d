// `postern doctor --prove`: under a policy that grants little everything holds; under each weakened one the rule that lets
// something through is named with its place; and with a defence really taken away the proof says so.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Mutation, without } from "./mutation.ts";
import { bad, here, leftovers, proveUnder, tell } from "./prove-stage.ts";
import { Stage } from "./stage.ts";

const possible = spawnSync("unshare", ["-Urn", "ip", "link", "set", "lo", "up"]).status === 0;
const skip = possible ? false : "no user namespaces here: nothing could be taken away, or kept from leaving";

const strict = `
files:
  hide: ["secrets/**", "*.pem"]
  mask: [.env, "conf/*.json"]
network:
  allow:
    - { host: api.example.com, methods: [POST], paths: ["/v1/**"] }
commands:
  deny: [[ssh], [git, push]]
  ask: [[npm, publish]]
credentials:
  key:
    from: { env: REAL_KEY }
    to: { host: api.example.com, header: x-api-key }
    as: API_KEY
`;
const key = { REAL_KEY: "real-key-0123456789abcdef0123456789" };

void test("under a policy that grants little everything holds, is on the record, and nothing of it stays", async () => {
  using stage = new Stage({ git: true, files: { "a.txt": "a\n" } });
  const before = readdirSync(stage.work);
  const proved = await proveUnder(stage, strict, { environment: { ...key, ...here(stage) } });
  assert.equal(proved.ran.code, 0, tell(proved));
  assert.deepEqual(bad(proved), []);
  const areas = new Set(proved.rows.map(({ area }) => area));
  assert.equal(areas.size, 8, [...areas].join());
  assert.ok(proved.rows.filter(({ outcome }) => outcome === "held").length >= 50, tell(proved));
  // the policy is the one that counts in the checkout, under the digest a session there has
  const ran = await stage.call(["run", "--policy", proved.file, "--", "true"], { environment: key });
  assert.equal(ran.code, 0, ran.errors);
  const log = await stage.log();
  const entry = log.find(({ kind }) => kind === "proof");
  const start = log.findLast(({ kind }) => kind === "session.start");
  assert.equal(entry?.index, proved.told?.entry);
  const digest = (one: unknown) => (one as { policy: string }).policy;
  assert.equal(digest(entry), digest(start));
  assert.equal(digest(entry), proved.told?.policy);
  assert.equal(entry?.counts["rules-open"], 0);
  assert.equal((entry?.sealed["rows"] as unknown[] | undefined)?.length, proved.rows.length);
  assert.equal(entry?.sealed["workspace"], stage.work);
  const line = (await stage.call(["log", "--kind", "proof"])).output;
  assert.match(line, /proof .*proved in \S+, by s-\w+: \d+ held\n$/);
  assert.deepEqual(readdirSync(stage.work), before);
  const own = leftovers(stage).filter((path) => !path.includes("true"));
  assert.deepEqual(
    own.filter((path) => /proof|node/.test(path)),
    [],
  );
  assert.equal(JSON.stringify(log).includes(key.REAL_KEY), false);
});

interface Weak {
  readonly rule: string;
  /** On which it stands. */
  readonly line: number;
  readonly tried: RegExp;
}

interface Weakening {
  readonly what: string;
  /** Given the stage. */
  readonly policy: (stage: Stage) => string;
  readonly weak: readonly Weak[];
}

const weakenings: readonly Weakening[] = [
  {
    what: "audit, and what it lets pass",
    policy: () => `mode: audit
commands:
  deny:
    - [ssh]
questions: { most: 1 }
`,
    weak: [
      { rule: "mode", line: 2, tried: /^mode$/ },
      { rule: "mode", line: 2, tried: /a name nobody listed/ },
      { rule: "user:commands.deny[0]", line: 5, tried: /begin ssh/ },
      { rule: "questions", line: 6, tried: /a key of the policy/ },
    ],
  },
  {
    what: "the whole home is shown",
    policy: () => 'files:\n  read:\n    - "~"\n',
    weak: [
      { rule: "user:files.read[0]", line: 4, tried: /read a file of the home/ },
      { rule: "user:files.read[0]", line: 4, tried: /^read \S+\/home$/ },
    ],
  },
  {
    what: "directories are shown that should not be, others are writable",
    policy: ({ base, home }) => `files:
  read:
    - "~/.ssh"
    - "~/keys"
    - ${join(base, "tmp")}
  write:
    - "."
    - ${join(base, "other")}
credentials:
  k:
    from: { file: ${home}/keys/k }
    to: { host: a.example.com, header: x }
    as: K
`,
    weak: [
      { rule: "user:files.read[0]", line: 4, tried: /\.ssh/ },
      { rule: "user:files.read[1]", line: 5, tried: /read the file k comes from/ },
      { rule: "user:files.read[2]", line: 6, tried: /read a file beside/ },
      { rule: "user:files.write[1]", line: 9, tried: /other/ },
    ],
  },
  {
    what: "every name below another",
    policy: () => 'network:\n  allow:\n    - { host: "*.example.org" }\n',
    weak: [{ rule: "user:network.allow[0]", line: 4, tried: /\*\.example\.org/ }],
  },
];

/** Two at a time: the machine has two processors. */
async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const hand = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all([hand(), hand()]);
}

const weaknesses = weakenings.flatMap(({ weak }) => weak).length;

void test(`${weaknesses} weaknesses of policies: 1, and each rule that lets something through, with its place`, async () => {
  await each(weakenings, async ({ what, policy, weak }) => {
    using stage = new Stage();
    stage.write("home/.ssh/id_ed25519", "not a key\n");
    stage.write("home/keys/k", "file-key-0123456789abcdef0123456789\n");
    for (const name of ["other", "tmp"]) mkdirSync(join(stage.base, name));
    const environment = { XDG_CONFIG_HOME: join(stage.base, "config"), TMPDIR: join(stage.base, "tmp") };
    const proved = await proveUnder(stage, policy(stage), { environment });
    assert.equal(proved.ran.code, 1, `${what}: ${tell(proved)}`);
    for (const { rule, line, tried } of weak) {
      const named = bad(proved).find((row) => row.rule === rule && tried.test(row.tried));
      assert.equal(named?.outcome, "open", `${what}, ${rule}: ${tell(proved)}`);
      assert.deepEqual([named?.place?.file, named?.place?.line], [proved.file, line], what);
    }
    const others = bad(proved).filter((row) => !weak.some(({ rule }) => rule === row.rule));
    assert.deepEqual(others, [], what);
    const spoken = (await stage.call(["log", "--kind", "proof"])).output;
    assert.match(spoken, /\d+ held, \d+ did not: /, what);
    assert.deepEqual(readdirSync(join(stage.base, "other")), [], what);
    assert.deepEqual(readdirSync(join(stage.base, "tmp")), [], what);
  });
});

void test("what nothing enforces yet begins nothing in enforce: 125, as run, with the place", async () => {
  using stage = new Stage();
  const proved = await proveUnder(stage, "questions: { most: 1 }\n", { environment: here(stage) });
  assert.equal(proved.ran.code, 125);
  assert.match(proved.ran.errors, /policy\.yaml:2:1: questions is not enforced yet/);
  assert.deepEqual(leftovers(stage), []);
});

void test("where no boundary can be built: 125, and the remedy (needs user namespaces)", { skip }, async () => {
  using stage = new Stage();
  const hide = 'for p in /usr/bin/bwrap /bin/bwrap; do test -e $p && mount --bind /dev/null $p; done; exec "$@"';
  const before = ["unshare", "-Urm", "sh", "-c", hide, "sh"];
  const { ran, rows } = await proveUnder(stage, "", { environment: here(stage), before });
  assert.equal(ran.code, 125);
  assert.match(ran.errors, /bwrap not found.*\npostern: hint: sudo apt-get install -y bubblewrap/);
  assert.deepEqual([rows, leftovers(stage)], [[], []]);
});

void test("--policy belongs to --prove: 2", async () => {
  using stage = new Stage();
  const { code, errors } = await stage.call(["doctor", "--policy", "x.yaml"]);
  assert.equal(code, 2);
  assert.match(errors, /hint: postern doctor --prove --policy FILE/);
});

interface Taken {
  readonly what: string;
  readonly mutation: Mutation;
  /** The row that must be broken. */
  readonly tried: RegExp;
  readonly by: RegExp;
}

/** Together where none hides another; each has a row of its own. */
/** What is there at the start is covered at the start, and as what comes too: either would do. */
const late: Taken["mutation"] = {
  file: "src/session/late.ts",
  changes: [["if (view.lies(meant)) return true;", "return true;"]],
};

const inside: readonly Taken[] = [
  {
    what: "the seccomp program refuses nothing",
    mutation: {
      file: "src/boundary/linux/seccomp/rules.ts",
      changes: [["rules: readonly Rule[] = [", "rules: readonly Rule[] = []; export const none: readonly Rule[] = ["]],
    },
    ...{ tried: /speak to the packet filter/, by: /holds a netlink 12 socket/ },
  },
  {
    what: "what is masked is shown as it is",
    mutation: {
      file: "src/session/open-view.ts",
      changes: [["for (const { path, text } of masked)", "for (const { path, text } of masked.slice(0, 0))"]],
    },
    ...{ tried: /read a masked value, \.env/, by: /it was read/ },
  },
  { what: "nor what has come", mutation: late, ...{ tried: /read a masked value, \.env/, by: /it was read/ } },
  {
    what: "control files are not held",
    mutation: {
      file: "src/review/holds.ts",
      changes: [['mounts("read", found.workspace, reads)', 'mounts("read", found.workspace, reads.slice(0, 0))']],
    },
    ...{ tried: /change CLAUDE\.md/, by: /something else now/ },
  },
  {
    what: "new ones are left where they are",
    mutation: {
      file: "src/review/quarantine.ts",
      changes: [["() => move(stand, id,", "() => void (stand, id,"]],
    },
    ...{ tried: /bring a new \.mcp\.json/, by: /lies in the checkout/ },
  },
  {
    what: "a denied command begins",
    mutation: {
      file: "src/decision/commands.ts",
      changes: [['kind: named === undefined || denied !== undefined ? "refuse" : "ask"', 'kind: "allow"']],
    },
    ...{ tried: /begin ssh/, by: /it began/ },
  },
  {
    what: "the real credential is inside",
    mutation: {
      file: "src/session/plan.ts",
      changes: [
        ["credentials.flatMap(({ variable, placeholder })", "credentials.flatMap(({ variable, secret })"],
        ["[[variable, placeholder] as const]", "[[variable, secret.reveal()] as const]"],
      ],
    },
    ...{ tried: /find key inside/, by: /its real value is inside/ },
  },
];

const silent: readonly Taken[] = [
  {
    what: "what is hidden is not covered",
    mutation: {
      file: "src/session/open-view.ts",
      changes: [["for (const { path, directory } of hidden)", "for (const { path, directory } of hidden.slice(0, 0))"]],
    },
    ...{ tried: /read a hidden file, secrets/, by: /it was read/ },
  },
  { what: "nor what has come", mutation: late, ...{ tried: /read a hidden file, secrets/, by: /it was read/ } },
  {
    what: "the real home stands in the private one's place",
    mutation: {
      file: "src/session/plan.ts",
      changes: [["path: identity.home, from: home, ours", "path: identity.home, from: identity.home, ours"]],
    },
    ...{ tried: /read a file of the home/, by: /it was read/ },
  },
  {
    what: "attempts at control files are not entered",
    mutation: {
      file: "src/session/attempts.ts",
      changes: [['await append(entryOf(attempt, path, pattern), "soon")', "void entryOf(attempt, path, pattern)"]],
    },
    ...{ tried: /change CLAUDE\.md/, by: /left no entry/ },
  },
  {
    what: "names are not entered",
    mutation: {
      file: "src/gateway/names/strangers.ts",
      changes: [
        ['parts.recorder.note({ kind: "name", verdict: "refuse", rule, sealed', 'void ({ kind: "name", rule, sealed'],
      ],
    },
    ...{ tried: /resolve a name nobody listed/, by: /left no entry/ },
  },
];

const leaving: readonly Taken[] = [
  {
    what: "the judge lets pass what no grant covers, and knows no special addresses",
    mutation: {
      file: "src/decision/judge.ts",
      changes: [
        ['if (rules.mode === "enforce") return refused(rules, host, ground);', ""],
        ["return specialness(host) ??", "return undefined ??"],
      ],
    },
    ...{ tried: /send a request to it/, by: /a resolver was asked|the gateway dialled/ },
  },
];

const enclosed = ["unshare", "-Urn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];

void test("defences taken away: each time the row that says so is red (needs user namespaces)", {
  skip,
}, async () => {
  await each([inside, silent, leaving], async (taken) => {
    using stage = new Stage();
    const mutations = taken.map(({ mutation }) => mutation);
    const environment = { ...key, ...here(stage), ...without(mutations, join(stage.base, "loader.mjs")) };
    // where the judge is gone something would leave this machine
    const proved = await proveUnder(stage, strict, { environment, ...(taken === leaving ? { before: enclosed } : {}) });
    assert.equal(proved.ran.code, 1, tell(proved));
    for (const { what, tried, by } of taken) {
      const row = bad(proved).find((one) => tried.test(one.tried));
      assert.equal(row?.outcome, "broken", `${what}: ${tell(proved)}`);
      assert.match(row?.by ?? "", by, what);
    }
  });
});

void test("interrupted, it takes its canaries away and proves nothing: 125", async () => {
  using stage = new Stage();
  const started = stage.begin(["doctor", "--prove"], { environment: here(stage) });
  const until = Date.now() + 60_000;
  while (Date.now() < until && !readdirSync(stage.home).some((name) => name.startsWith(".postern-proof-")))
    await wait(5);
  started.child.kill("SIGINT");
  const { code, errors } = await started.ended;
  assert.equal(code, 125, errors);
  assert.match(errors, /interrupted/);
  assert.deepEqual(leftovers(stage), []);
});
