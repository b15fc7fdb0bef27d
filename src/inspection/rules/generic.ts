// The rules that know a secret by its name or place alone: what then looks enough like one. Wrong more often than any other,
// so its hits are `generic`: worth a question, never a refusal by themselves.

/** Random strings mix digits into letters and are no words, paths, names of things, hashes of packages or code. */
export function isAssignedSecret(secret: string): boolean {
  if (!/[0-9]/.test(secret) || !/[A-Za-z]/.test(secret)) return false;
  // an expression, a path, a version, a template, a function's argument
  if (/^[.@#%^&*!/]|\.\.|=>|==.|\/\/|^(?:sha\d{1,3}|md5)[-:=]/.test(secret)) return false;
  if (/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(secret)) return false;
  if (/^[A-Za-z_]{3,}(?:[.][A-Za-z_]\w*)+$/.test(secret)) return false;
  // letters of both cases change often where they are random; a name of something has few parts, a reference has words
  const mixed = /[a-z]/.test(secret) && /[A-Z]/.test(secret);
  const parted = /[^0-9A-Za-z]/.test(secret);
  return (
    changes(secret) >= secret.length / (mixed ? 2.8 : 4) && words(secret, mixed) < secret.length / (parted ? 3 : 2)
  );
}

/** How often the kind of character changes: rare in words and numbers, usual in random text. */
function changes(secret: string): number {
  let count = 0;
  let last = "";
  for (const letter of secret) {
    const kind = /[a-z]/.test(letter) ? "a" : /[A-Z]/.test(letter) ? "A" : /[0-9]/.test(letter) ? "0" : "-";
    if (kind !== last) count += 1;
    last = kind;
  }
  return count;
}

/** Letters that stand in runs with vowels as words have them; where there is one case alone, chance makes longer runs. */
function words(secret: string, mixed: boolean): number {
  const runs = secret.match(mixed ? /[A-Z]?[a-z]{4,}|[A-Z]{5,}/g : /[a-z]{6,}|[A-Z]{6,}/g) ?? [];
  return runs.filter((run) => /[aeiouy]/i.test(run)).join("").length;
}

const stand =
  /^(?:[a-z]*pass(?:word|wd|phrase)?|pwd|pw|secret|user(?:name)?|root|admin|postgres|mysql|mongo|redis|guest|test(?:ing)?|token|key|foo|bar|baz|host(?:name)?|localhost|hunter2|letmein|qwerty|string|value|db_?pass(?:word)?|credentials?|p[a@]ssw[o0]rd)[0-9!._-]{0,4}$/i;

/** A password somebody chose, and not the word for one. */
export function isPassword(secret: string): boolean {
  return !stand.test(secret) && !/^(?:[[({:]|%s|#\{)/.test(secret);
}
