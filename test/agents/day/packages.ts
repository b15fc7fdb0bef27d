// The servers a day needs and no machine has: packages for pip, Cargo and Go made by `pack.py`, and bare repositories, all below
// one directory, over HTTPS on loopback. Gives what lies there and nothing else; every request is kept.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { issueForLoopback } from "../../../src/gateway/authority/loopback.ts";

/** Nobody's: it is dialled at an address the policy names, and outside by an /etc/hosts of the test's own. */
export const host = "packages.example.org";

export interface Packages extends AsyncDisposable {
  readonly port: number;
  /** `https://host:port`. */
  readonly url: string;
  /** Served. */
  readonly root: string;
  /** PEM. */
  readonly ca: string;
  /** Paths, in order of arrival. */
  readonly requests: readonly string[];
}

export async function openPackages(root: string): Promise<Packages> {
  const { ca, cert, key } = issueForLoopback([host]);
  const requests: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "https://packages");
    requests.push(pathname);
    const asked = join(root, normalize(decodeURIComponent(pathname)));
    const path = existsSync(asked) && statSync(asked).isDirectory() ? join(asked, "index.html") : asked;
    if (!existsSync(path)) return response.writeHead(404).end();
    const type = path.endsWith(".html") ? "text/html" : "application/octet-stream";
    return response.writeHead(200, { "content-type": type }).end(readFileSync(path));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `https://${host}:${port}`;
  mkdirSync(root, { recursive: true });
  execFileSync("/usr/bin/python3", [new URL("pack.py", import.meta.url).pathname, root, url]);
  return {
    port,
    url,
    root,
    ca,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
