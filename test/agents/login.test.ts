// The published Codex with a ChatGPT login, unmodified, by the profile's words alone: the host's login, whose access token has
// ended. Which paths it needs to begin, to work and to begin again stands here, so that a version that needs another is red.
// Judged by both servers' logs, the host's file, the record and /proc. Needs npm to install it.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { profileNamed } from "../../src/policy/profile.ts";
import { demo } from "../../src/vendor/demo.ts";
import { type Authorisation, openAuthorisation } from "../../src/vendor/oauth/server.ts";
import type { Received } from "../../src/vendor/record.ts";
import { openVendor, type Vendor, vendorNames } from "../../src/vendor/server.ts";
import { descendantsOf, formsOf, searchFiles, searchProcess } from "../journeys/memory.ts";
import { type Ran, Stage, type Started } from "../journeys/stage.ts";
import { install, nodeDirectory } from "./packages.ts";

const { login, bypass } = profileNamed("codex") ?? assert.fail("no profile");
assert.ok(login !== undefined);
const { endpoint, places, file: kept } = login;
const prompt = "The tests fail. Find out why and mend it.";
const inference = /^\/backend-api\/codex\/responses$/;
const check = "/backend-api/wham/accounts/check";
/** Without these it does not work; everything else of the profile it can do without. */
const needed = [check, "/backend-api/codex/responses"];
/** Milliseconds: two hours. */
const past = 7_200_000;

interface Auth {
  readonly tokens: { readonly access_token: string; readonly refresh_token: string; readonly account_id: string };
  readonly last_refresh: string;
}

const work = ["codex", "exec", ...bypass, "--skip-git-repo-check", prompt];

interface Starting {
  /** Of the profile's paths. */
  readonly isGranted?: (path: string) => boolean;
  readonly words?: readonly string[];
  /** Shown inside. */
  readonly read?: readonly string[];
}

/** A person whose login to ChatGPT on this host has ended, both of the vendor's servers, and the paths of the policy. */
class Scene implements AsyncDisposable {
  readonly stage = new Stage({ workspace: "parcel", files: demo.files, git: true });
  readonly file = join(this.stage.home, kept.path);
  readonly server: Authorisation;
  readonly vendor: Vendor;
  readonly #ca: string;
  readonly #program = install("codex");

  constructor(server: Authorisation, vendor: Vendor, ca: string) {
    this.server = server;
    this.vendor = vendor;
    this.#ca = this.stage.write("ca.pem", ca);
  }

  start({ isGranted = () => true, words = work, read = [] }: Starting = {}): Started {
    const ca = this.#ca;
    const policy = {
      files: { write: ["."], read: [process.execPath, ...read] },
      network: {
        allow: [
          { ...endpoint, methods: ["POST"], upstream: { address: this.server.address, ca } },
          ...places.flatMap(({ host, methods, paths }) => {
            const granted = paths.filter(isGranted);
            const upstream = { address: this.vendor.address, ca };
            return granted.length === 0 ? [] : [{ host, methods, paths: granted, upstream }];
          }),
        ],
      },
      credentials: { codex: { from: { login: "codex", of: "host" } } },
    };
    const environment = {
      PATH: `${join(this.#program.prefix, "bin")}:${nodeDirectory}:/usr/local/bin:/usr/bin:/bin`,
      LANG: "C.UTF-8",
    };
    return this.stage.start(words, { policy, environment, flags: ["--headless"] });
  }

  get own(): Auth {
    return JSON.parse(readFileSync(this.file, "utf8")) as Auth;
  }

