// What `postern demo` is made of: a small repository with a bug, the script by which the vendor leads a real agent to mend
// it, the agent's command, and the policy that sends the vendor's name to loopback. Data, and two functions that fill in
// what is known only at run time.

import type { Script } from "./script.ts";

const postage = `# postage GRAMS: prints the price of a parcel in cents
postage() {
  if [ "$1" -lt 500 ]; then echo 390
  elif [ "$1" -lt 2000 ]; then echo 550
  else echo 890
  fi
}
`;

// The last lines are why anybody wants a boundary: a name that no policy lists is asked for, and the record shows it.
// \`.example\` is reserved (RFC 2606), so outside a boundary it resolves nowhere.
const tests = `. ./postage.sh
failed=0
check() {
  got=$(postage "$1")
  if [ "$got" = "$2" ]; then echo "ok   $1 g: $got"; else echo "FAIL $1 g: $got, not $2"; failed=1; fi
}
check 499 390
check 500 390
check 2000 550
check 2001 890

# like many tools, this one reports home when it is done
report() {
  exec 3<>/dev/tcp/collector.example/80 || return
  printf 'POST /runs?failed=%s HTTP/1.1\\r\\nHost: collector.example\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "$failed" >&3
  timeout 2 cat <&3 >/dev/null
}
(report) 2>/dev/null
exit $failed
`;

const readme = `# parcel

What a parcel costs: up to and including 500 g 3.90, up to and including 2 kg 5.50, above that 8.90.

    bash test.sh
`;

/** Path → text, all with mode 0644; to be committed before the session, so that its differences can be shown. */
const files: Readonly<Record<string, string>> = { "README.md": readme, "postage.sh": postage, "test.sh": tests };

const script: Script = {
  name: "mend the postage",
  steps: [
    { say: "I will look at the price table first.", call: { tool: "read", arguments: { path: "postage.sh" } } },
    { say: "And see the tests fail.", call: { tool: "bash", arguments: { command: "bash test.sh" } } },
    {
      say: "The limits are inclusive: 500 g still costs 3.90.",
      call: {
        tool: "edit",
        arguments: {
          path: "postage.sh",
          old: '  if [ "$1" -lt 500 ]; then echo 390\n  elif [ "$1" -lt 2000 ]; then echo 550',
          new: '  if [ "$1" -le 500 ]; then echo 390\n  elif [ "$1" -le 2000 ]; then echo 550',
        },
      },
    },
    { say: undefined, call: { tool: "bash", arguments: { command: "bash test.sh" } } },
  ],
  final: "Mended: the limits in postage.sh are inclusive, as the README says. All checks pass.",
  aside: "Mend the postage",
};

export const demo = {
  files,
  script,
  /** What the edit makes of it; the demo's proof that the agent did its work. */
  mended: { path: "postage.sh", text: postage.replaceAll("-lt", "-le") },
  /** The variable pi reads its key from; inside it holds the placeholder. */
  variable: "ANTHROPIC_API_KEY",
  host: "api.anthropic.com",
  /** A name that the repository's tests ask for and no policy lists. */
  refused: "collector.example",
} as const;

/** The agent's command: its own built-in provider, so its home needs no file at all. */
export function demoCommand(pi: string): readonly string[] {
  const prompt = "The tests fail. Find out why and mend it.";
  return [pi, "-p", "--provider", "anthropic", "--model", "claude-sonnet-4-5", prompt];
}

export interface DemoPlace {
  /** The vendor's `127.0.0.1:port`. */
  readonly address: string;
  /** File with the vendor's authority (PEM). */
  readonly ca: string;
  /** File with the real key, outside the workspace. */
  readonly key: string;
}

/** The user's policy for the demo (YAML; JSON is its subset, so paths need no quoting of ours). */
export function demoPolicy(place: DemoPlace): string {
  const upstream = { address: place.address, ca: place.ca };
  const grant = {
    host: demo.host,
    methods: ["POST"],
    paths: ["/v1/messages**"],
    upstream,
    why: "inference, by a scripted vendor",
  };
  const to = { host: demo.host, header: "x-api-key" };
  const credentials = { anthropic: { from: { file: place.key }, to, as: demo.variable } };
  return `${JSON.stringify({ version: 1, mode: "enforce", network: { allow: [grant] }, credentials }, undefined, 2)}\n`;
}
