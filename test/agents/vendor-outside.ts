// The scripted vendor in the world outside of a test (`journeys/outside.ts`), started there as a process of its own. Takes
// one JSON argument (`Setting`); says where it is, when the last step's result has come and the reply is held, and in the
// end all it received. Started by play.ts, never by hand.

import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { decodeBody } from "../../src/vendor/body.ts";
import { lastOf, type Received } from "../../src/vendor/record.ts";
import type { Script } from "../../src/vendor/script.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";
import { type SceneName, scenes } from "./scenes.ts";

export interface Setting {
  readonly key: string;
  /** Beside those of the vendor itself. */
  readonly names: readonly string[];
  /** Before the script's paths, for agents that take absolute ones only; else empty. */
  readonly root: string;
  /** `demo` where absent. */
  readonly scene?: SceneName;
  /** Another than the scene's. */
  readonly script?: Script;
}

export type Word =
  | { readonly kind: "ready"; readonly address: string; readonly ca: string }
  | { readonly kind: "held" }
  | { readonly kind: "all"; readonly requests: readonly Received[] };

/** What only the tests' second run says, after the edit: a request that holds it asks for the final text. */
const lastResult = "ok   500 g: 390";

const setting = JSON.parse(process.argv[2] ?? "") as Setting;
const say = (word: Word): void => void process.send?.(word);
const released = Promise.withResolvers<void>();
let [read, held] = [0, false];

/** Every path of it below the root. */
const belowRoot = (script: Script): Script => ({
  ...script,
  steps: script.steps.map(({ say, call }) => {
    const { path } = call.arguments;
    return {
      say,
      call: path === undefined ? call : { ...call, arguments: { ...call.arguments, path: setting.root + path } },
    };
  }),
});

/** The first that came: what stands in the file that is read first. */
function placeholder(): string {
  for (const { body, headers } of vendor.requests) {
    const decoded = String(decodeBody(body, lastOf(headers).get("content-encoding")) ?? "");
    const [found] = decoded.match(/PSTN_[A-Z0-9_]+_[A-Z2-7]{16}/) ?? [];
    if (found !== undefined) return found;
  }
  return "none";
}

const tls = issueForLoopback([...vendorNames, ...setting.names]);
const vendor = await openVendor({
  get script() {
    return belowRoot(setting.script ?? scenes[setting.scene ?? "demo"].script(placeholder()));
  },
  key: setting.key,
  tls,
  pace,
});
process.on("disconnect", () => process.exit(0));
process.on("message", (word) => {
  if (word === "release") released.resolve();
  else say({ kind: "all", requests: vendor.requests });
});
say({ kind: "ready", address: vendor.address, ca: tls.ca });

/** Each reply stands still once the agent has done everything, until whoever looks into it is done. */
async function pace(): Promise<void> {
  for (; read < vendor.requests.length && !held; read += 1) {
    const { body, headers } = vendor.requests[read] as Received;
    const decoded = decodeBody(body, lastOf(headers).get("content-encoding"));
    if (decoded?.includes(lastResult) !== true) continue;
    held = true;
    say({ kind: "held" });
  }
  if (held) await released.promise;
}
