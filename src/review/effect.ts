// What a person says yes to: exactly this command, of exactly this program, in exactly this directory; or exactly this push.
// What a command does beyond that — files it reads, its environment, who answers it — is not part of it. Everything here is
// attacker-controlled.

import type { Digest } from "../domain/brand.ts";
import type { ExecutedFile, Execution } from "../domain/execution.ts";
import type { Push, PushPlace } from "../domain/push.ts";
import { canonicalJson, sha256 } from "../policy/canonical.ts";

export interface CommandEffect {
  readonly arguments: readonly string[];
  readonly directory: string;
  readonly executable: string;
  readonly sha256: Digest;
  readonly interpreters: readonly ExecutedFile[];
}

/** References of one repository, from where to where: the new object's name binds all that is pushed with it. */
export interface PushEffect extends PushPlace, Push {
  readonly kind: "push";
}

/** Large files, before anybody knows which: all that are sent until what the server lends for it ends. */
export interface UploadEffect extends PushPlace {
  readonly kind: "upload";
}

/** A commit or tag, whole. */
export interface SignatureEffect {
  readonly kind: "sign";
  readonly object: "commit" | "tag";
  readonly subject: string;
  readonly text: string;
}

export type Effect = CommandEffect | PushEffect | UploadEffect | SignatureEffect;

/** Why this cannot be shown and bound whole, or what can. */
export function effectOf(execution: Execution): CommandEffect | string {
  const { arguments: words, directory, executable, sha256: digest, interpreters, whole } = execution;
  if (!whole) return "its arguments are too long or no text, and cannot be shown whole";
  if (digest === undefined || interpreters.some((one) => one.sha256 === undefined))
    return "its program cannot be read, and an answer could not be bound to it";
  return { arguments: words, directory, executable, sha256: digest, interpreters: interpreters.map(programOf) };
}

const programOf = ({ executable, sha256: digest }: ExecutedFile): ExecutedFile => ({ executable, sha256: digest });

export function digestEffect(effect: Effect): Digest {
  return sha256(canonicalJson(effect));
}

/** In the words of a command line, for one line of speech; `postern pending` shows all of it. */
export function sayEffect(effect: Effect): readonly string[] {
  if (!("kind" in effect)) return effect.arguments;
  if (effect.kind === "sign") return ["sign", effect.object, effect.subject];
  if (effect.kind === "upload") return ["send", "large", "files", "to", placeOf(effect)];
  const { updates } = effect;
  const refs = updates.slice(0, 3).map(({ ref }) => ref);
  return [
    "push",
    placeOf(effect),
    ...refs,
    ...(updates.length > refs.length ? [`+${updates.length - refs.length}`] : []),
  ];
}

/** Where it goes, as git would be told. */
export function placeOf({ protocol, host, port, user, repository }: PushPlace): string {
  const usual = { https: 443, http: 80, ssh: 22 }[protocol] === port;
  const address = host.includes(":") ? `[${host}]` : host;
  const name = user === undefined ? address : `${user}@${address}`;
  return `${protocol}://${name}${usual ? "" : `:${port}`}${repository.startsWith("/") ? "" : "/"}${repository}`;
}
