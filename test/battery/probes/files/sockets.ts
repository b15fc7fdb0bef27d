// Techniques 48 and 49: the machine's Unix sockets, by pathname and abstract, for streams and datagrams. A server outside
// writes down what it hears.

import type { Probe } from "../../probe.ts";
import type { Rig } from "../../rig/rig.ts";

interface Ear {
  readonly id: string;
  readonly title: string;
  readonly kind: "stream" | "datagram";
  readonly name: (rig: Rig) => string;
  /** By which the tool would name it. */
  readonly at?: string;
  readonly decisive?: true;
}

const ears: readonly Ear[] = [
  {
    id: "unix-docker",
    title: "a container engine's socket at home",
    kind: "stream",
    name: ({ home }) => `${home}/docker.sock`,
    decisive: true,
  },
  { id: "unix-agent", title: "an ssh agent's socket", kind: "stream", name: ({ home }) => `${home}/.ssh/agent.sock` },
  {
    id: "unix-outside",
    title: "a socket in a directory nobody granted",
    kind: "stream",
    name: ({ out }) => `${out}/bus`,
  },
  {
    id: "unix-in-checkout",
    title: "a socket that lies in the checkout",
    kind: "stream",
    name: ({ work }) => `${work}/app.sock`,
    decisive: true,
  },
  {
    id: "unix-abstract",
    title: "an abstract socket",
    kind: "stream",
    name: ({ token }) => `@bus-${token}`,
    decisive: true,
  },
  { id: "unix-datagram", title: "a datagram to a socket at home", kind: "datagram", name: ({ home }) => `${home}/log` },
  {
    id: "unix-datagram-in-checkout",
    title: "a datagram to a socket in the checkout",
    kind: "datagram",
    name: ({ work }) => `${work}/log.sock`,
    decisive: true,
  },
  {
    id: "unix-datagram-abstract",
    title: "a datagram to an abstract socket",
    kind: "datagram",
    name: ({ token }) => `@log-${token}`,
  },
];

const knock = (kind: Ear["kind"], name: string): string => {
  const address = name.startsWith("@") ? `"\\0" + "${name.slice(1)}"` : `"${name}"`;
  const how = kind === "stream" ? `s.connect(${address})` : `s.sendto(b"x", ${address})`;
  return `python3 -c 'import socket as k; s = k.socket(k.AF_UNIX, k.SOCK_${kind === "stream" ? "STREAM" : "DGRAM"}); ${how}'; sleep 0.2`;
};

function listen({ id, title, kind, name, decisive }: Ear): Probe {
  return {
    id,
    technique: id.includes("abstract") ? 49 : 48,
    title,
    source: kind === "stream" ? "landrun #43, claude-code #20263" : "nono e2086877",
    record: "absent",
    ...(decisive === undefined ? {} : { decisive }),
    prepare: (rig) => rig.listen(kind, name(rig)),
    inside: (rig) => knock(kind, name(rig)),
    landed: ({ heard }) => (heard.length > 0 ? `the socket heard ${heard[0]}` : undefined),
  };
}

export const sockets: readonly Probe[] = ears.map(listen);
