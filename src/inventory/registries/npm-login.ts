// How npm logs in at a registry: settings that begin with the registry's address without its scheme, or with one above it, the
// nearest first (npm-registry-fetch, `getAuth`). A token, `user:password` in base64, or the two apart.

import { Secret } from "../../domain/secret.ts";
import type { Login } from "./found.ts";

/** `said`: the strongest value of a setting. */
export function npmLogin(url: string, said: (key: string) => string | undefined): Login | undefined {
  const { host, pathname } = new URL(url);
  const segments = pathname.split("/").filter((segment) => segment !== "");
  for (let count = segments.length; count >= 0; count -= 1) {
    const above = [`//${host}`, ...segments.slice(0, count)].join("/");
    for (const address of [`${above}/`, above]) {
      const login = loginAt(address, said);
      if (login !== undefined) return login;
    }
  }
  return undefined;
}

function loginAt(address: string, said: (key: string) => string | undefined): Login | undefined {
  const token = said(`${address}:_authToken`);
  if (isThere(token)) return { user: undefined, secret: new Secret(token) };
  const pair = said(`${address}:_auth`);
  if (isThere(pair)) {
    const [user = "", ...rest] = Buffer.from(pair, "base64").toString("utf8").split(":");
    return rest.length === 0 ? undefined : { user, secret: new Secret(rest.join(":")) };
  }
  const user = said(`${address}:username`);
  const password = said(`${address}:_password`);
  if (!isThere(user) || !isThere(password)) return undefined;
  return { user, secret: new Secret(Buffer.from(password, "base64").toString("utf8")) };
}

/** A variable in it that is not set leads nowhere. */
function isThere(text: string | undefined): text is string {
  return text !== undefined && text !== "" && !text.includes("${");
}
