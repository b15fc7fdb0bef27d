// What is to be tried, as whom: handed to the guest, and told back with each outcome.

export interface Order {
  readonly id: string;
  readonly target: "postern" | "none";
  readonly asRoot: boolean;
}

/** Of one process in the guest, which is one person. */
export interface Orders {
  readonly asRoot: boolean;
  readonly orders: readonly Order[];
}

export const columns = ["postern", "none", "postern as root"] as const;
export type Column = (typeof columns)[number];

export const columnOf = ({ target, asRoot }: Order): Column =>
  target === "postern" && asRoot ? "postern as root" : target;

/** A control that is root would say nothing more. */
export function ordersFor(ids: readonly string[], alsoRoot: boolean): readonly Order[] {
  const user = ids.flatMap((id): readonly Order[] => [
    { id, target: "postern", asRoot: false },
    { id, target: "none", asRoot: false },
  ]);
  return [...user, ...(alsoRoot ? ids.map((id): Order => ({ id, target: "postern", asRoot: true })) : [])];
}

export const sameOrder = (a: Order, b: Order): boolean =>
  a.id === b.id && a.target === b.target && a.asRoot === b.asRoot;

/** From the project's root: what is tried once, beside the battery. */
export const ownTests = ["test/kernel/own/cgroups.ts"] as const;
