import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { parseHost } from "../../domain/brand.ts";
import type { Sources } from "../../domain/inspection.ts";
import { openInspecting } from "../inspecting/thread.ts";
import { countLabelled, sayLabelled } from "./counting.ts";
import { objectToProtected } from "./protected.ts";
import { type Compared, rootsOf } from "./roots.ts";

const textOf = (file: string): string =>
  Array.from({ length: 30 }, (_, at) => {
    const own = createHash("sha256").update(`${file} ${at}`).digest("hex");
    return `const x${own.slice(0, 20)} = "${own.slice(20, 60)}";\n`;
  }).join("");

class Place implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "postern-labels-")));
  readonly work = join(this.root, "work");

  constructor(files: readonly string[]) {
    for (const path of files) this.put(path);
  }

  put(path: string, text = textOf(path)): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  policy(labels: Readonly<Record<string, readonly string[]>>, trees: readonly (readonly [string, string])[] = []) {
    return {
      files: { write: [this.work] },
      labels: Object.entries(labels).map(([label, globs]) => ({ rule: `user:labels.${label}`, label, globs })),
      protected: trees.map(([path, label], at) => ({
        rule: `user:protected[${at}]`,
        path: join(this.root, path),
        label,
        everywhere: false,
      })),
    } satisfies Compared;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function openLooking(policy: Compared) {
  const inspecting = openInspecting({ known: () => [], sources: () => rootsOf({ policy }) });
  const host = parseHost("api.anthropic.com") ?? assert.fail("no host");
  const head = { method: "POST", target: "/v1/messages", headers: ["Content-Type", "application/json"] };
  return {
    look: async (...texts: readonly string[]): Promise<Sources> => {
      const messages = [{ role: "user", content: texts.map((text) => ({ type: "text", text })) }];
      const body = Buffer.from(JSON.stringify({ model: "m", max_tokens: 1, messages }));
      const inspected = await inspecting.inspect({ form: "request", head, host, body });
      if (inspected.kind === "failed") return assert.fail(inspected.why);
      return inspected.inspection.sources ?? assert.fail("no sources");
    },
    [Symbol.asyncDispose]: () => inspecting[Symbol.asyncDispose](),
  };
}

const told = ({ lines }: Sources): unknown => lines.map(({ file, label, labels }) => [file, label, labels]);

test("each file's labels come with what left of it, all that mean it, and none where none does", async () => {
  using place = new Place(["work/src/pricing/a.ts", "work/src/b.ts", "work/c.pem"]);
  const policy = place.policy({ restricted: ["src/pricing/**"], code: ["src/**"], secret: ["*.pem"] });
  await using looking = openLooking(policy);
  const sources = await looking.look(textOf("work/src/pricing/a.ts"), textOf("work/src/b.ts"), textOf("work/c.pem"));
  assert.deepEqual(told(sources), [
    [`${place.work}/c.pem`, "workspace", ["secret"]],
    [`${place.work}/src/b.ts`, "workspace", ["code"]],
    [`${place.work}/src/pricing/a.ts`, "workspace", ["code", "restricted"]],
  ]);
});

test("a protected tree is known although the session does not show it; one in the checkout labels what lies in it", async () => {
  using place = new Place([
    "work/own.ts",
    "work/in/deep.ts",
    "secret/a.ts",
    "secret/build/b.ts",
    "secret/node_modules/c.ts",
  ]);
  const policy = place.policy({}, [
    ["secret", "restricted"],
    ["work/in", "inner"],
  ]);
  await using looking = openLooking(policy);
  const names = ["work/own.ts", "work/in/deep.ts", "secret/a.ts", "secret/node_modules/c.ts"];
  const sources = await looking.look(...names.map(textOf));
  assert.deepEqual(told(sources), [
    [`${place.root}/secret/a.ts`, "protected", ["restricted"]],
    [`${place.work}/in/deep.ts`, "workspace", ["inner"]],
    [`${place.work}/own.ts`, "workspace", []],
  ]);
  assert.deepEqual(await countLabelled(policy), {
    labels: [
      { label: "inner", files: 1 },
      { label: "restricted", files: 1 },
    ],
    trees: [
      { path: `${place.root}/secret`, label: "restricted", files: 1 },
      { path: `${place.work}/in`, label: "inner", files: 1 },
    ],
  });
});

test("a tree around the checkout protects the others in it and not the checkout", async () => {
  using place = new Place(["work/own.ts", "other/a.ts"]);
  const policy = place.policy({}, [["", "restricted"]]);
  await using looking = openLooking(policy);
  assert.deepEqual((await countLabelled(policy)).labels, [{ label: "restricted", files: 1 }]);
  assert.deepEqual(told(await looking.look(textOf("work/own.ts"), textOf("other/a.ts"))), [
    [`${place.root}/other/a.ts`, "protected", ["restricted"]],
    [`${place.work}/own.ts`, "workspace", []],
  ]);
});

test("a label stays with what a file said when the session began: moved, overwritten, copied often", async () => {
  using place = new Place(["work/src/moved.ts", "work/src/emptied.ts", "work/src/copied.ts"]);
  for (let at = 0; at < 40; at += 1) place.put(`work/copies/${at}.ts`, textOf("work/src/copied.ts"));
  await using looking = openLooking(place.policy({ restricted: ["src/**"] }));
  const labels = async (path: string): Promise<unknown> => {
    const { lines } = await looking.look(textOf(path));
    return [...new Set(lines.flatMap((each) => each.labels))];
  };
  assert.deepEqual(await labels("work/src/copied.ts"), ["restricted"], "among forty copies");
  renameSync(join(place.work, "src/moved.ts"), join(place.work, "plain.ts"));
  place.put("work/other.ts", textOf("work/src/emptied.ts"));
  place.put("work/src/emptied.ts", "nothing any more\n");
  place.put("work/marker.ts");
  let seen = 0;
  for (let turn = 0; turn < 40 && seen === 0; turn += 1) {
    await pause(200);
    seen = (await looking.look(textOf("work/marker.ts"))).lines.length;
  }
  assert.equal(seen, 1);
  assert.deepEqual(await labels("work/src/moved.ts"), ["restricted"]);
  assert.deepEqual(await labels("work/src/emptied.ts"), ["restricted"]);
});

test("a protected tree that cannot be read begins no session; the organisation's may be on other machines", () => {
  using place = new Place(["work/a.ts", "file"]);
  symlinkSync(place.work, join(place.root, "link"));
  const at = (path: string, everywhere = false) =>
    objectToProtected({
      protected: [{ rule: "user:protected[0]", path: join(place.root, path), label: "protected", everywhere }],
      origins: { "user:protected[0]": { file: "/p.yaml", line: 3, column: 1 } },
    })?.message;
  assert.equal(at("gone"), `/p.yaml:3: protected names ${place.root}/gone, which is not there`);
  assert.equal(at("file"), `/p.yaml:3: protected names ${place.root}/file, which is no directory`);
  assert.equal(at("file", true), `/p.yaml:3: protected names ${place.root}/file, which is no directory`);
  assert.deepEqual([at("work"), at("link"), at("gone", true)], [undefined, undefined, undefined]);
});

test("how many files: said in a line", () => {
  const labels = [{ label: "restricted", files: 1 }];
  const trees = [
    { path: "/srv/a", label: "protected", files: 12 },
    { path: "/srv/b", label: "protected", files: undefined },
  ];
  assert.equal(sayLabelled({ labels, trees }), "restricted 1 file, of /srv/a 12 files, of /srv/b nothing is here");
});
