// `network`, `proxy` and `inference`: what may be reached, and how the gateway goes out.

import { z } from "zod";
import { maxEntries, maxGrants } from "../limits.ts";
import { onObjects } from "./objects.ts";
import { isPlacedTwice, placedTwice, registry } from "./registry.ts";
import { upstream } from "./upstream.ts";
import * as v from "./vocabulary.ts";

const tcpExample = "network:\n  allow:\n    - { host: git.example.com, protocol: tcp, ports: [22] }";

const sshExample = 'network:\n  allow:\n    - { host: git.example.com, protocol: ssh, paths: ["/team/**"] }';
const pushExample = 'network:\n  allow:\n    - { host: git.example.com, paths: ["/team/**"], push: ask }';

const allow = z
  .strictObject({
    host: v.host
      .meta({ description: "Exact, or *.suffix for every name below it", examples: ["api.example.com"] })
      .optional(),
    registry: registry.optional(),
    ports: z
      .array(v.port)
      .min(1)
      .max(64)
      .meta({ description: "443 and 80 where left out", examples: [[443]] })
      .optional(),
    protocol: z
      .enum(["http", "tcp", "ssh"])
      .meta({
        description: "http: opened and judged; tcp: recorded as opaque; ssh: git's fetches and pushes",
        examples: ["tcp"],
      })
      .optional(),
    methods: v
      .list(v.method)
      .min(1)
      .meta({ description: "Every method where left out", examples: [["POST"]] })
      .optional(),
    paths: v
      .list(v.pathGlob)
      .min(1)
      .meta({
        description: "`*` within a segment, `**` across; every path where left out",
        examples: [["/v1/messages**"]],
      })
      .optional(),
    push: z
      .enum(["allow", "ask", "refuse"])
      .meta({
        description: "What of git's pushes among them; over http like any other request where left out",
        examples: ["ask"],
      })
      .optional(),
    "push-limit": v.pushLimit
      .meta({ description: "The longest of git's pushes over http; 1GiB where left out", examples: ["2GiB"] })
      .optional(),
    user: v.sshUser
      .meta({ description: "For protocol ssh: as whom; git where left out", examples: ["git"] })
      .optional(),
    key: v.path
      .meta({
        description: "For protocol ssh: a key's file; your own ssh decides where left out",
        examples: ["~/.ssh/id_ed25519"],
      })
      .optional(),
    upstream: upstream.optional(),
    ...v.answered,
  })
  .refine((entry) => (entry.host === undefined) !== (entry.registry === undefined), {
    ...onObjects,
    message: "an entry needs either a host or a registry",
    params: { hint: "one of the two in each entry" },
  })
  .refine((entry) => !isPlacedTwice(entry), { ...onObjects, ...placedTwice })
  .refine((entry) => entry.protocol !== "tcp" || entry.ports !== undefined, {
    ...onObjects,
    path: ["protocol"],
    message: "protocol tcp needs ports",
    params: { hint: "opaque connections are granted port by port", example: tcpExample },
  })
  .refine((entry) => entry.protocol !== "tcp" || (entry.methods === undefined && entry.paths === undefined), {
    ...onObjects,
    path: ["protocol"],
    message: "protocol tcp is opaque: it has no methods and no paths",
    params: { hint: "leave methods and paths out, or leave protocol out", example: tcpExample },
  })
  .refine((entry) => entry.protocol !== "tcp" || entry.push === undefined, {
    ...onObjects,
    path: ["push"],
    message: "protocol tcp is opaque: nobody can tell a push in it",
    params: { hint: "leave protocol out for git over https", example: pushExample },
  })
  .refine((entry) => entry["push-limit"] === undefined || (entry.protocol ?? "http") === "http", {
    ...onObjects,
    path: ["push-limit"],
    message: "push-limit belongs to git over https",
    params: { hint: "over ssh a push is not held, and has no limit: leave it out", example: pushExample },
  })
  .refine((entry) => entry.protocol === "ssh" || (entry.user === undefined && entry.key === undefined), {
    ...onObjects,
    path: ["protocol"],
    message: "user and key belong to protocol ssh",
    params: { hint: "protocol: ssh", example: sshExample },
  })
  .refine((entry) => entry.protocol !== "ssh" || (entry.methods === undefined && entry.upstream === undefined), {
    ...onObjects,
    path: ["protocol"],
    message: "protocol ssh has no methods and no upstream",
    params: { hint: "where a name leads is said in your own ~/.ssh/config", example: sshExample },
  })
  .refine((entry) => entry.protocol !== "ssh" || entry.host?.startsWith("*.") !== true, {
    ...onObjects,
    path: ["host"],
    message: "protocol ssh needs one host: your key is used there",
    params: { hint: "one entry for each host", example: sshExample },
  })
  .meta({ description: "One permitted piece of network", examples: [{ host: "api.example.com" }] });

export const network = z.strictObject({
  allow: z
    .array(allow)
    .max(maxGrants)
    .meta({ description: "What may be reached; nothing where empty", examples: [[{ host: "api.example.com" }]] })
    .optional(),
  profile: z
    .enum(["inference", "none"])
    .meta({
      description: "What the tool's own profile grants beside `allow`: its inference hosts (where left out), or none",
      examples: ["none"],
    })
    .optional(),
  publish: v
    .list(v.port)
    .meta({ description: "Servers inside, reachable from the host's loopback", examples: [[3000]] })
    .optional(),
  services: v
    .list(v.service)
    .meta({
      description: "Servers of this machine or its network, reachable from inside",
      examples: [["localhost:5432"]],
    })
    .optional(),
});

export const proxy = z
  .strictObject({
    url: v.httpUrl
      .meta({ description: "The proxy by which the gateway itself goes out", examples: ["http://127.0.0.1:3128"] })
      .optional(),
    ca: v.path
      .meta({
        description: "PEM file trusted beside the system's, from this file's directory",
        examples: ["./corp.pem"],
      })
      .optional(),
    except: v
      .list(v.host)
      .meta({ description: "Dialled without it", examples: [["*.example.org"]] })
      .optional(),
  })
  .refine((value) => value.url !== undefined || value.ca !== undefined, {
    ...onObjects,
    message: "a proxy needs a url, a ca, or both",
    params: { hint: 'url: "http://127.0.0.1:3128"' },
  });

export const inference = z
  .record(
    v.name,
    z.strictObject({
      url: v.httpUrl.meta({ examples: ["http://127.0.0.1:11434/v1"] }),
      protocol: z.enum(["anthropic", "openai-chat", "openai-responses", "gemini", "bedrock", "ollama"]),
      model: z
        .string()
        .min(1)
        .max(256)
        .meta({ examples: ["qwen3-coder"] }),
    }),
  )
  .refine((all) => Object.keys(all).length <= maxEntries, { ...onObjects, message: `more than ${maxEntries} entries` });
