// The C library of this process, through koffi, loaded when the helper has nothing else to do (10 ms).

type Koffi = Awaited<typeof import("koffi")>["default"];

export interface Foreign {
  readonly koffi: Koffi;
  readonly libc: ReturnType<Koffi["load"]>;
}

export async function loadForeign(): Promise<Foreign> {
  const { default: koffi } = await import("koffi");
  return { koffi, libc: koffi.load(null) };
}
