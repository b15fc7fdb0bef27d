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
  return {
    push: (item) => {
      if (current !== undefined) current(item);
      else if (waiting.length >= bound) return false;
      else waiting.push(item);
      return true;
    },
    listen: (listener) => {
      current = listener;
      while (current !== undefined && waiting.length > 0) {
        const item = waiting.shift();
        if (item !== undefined) current(item);
      }
    },
  };
}
