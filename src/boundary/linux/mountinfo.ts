// Text of /proc/<pid>/mountinfo in, the mounts it tells of out, in the kernel's order (proc(5)).

export interface Mounted {
  /** `254:0`. */
  readonly device: string;
  /** What of the file system is mounted there; escaped likewise. */
  readonly root: string;
  /** Escaped as the kernel writes it: a space is `\040`. */
  readonly point: string;
  /** Of this mount alone: `rw,nosuid,relatime`. */
  readonly options: readonly string[];
}

export function parseMounts(mountinfo: string): readonly Mounted[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [, , device = "", root = "", point, options] = line.split(" ");
    return point === undefined || options === undefined ? [] : [{ device, root, point, options: options.split(",") }];
  });
}

/** The mount in which a path lies; the later where one covers another. */
export function holderOf(path: string, mounts: readonly Mounted[]): Mounted | undefined {
  const holding = mounts.filter(({ point }) => path === point || path.startsWith(point === "/" ? "/" : `${point}/`));
  const depth = Math.max(...holding.map(({ point }) => point.length));
  return holding.findLast(({ point }) => point.length === depth);
}

/** Without the kernel's escapes: `\040`. */
export const plain = (path: string): string =>
  path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
