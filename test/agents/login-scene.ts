// Codex with a person's login to ChatGPT, for the lane's tests: the login's file on the host, both of the vendor's servers, and a policy
// that says of the network what the profile's login says, but that each host leads to ours.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { profileNamed } from "../../src/policy/profile.ts";
import { demo } from "../../src/vendor/demo.ts";
import { type Authorisation, openAuthorisation } from "../../src/vendor/oauth/server.ts";
import type { Received } from "../../src/vendor/record.ts";
import { openVendor, type Vendor, vendorNames } from "../../src/vendor/server.ts";
import { Stage, type Started } from "../journeys/stage.ts";
import { install, nodeDirectory } from "./packages.ts";

const { login, bypass } = profileNamed("codex") ?? assert.fail("no profile");
assert.ok(login !== undefined);
export const { endpoint } = login;
const { places, file: kept } = login;
export const credentials = { codex: { from: { login: "codex", of: "host" } } };
export const prompt = "The tests fail. Find out why and mend it.";
const inference = /^\/backend-api\/codex\/responses$/;
export const check = "/backend-api/wham/accounts/check";
/** Without these it does not work; everything else of the profile it can do without. */
export const needed = [check, "/backend-api/codex/responses"];
/** Milliseconds: two hours. */
export const past = 7_200_000;

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
export class Scene implements AsyncDisposable {
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

  /** As the profile's login has it. */
  network(isGranted: (path: string) => boolean = () => true): object {
    const ca = this.#ca;
    return {
      allow: [
        { ...endpoint, methods: ["POST"], upstream: { address: this.server.address, ca } },
        ...places.flatMap(({ host, methods, paths }) => {
          const granted = paths.filter(isGranted);
          const upstream = { address: this.vendor.address, ca };
          return granted.length === 0 ? [] : [{ host, methods, paths: granted, upstream }];
        }),
      ],
    };
  }

  get environment(): Readonly<Record<string, string>> {
    const path = `${join(this.#program.prefix, "bin")}:${nodeDirectory}:/usr/local/bin:/usr/bin:/bin`;
    return { PATH: path, LANG: "C.UTF-8" };
  }

  start({ isGranted, words = work, read = [] }: Starting = {}): Started {
    const files = { write: ["."], read: [process.execPath, ...read] };
    const policy = { files, network: this.network(isGranted), credentials };
    return this.stage.start(words, { policy, environment: this.environment, flags: ["--headless"] });
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

export async function open(pace?: (vendor: Vendor) => Promise<void>): Promise<Scene> {
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

export const pathOf = ({ target }: Received): string => target.split("?", 1)[0] ?? "";
export const turns = ({ requests }: Vendor): number =>
  requests.filter((one) => inference.test(pathOf(one)) && one.status === 200).length;
