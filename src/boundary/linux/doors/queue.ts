// Things that arrive before anybody listens: kept in order up to a bound, what is beyond it refused by the caller.

export interface Queue<Item> {
  /** False where it is full: the caller ends the item and counts it. */
  readonly push: (item: Item) => boolean;
  /** Sets the one listener, which gets what waited first; undefined makes it wait again. */
  readonly listen: (listener: ((item: Item) => void) | undefined) => void;
}

export function openQueue<Item>(bound: number): Queue<Item> {
  const waiting: Item[] = [];
  let current: ((item: Item) => void) | undefined;
  /** A listener may take itself away in the middle. */
  const deliver = (item: Item): void => {
    if (current !== undefined) current(item);
    else waiting.push(item);
  };
  return {
    push: (item) => {
      if (current === undefined && waiting.length >= bound) return false;
      deliver(item);
      return true;
    },
    listen: (listener) => {
      current = listener;
      for (const item of current === undefined ? [] : waiting.splice(0)) deliver(item);
    },
  };
}
