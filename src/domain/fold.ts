// Names of files as some file system takes them for the same: folded by case, composition and characters that are ignored.
// Enters: a name, *attacker-controlled*. For comparing, never for opening.

/** Characters HFS+ leaves out of comparisons (the list git's own `is_hfs_dotgit` uses, utf8.c). */
const ignorable = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** The form in which names are compared: what some file system takes for the same name gives the same text. */
export function fold(name: string): string {
  if (!/[^ -~]/.test(name)) return name.toLowerCase();
  return name.replace(ignorable, "").normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}
