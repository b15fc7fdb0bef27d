// The host's login file while somebody changes what stands in its place: never read or written through a link, never lost by it; and a
// session that was killed between the server's answer and the host's file.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { SendTokens } from "../../domain/login.ts";
import { Grants } from "../../vendor/oauth/grants.ts";
import { readHostFile, writeHostFile } from "./host-file.ts";
import { code, type Hand, Scene } from "./rehearsal.ts";

const giving = (prefixes: { readonly access: string; readonly refresh: string }, clock: () => number) =>
  new Grants({ lifetime: 3600, jwt: false, claims: {}, prefixes, interval: 5, slower: 5, clock });

class Host extends Scene<Grants> {
  readonly canary = join(this.base, "canary");

  constructor() {
    super("claude-code", "host", giving);
    this.writeHost(this.server.logIn());
    writeFileSync(this.canary, "untouched");
  }

  /** As the tool inside asks, with the placeholder of the present generation. */
  async refresh(hand: Hand, send?: SendTokens): Promise<string> {
    const generation = String(hand.keep.held()?.generation ?? 0).padStart(8, "0");
    const refresh_token = `sk-ant-ort01-${hand.keep.marks.refresh}${generation}`;
    const outcome = await hand.ask({ grant_type: "refresh_token", refresh_token }, send);
    return outcome.kind === "answer" ? outcome.act : `${outcome.rule}: ${outcome.reason}`;
  }

  get token(): string {
    const { claudeAiOauth: own } = JSON.parse(readFileSync(this.file, "utf8")) as Record<
      string,
      Record<string, string>
    >;
    return own?.["refreshToken"] ?? "";
  }

  /** Still logged in, by the token in the host's file, and nobody ever used one twice. */
  isWell(): boolean {
    return this.server.accepts(this.token) === "refresh" && this.server.families[0]?.ended === undefined;
  }
}

const swaps: readonly [string, (scene: Host) => () => void][] = [
  [
    "a link in the file's place",
    (scene) => {
      renameSync(scene.file, `${scene.file}.moved`);
      symlinkSync(scene.canary, scene.file);
      return () => renameSync(`${scene.file}.moved`, scene.file);
    },
  ],
  [
    "a link to itself",
    (scene) => {
      renameSync(scene.file, `${scene.file}.moved`);
      symlinkSync(`${scene.file}.moved`, scene.file);
      return () => renameSync(`${scene.file}.moved`, scene.file);
    },
  ],
  [
    "a link in its directory's place",
    (scene) => {
      const folder = dirname(scene.file);
      renameSync(folder, `${folder}.moved`);
      symlinkSync(`${folder}.moved`, folder);
      return () => {
        rmSync(folder);
        renameSync(`${folder}.moved`, folder);
      };
    },
  ],
  [
    "a pipe in its place",
    (scene) => {
      renameSync(scene.file, `${scene.file}.moved`);
      execFileSync("mkfifo", [scene.file]);
      return () => renameSync(`${scene.file}.moved`, scene.file);
    },
  ],
];

for (const [what, swap] of swaps) {
  test(`${what}, since the session began: refused before the server is asked, nothing written, and well again afterwards`, async () => {
    using scene = new Host();
    const hand = scene.open();
    assert.equal(hand.access()?.startsWith("sk-ant-oat01-"), true);
    const generation = String(hand.keep.held()?.generation).padStart(8, "0");
    const back = swap(scene);
    const request = {
      grant_type: "refresh_token",
      refresh_token: `sk-ant-ort01-${hand.keep.marks.refresh}${generation}`,
    };
    const outcome = await hand.ask(request);
    assert.ok(outcome.kind === "refuse" && outcome.rule === "login:state", JSON.stringify(outcome));
    assert.match(outcome.reason, /is not the file any more that the session began with/);
    assert.deepEqual([hand.access(), scene.asked], [undefined, 0]);
    assert.equal(readFileSync(scene.canary, "utf8"), "untouched");
    back();
    assert.equal(await scene.refresh(hand), "refresh");
    assert.ok(scene.isWell());
  });

  test(`${what}, while the server is asked: what it gives is kept, and comes to the host's file in the next turn`, async () => {
    using scene = new Host();
    const hand = scene.open();
    let back = (): void => undefined;
    const swapped: SendTokens = async (body) => {
      const reply = await scene.send(body);
      back = swap(scene);
      return reply;
    };
    assert.match(await scene.refresh(hand, swapped), /^login:state: .* is not the file any more/);
    assert.equal(readFileSync(scene.canary, "utf8"), "untouched");
    back();
    assert.ok(!scene.isWell(), "the host's file has the token that served");
    // at once, before anything is put there
    assert.equal(scene.server.accepts(hand.access() ?? ""), "access");
    assert.equal(await scene.refresh(scene.open()), "refresh");
    assert.ok(scene.isWell());
    assert.ok(!readFileSync(scene.slot, "utf8").includes(scene.server.watermark), "and no token is left with us");
  });
}

