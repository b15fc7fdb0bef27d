// The words with which git starts whoever signs for it (git's gpg-interface.c) → is it a signature for git that is asked for. Pure.
// *Attacker-controlled*. The key they name, and files, are inside: what signs is the policy's key, whatever stands here.

import type { SigningFormat } from "../../domain/git-desk.ts";

/** By format: what they begin with, and how many there are at most. */
const forms: Readonly<Record<SigningFormat, { readonly begin: readonly string[]; readonly most: number }>> = {
  // ssh-keygen(1): -Y sign -n git -f KEY [-U] FILE
  ssh: { begin: ["-Y", "sign", "-n", "git", "-f"], most: 8 },
  // gpg(1), gpgsm(1): --status-fd=2 -bsau KEY
  openpgp: { begin: ["--status-fd=2", "-bsau"], most: 3 },
  x509: { begin: ["--status-fd=2", "-bsau"], most: 3 },
};

export function isSignatureForGit(format: SigningFormat, words: readonly string[]): boolean {
  const { begin, most } = forms[format];
  return words.length > begin.length && words.length <= most && begin.every((word, at) => words[at] === word);
}
