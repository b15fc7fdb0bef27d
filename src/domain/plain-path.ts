// A path of a request (attacker-controlled) as the most forgiving server would read it: what is told by its path alone must
// be told however it is spelled. For comparing, never for sending.

/** Escapes undone three times, lower case, no parameters, no empty and no `.` segments, no slash at the end. */
export function plainly(path: string): string {
  let plain = path;
  for (let layer = 0; layer < 3; layer += 1)
    plain = plain.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain
    .toLowerCase()
    .replaceAll("\\", "/")
    .replace(/;[^/]*/g, "")
    .replace(/[^\u0021-\u007e]+/g, "")
    .replace(/\/(?:\.?\/)+/g, "/")
    .replace(/(?<=.)\/\.?$/, "");
}