test("killed before the host's file was written: the next session puts it there, and the server sees no token twice", async () => {
  using scene = new Host();
  // what stands in the neighbour's place cannot be taken away: the write fails
  const planted = `${scene.file}.postern-next`;
  mkdirSync(join(planted, "below"), { recursive: true });
  assert.match(await scene.refresh(scene.open()), /^login:state: .* what the server gave is kept/);
  rmSync(planted, { recursive: true });
  const next = scene.open();
  next.keep.settle();
  assert.ok(scene.isWell());
  assert.equal(await scene.refresh(next), "refresh");
  assert.ok(scene.isWell());
});

test("what was given and not put there gives way to what the tool on the host has got since", async () => {
  using scene = new Host();
  const planted = `${scene.file}.postern-next`;
  mkdirSync(planted);
  await scene.refresh(scene.open());
  rmSync(planted, { recursive: true });
  const anew = scene.server.logIn("again@example.org");
  scene.writeHost(anew);
  const hand = scene.open();
  assert.equal(hand.access(), anew.access_token);
  hand.keep.settle();
  assert.equal(scene.token, anew.refresh_token);
  assert.ok(!readFileSync(scene.slot, "utf8").includes(scene.server.watermark));
});

test("logged out on the host while the server is asked: nobody is logged in again by it", async () => {
  using scene = new Host();
  const out: SendTokens = async (body) => {
    const reply = await scene.send(body);
    rmSync(scene.file);
    return reply;
  };
  await scene.refresh(scene.open(), out);
  assert.ok(!existsSync(scene.file));
  assert.ok(!readFileSync(scene.slot, "utf8").includes(scene.server.watermark));
});

test("a planted neighbour is not written through; mode and owner stay; nothing else is left in the directory", () => {
  using scene = new Host();
  const { file, canary } = scene;
  const root = process.geteuid?.() === 0;
  chmodSync(file, 0o660);
  if (root) chownSync(file, 12_345, 54_321);
  symlinkSync(canary, `${file}.postern-next`);
  writeHostFile(file, { a: 1 });
  assert.equal(readFileSync(canary, "utf8"), "untouched");
  rmSync(`${file}.postern-next`, { force: true });
  linkSync(canary, `${file}.postern-next`);
  writeHostFile(file, { a: 2 });
  assert.equal(readFileSync(canary, "utf8"), "untouched");
  const { uid, gid, mode } = statSync(file);
  assert.deepEqual([mode & 0o777, root ? [uid, gid] : []], [0o660, root ? [12_345, 54_321] : []]);
  assert.ok(lstatSync(file).isFile());
  assert.deepEqual(readHostFile(file), { a: 2 });
  assert.deepEqual(readdirSync(dirname(file)), [".credentials.json"]);
});

for (const whose of ["host", "inside"] as const)
  test(`killed while what the server gave was on its way to the disk (${whose}): whole beside the slot, it counts; torn, or older, it does not`, async () => {
    using scene = whose === "host" ? new Host() : new Scene("claude-code", "inside", giving);
    const hand = scene.open();
    if (whose === "inside") await hand.ask(code);
    const asking = `sk-ant-ort01-${hand.keep.marks.refresh}${"0".repeat(8)}`;
    let before = "";
    const noting: SendTokens = (body) => {
      before = readFileSync(scene.slot, "utf8");
      return scene.send(body);
    };
    const planted = `${scene.file}.postern-next`;
    if (whose === "host") mkdirSync(planted);
    // older than what is there, so that the server is asked only where its time is over
    scene.now += 3_600_000;
    await hand.ask({ grant_type: "refresh_token", refresh_token: asking }, noting);
    if (whose === "host") rmSync(planted, { recursive: true });
    const after = readFileSync(scene.slot, "utf8");
    assert.match(before, /"sent":/);
    const left = (next: string): string | undefined => {
      writeFileSync(scene.slot, before);
      writeFileSync(`${scene.slot}.next`, next);
      const other = scene.open();
      other.keep.settle();
      return scene.server.accepts(other.keep.held()?.refresh ?? "");
    };
    assert.equal(left(after.slice(0, -9)), undefined, "torn");
    assert.equal(left(before), undefined, "the note that it was sent");
    assert.equal(
      left(after.replaceAll(hand.keep.marks.access, "postern".padEnd(55, "0"))),
      undefined,
      "another login's",
    );
    assert.equal(left(after), "refresh");
    assert.ok(!existsSync(`${scene.slot}.next`));
    // as it is now, all at its place
    writeFileSync(`${scene.slot}.next`, "{}");
    scene.open().keep.settle();
    assert.equal(readFileSync(`${scene.slot}.next`, "utf8"), "{}", "nothing was sent: nothing is awaited");
  });
