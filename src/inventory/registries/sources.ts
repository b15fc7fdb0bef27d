// A credential that a client's configuration had → the files it stood in. One that stands in none as we know its forms, nor in a
// variable, could be in any of them.

import type { Held } from "./found.ts";
import type { Surroundings } from "./settings.ts";

/** `noted`: path → text of what was read. */
export function sourcesOf(
  { secret, user }: Pick<Held, "secret" | "user">,
  noted: ReadonlyMap<string, string>,
  variables: Surroundings["variables"],
): string[] {
  const value = secret.reveal();
  const forms = [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString("base64"),
    Buffer.from(`${user ?? ""}:${value}`).toString("base64"),
  ];
  const holds = (text: string | undefined): boolean => forms.some((form) => text?.includes(form) === true);
  const files = [...noted].flatMap(([path, text]) => (holds(text) ? [path] : []));
  return files.length > 0 || Object.values(variables).some(holds) ? files : [...noted.keys()];
}
