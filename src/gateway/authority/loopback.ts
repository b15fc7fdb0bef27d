// Names → an authority and one certificate by it for all of them, in memory: what a server of our own on loopback shows,
// which is the demo's vendor, and the tests'. Never the gateway's: a session's authority gives its keys to nobody.

import { mintKeys, mintRoot } from "./root.ts";

export interface Issued {
  /** PEM of the authority: what a client must trust. */
  readonly ca: string;
  /** PEM of the server's certificate. */
  readonly cert: string;
  /** PEM (PKCS #8) of its key. */
  readonly key: string;
}

const day = 86_400_000;

/** Host names and addresses; good for thirty days, and since yesterday. */
export function issueForLoopback(hosts: readonly string[]): Issued {
  const life = { from: Date.now() - day, until: Date.now() + 30 * day };
  const { publicKey, privateKey } = mintKeys();
  const root = mintRoot("loopback authority", life);
  return {
    ca: root.pem,
    cert: root.sign({ ...life, commonName: "loopback server", hosts, key: publicKey }),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
