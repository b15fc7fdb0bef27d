// The credentials that were put in → their declarations, each narrowed to the paths where it was. What nobody declares any more
// is told in a comment.

import { stringify } from "yaml";
import { profileNamed } from "../profile.ts";
import type { CredentialEntry } from "../schema/file.ts";
import type { Background } from "./background.ts";
import type { CredentialUse, Lesson } from "./lesson.ts";
import { isWithinAny } from "./shapes.ts";
import { cite, sayTold } from "./words.ts";

export function credentialLines({ credentials }: Lesson, background: Background): string[] {
  if (credentials.length === 0) return [];
  const known = credentials.flatMap((use) => {
    const entry = background.credential(use.id);
    return entry === undefined ? [] : [{ use, entry }];
  });
  const unknown = credentials.filter(({ id }) => background.credential(id) === undefined);
  return [
    "# Credentials that were put in while this was seen; the tool held placeholders. Each line lends a key of yours: is it",
    "# meant to be lent there?",
    ...(known.length === 0 ? [] : ["credentials:", ...known.flatMap(({ use, entry }) => declared(use, entry))]),
    ...unknown.map(({ id, told }) => `# ${cite(id)}: nobody declares it any more, so it is not here; ${sayTold(told)}`),
    "",
  ];
}

function declared({ id, told, places }: CredentialUse, entry: CredentialEntry): string[] {
  const { to } = entry;
  const paths = to === undefined ? undefined : narrower(places.get(to.host), to.paths);
  const narrowed = to === undefined || paths === undefined ? {} : { to: { ...to, paths } };
  const text = stringify({ [id]: { ...entry, ...narrowed } }, { lineWidth: 0, aliasDuplicateObjects: false });
  return [`# ${sayTold(told)}`, ...text.trimEnd().split("\n")].map((line) => `  ${line}`);
}

/** Where it was put in, as long as that leads nowhere the declaration does not. A registry's next package has another path. */
function narrower(seen: readonly string[] | undefined, declared: readonly string[] | undefined) {
  if (seen === undefined || seen.includes("")) return declared;
  return declared === undefined || seen.every((one) => isWithinAny(one, declared)) ? seen : declared;
}

/** As the profile declares it, where nobody did. */
export function profileCredential(tool: string, id: string): CredentialEntry | undefined {
  const found = profileNamed(tool)?.credentials.find((one) => one.id === id);
  if (found === undefined) return undefined;
  const { variable, host, header, paths } = found;
  return {
    from: { env: variable },
    to: { host, header, ...(paths === undefined ? {} : { paths: [...paths] }) },
    as: variable,
  };
}
