// Answers that are remembered, at most so many, those asked for last. Two generations: a Map whose first key is deleted again and again
// walks each time over all that was deleted before.

export interface Remembered<Value> {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
  readonly clear: () => void;
}

export function openRemembered<Value>(most: number): Remembered<Value> {
  let [young, old] = [new Map<string, Value>(), new Map<string, Value>()];
  const set = (key: string, value: Value): void => {
    young.set(key, value);
    if (young.size * 2 >= most) [young, old] = [new Map(), young];
  };
  return {
    set,
    get: (key) => {
      const known = young.get(key);
      if (known !== undefined) return known;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    clear: () => {
      [young, old] = [new Map(), new Map()];
    },
  };
}
