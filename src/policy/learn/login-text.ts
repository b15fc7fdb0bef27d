// A login that was used, and a grant that names a host where its tokens are given out: one's own words about a host replace what
// comes with a login, so the next refresh would be refused. → The lines that let it pass, though it was not seen.

import { profileNamed } from "../profile.ts";
import type { Background } from "./background.ts";
import type { Lesson } from "./lesson.ts";
import { quote, quoteAll } from "./words.ts";

export function loginLines({ grants, credentials }: Lesson, background: Background): string[] {
  const named = new Set(grants.flatMap((entry) => (entry.kind === "http" ? [entry.host] : [])));
  return credentials
    .flatMap(({ id }) => background.credential(id)?.from.login ?? [])
    .flatMap((tool) => {
      const login = profileNamed(tool)?.login;
      return login === undefined ? [] : [login.endpoint, ...login.also];
    })
    .filter(({ host }) => named.has(host))
    .flatMap(({ host, paths }) => [
      "    # not seen: where the login below gets its next tokens, which Postern keeps",
      `    - host: ${quote(host)}`,
      "      ports: [443]",
      `      methods: ${quoteAll(["POST"])}`,
      `      paths: ${quoteAll(paths)}`,
      "      why: login",
    ]);
}
