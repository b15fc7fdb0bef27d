// Values in a JSON object by the path of their names; objects in, objects out, nothing changed in place.

import type { Fields } from "../../protocol/oauth/fields.ts";
import { isFields } from "../../protocol/oauth/fields.ts";

export type Way = readonly string[];

export function memberAt(fields: Fields, way: Way): unknown {
  return way.reduce<unknown>(
    (value, name) => (isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    fields,
  );
}

/** The same object with this value there; what stands in the way and is no object is replaced. */
export function withMember(fields: Fields, [name = "", ...rest]: Way, value: unknown): Fields {
  const below = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return { ...fields, [name]: rest.length === 0 ? value : withMember(isFields(below) ? below : {}, rest, value) };
}
