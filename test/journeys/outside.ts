// The world outside, for one test: a network namespace in which every address leads to a listener that keeps all it gets.
// The CLI runs in that namespace, so whatever passed its boundary, by whatever way, is seen; nothing reaches a real network.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Seen, Told, World } from "./outside-listener.ts";

export interface Outside extends AsyncDisposable {
  /** What a command is started with, to run there. */
  readonly enter: readonly string[];
  /** Authority of the TLS server there (PEM). */
  readonly ca: string;
  /** Everything that came so far, whole: every listener has answered a control since. */
  readonly seen: () => Promise<readonly Seen[]>;
  /** The same, and it is forgotten there. */
  readonly take: () => Promise<readonly Seen[]>;
  /** Of the listener. */
  readonly pid: number;
}

const listener = new URL("./outside-listener.ts", import.meta.url).pathname;
const root = process.getuid?.() === 0;
const apart = ["--net", "--mount", "--uts"];

/** Needs root, or user namespaces; `ip`, `mount`, `hostname`. */
export async function openOutside(world: Partial<World> & Pick<World, "directory">): Promise<Outside> {
  const whole: World = { hostName: "outside", userName: undefined, names: {}, certified: [], whole: false, ...world };
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", listener, JSON.stringify(whole)];
  const child = spawn("unshare", [...(root ? [] : ["--user", "--map-root-user"]), ...apart, ...node], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ready = await told(child);
  const enter = [
    "nsenter",
    `--target=${child.pid}`,
    ...(root ? [] : ["--user", "--preserve-credentials"]),
    ...apart,
    "--",
  ];
  const ask = async (order: "tell" | "take"): Promise<readonly Seen[]> => {
    child.send(order);
    const answer = await told(child);
    return answer.kind === "seen" ? answer.seen : [];
  };
  return {
    enter,
    ca: ready.kind === "ready" ? ready.ca : "",
    seen: () => ask("tell"),
    take: () => ask("take"),
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

function told(child: ChildProcess): Promise<Told> {
  const { promise, resolve, reject } = Promise.withResolvers<Told>();
  const end = (): void => reject(new Error("the world outside has ended"));
  child.once("exit", end);
  child.once("message", (message) => {
    child.off("exit", end);
    resolve(message as Told);
  });
  return promise;
}
