// A glob of the policy → a path it matches, so that there is a file of its kind to look for.

/** From the checkout's root. */
export function sampleOf(glob: string): string {
  const plain = glob.replace(/^\.?\/+/, "");
  const path = plain
    .split("/")
    .map((part) => part.replaceAll("**", "sample").replaceAll("*", "sample").replaceAll("?", "x"))
    .filter((part) => part !== "" && part !== ".." && part !== ".")
    .join("/");
  return path === "" ? "sample" : path;
}