  get edited(): string {
    return readFileSync(join(this.stage.work, demo.mended.path), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vendor[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    this.stage[Symbol.dispose]();
  }
}

async function open(pace?: (vendor: Vendor) => Promise<void>): Promise<Scene> {
  const tls = issueForLoopback([...vendorNames, endpoint.host]);
  const account = { chatgpt_plan_type: "pro", chatgpt_account_id: "acc-1", chatgpt_user_id: "user-1" };
  let ago = past;
  const server = await openAuthorisation({
    tls,
    jwt: true,
    claims: { "https://api.openai.com/auth": account },
    paths: { authorise: "/none", token: endpoint.paths[0] ?? "", device: "/none" },
    clock: () => Date.now() - ago,
  });
  const { access_token, refresh_token, id_token } = server.grants.logIn();
  ago = 0;
  const vendor: Vendor = await openVendor({
    script: demo.script,
    // whoever brings the token that counts now
    get key() {
      return scene.own.tokens.access_token;
    },
    tls,
    pace: async () => pace?.(vendor),
  });
  const scene = new Scene(server, vendor, tls.ca);
  const tokens = { id_token, access_token, refresh_token, account_id: "acc-1" };
  mkdirSync(dirname(scene.file), { recursive: true });
  const last_refresh = new Date(Date.now() - past).toISOString();
  writeFileSync(scene.file, JSON.stringify({ auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens, last_refresh }));
  return scene;
}

const pathOf = ({ target }: Received): string => target.split("?", 1)[0] ?? "";
const turns = ({ requests }: Vendor): number =>
  requests.filter((one) => inference.test(pathOf(one)) && one.status === 200).length;

/** Its work is done: each step was asked for at the vendor, and the file is as it should be. */
function completes({ vendor }: Scene, { errors }: Ran, before: number): void {
  assert.ok(turns(vendor) - before > demo.script.steps.length, errors);
}

test("Codex with the host's ChatGPT login: refreshes, works, and begins a second time, holding placeholders alone", {
  timeout: 300_000,
}, async () => {
  const [held, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using scene = await open((vendor) => {
    if (turns(vendor) < demo.script.steps.length) return Promise.resolve();
    reached.resolve();
    return held.promise;
  });
  const { stage, server, vendor } = scene;
  const { child, ended } = scene.start();
  const early = await Promise.race([reached.promise, ended]);
  assert.equal(early, undefined, JSON.stringify(early));
  const forms = formsOf(server.grants.watermark);
  const inside = descendantsOf(child.pid ?? 0);
  assert.deepEqual(
    inside.flatMap((pid) => [...searchProcess(pid, forms).found]),
    [],
  );
  const tops = ["/dev/shm", "/etc", "/run", "/tmp", "/var/tmp", stage.home, stage.work];
  assert.deepEqual(searchFiles(`/proc/${inside.at(-1) ?? 0}/root`, tops, forms), []);
  assert.ok(searchProcess(child.pid ?? 0, forms).found.has("plain"), "the search is sound: we hold the token");
  held.resolve();
  completes(scene, await ended, 0);
  assert.equal(scene.edited, demo.mended.text);

  const before = turns(vendor);
  completes(scene, await scene.start().ended, before);
  assert.deepEqual(server.log, [`POST ${endpoint.paths[0]} refresh_token 200`], "refreshed once, and it lasts");
  assert.equal(server.grants.accepts(scene.own.tokens.refresh_token), "refresh");
  assert.equal(scene.own.tokens.account_id, "acc-1");
  assert.ok(Date.parse(scene.own.last_refresh) > Date.now() - past / 2);
  const asked = [...new Set(vendor.requests.map(pathOf))].toSorted();
  assert.deepEqual(asked, [
    "/backend-api/codex/models",
    "/backend-api/codex/responses",
    check,
    "/backend-api/wham/settings/user",
  ]);
  assert.ok(vendor.requests.every(({ status }) => status !== 401));
  // everything else it asked chatgpt.com for is its plugins and its telemetry, and was refused
  const refused = (await stage.log()).flatMap(({ verdict, sealed: { host, target } }) =>
    verdict === "refuse" && host === "chatgpt.com" && typeof target === "string" ? [target] : [],
  );
  const rest = refused.filter((target) => !/^\/backend-api\/(?:ps|plugins|codex\/analytics-events)\//.test(target));
  assert.deepEqual(rest, []);
});

test("Codex with a ChatGPT login needs these two paths and no other; without the account's it does not begin", {
  timeout: 300_000,
}, async () => {
  await using enough = await open();
  completes(enough, await enough.start({ isGranted: (path) => needed.includes(path) }).ended, 0);
  assert.equal(enough.edited, demo.mended.text);
  for (const missing of needed) {
    await using scene = await open();
    await scene.start({ isGranted: (path) => needed.includes(path) && path !== missing }).ended;
    assert.equal(turns(scene.vendor), 0, missing);
    assert.notEqual(scene.edited, demo.mended.text, missing);
  }
});

test("Codex told to keep its login in a keyring does not see the one in its file; told to use the file, it does: as our hint says", {
  timeout: 120_000,
}, async () => {
  await using scene = await open();
  const says = async (store: string): Promise<string> => {
    const config = scene.stage.write("home/.codex/config.toml", `cli_auth_credentials_store = "${store}"\n`);
    const { output, errors } = await scene.start({ words: ["codex", "login", "status"], read: [config] }).ended;
    return output + errors;
  };
  assert.match(await says("keyring"), /failed to load CLI auth from keyring/);
  assert.match(await says("auto"), /Logged in using ChatGPT/);
  assert.match(await says("file"), /Logged in using ChatGPT/);
});
