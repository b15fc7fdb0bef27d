// Every target, with the sources whose reached code guides it. Loaded only when it is run: what is reached is counted from before.

import type { Target } from "../target.ts";

interface Listed {
  /** From the repository's root; prefixes. */
  readonly covers: readonly string[];
  readonly load: () => Promise<{ readonly target: Target }>;
  /** Runs afresh in `npm test`: fewer where one costs more. */
  readonly runs: number;
}

export const targets: Readonly<Record<string, Listed>> = {
  "http1-front": { covers: ["src/gateway/"], load: () => import("./http1-front.ts"), runs: 500 },
  "http2-front": { covers: ["src/gateway/"], load: () => import("./http2-front.ts"), runs: 400 },
  names: { covers: ["src/gateway/names/"], load: () => import("./names.ts"), runs: 4000 },
  hello: { covers: ["src/gateway/opening/"], load: () => import("./hello.ts"), runs: 1500 },
  replies: { covers: ["src/gateway/upstream/"], load: () => import("./replies.ts"), runs: 600 },
  http2: { covers: ["src/gateway/http2/"], load: () => import("./http2.ts"), runs: 1500 },
  heads: { covers: ["src/gateway/http2/"], load: () => import("./heads.ts"), runs: 3000 },
  websocket: { covers: ["src/gateway/websocket/"], load: () => import("./websocket.ts"), runs: 4000 },
  content: {
    covers: ["src/gateway/requests/decoding.ts", "src/gateway/websocket/inflation.ts"],
    load: () => import("./content.ts"),
    runs: 600,
  },
  paths: {
    covers: ["src/decision/", "src/domain/", "src/gateway/requests/framing.ts", "src/policy/glob.ts"],
    load: () => import("./paths.ts"),
    runs: 6000,
  },
  git: { covers: ["src/protocol/git/"], load: () => import("./git.ts"), runs: 3000 },
  "git-words": {
    covers: ["src/protocol/git/", "src/gateway/desk/", "src/domain/"],
    load: () => import("./git-words.ts"),
    runs: 3000,
  },
  "large-files": { covers: ["src/protocol/git/", "src/domain/"], load: () => import("./large-files.ts"), runs: 3000 },
  outer: { covers: ["src/boundary/outer/"], load: () => import("./outer.ts"), runs: 2000 },
  logins: { covers: ["src/protocol/oauth/"], load: () => import("./logins.ts"), runs: 3000 },
  masking: { covers: ["src/review/veil/mask/"], load: () => import("./masking.ts"), runs: 1500 },
  policy: { covers: ["src/policy/"], load: () => import("./policy.ts"), runs: 600 },
  tables: { covers: ["src/boundary/linux/doors/"], load: () => import("./tables.ts"), runs: 4000 },
  watch: { covers: ["src/boundary/linux/watch/"], load: () => import("./watch.ts"), runs: 2000 },
  terminal: { covers: ["src/boundary/linux/terminal/"], load: () => import("./terminal.ts"), runs: 4000 },
  record: { covers: ["src/ledger/"], load: () => import("./record.ts"), runs: 3000 },
  "giving-back": {
    covers: ["src/protocol/", "src/session/inspecting/restoring", "src/inspection/placeholders/"],
    load: () => import("./giving-back.ts"),
    runs: 800,
  },
  opening: { covers: ["src/inspection/open/"], load: () => import("./opening.ts"), runs: 1500 },
  unseen: { covers: ["src/inspection/covert/"], load: () => import("./unseen.ts"), runs: 1500 },
  "known-values": { covers: ["src/inspection/"], load: () => import("./known-values.ts"), runs: 1500 },
  incoming: {
    covers: ["src/inspection/untrusted/", "src/inspection/source/", "src/session/inspecting/incoming"],
    load: () => import("./incoming.ts"),
    runs: 800,
  },
  standing: { covers: ["src/session/inspecting/standing.ts"], load: () => import("./standing.ts"), runs: 3000 },
  "request-heads": { covers: ["src/session/inspecting/"], load: () => import("./request-heads.ts"), runs: 300 },
  veiled: {
    covers: ["src/session/inspecting/", "src/review/veil/mask/"],
    load: () => import("./veiled.ts"),
    runs: 500,
  },
  labels: { covers: ["src/policy/"], load: () => import("./labels.ts"), runs: 3000 },
};

/** Of the tests of what attends to targets. */
const planted: Listed = { covers: ["test/fuzz/"], load: () => import("./planted.ts"), runs: 0 };

export function loadTarget(name: string): Omit<Listed, "load"> & { readonly load: () => Promise<Target> } {
  const listed = name === "planted" ? planted : targets[name];
  if (listed === undefined) throw new Error(`no target ${name}`);
  return { ...listed, load: async () => (await listed.load()).target };
}
