import { isNumericArray } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { isPlainObject } from "../../_internal/containers.ts";
import { Variable } from "../../variable/mod.ts";

/** Numbers for what is told apart by identity. */
const identities = new WeakMap<WeakKey, number>();
let nextIdentity = 0;

function identityOf(value: WeakKey): string {
  let identity = identities.get(value);
  if (identity === undefined) identities.set(value, identity = nextIdentity++);
  return `#${identity}`;
}

/**
 * A text that is equal for static values for which a function does the same: numbers, texts and the like by value,
 * arrays and plain objects by what they hold, functions, symbols and other objects by identity and what they hold,
 * so that a changed one is another.
 */
export function staticKey(value: unknown): string {
  return keyOf(value, new Set());
}

function keyOf(value: unknown, open: Set<object>): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Object.is(value, -0) ? "-0" : `${value}`;
    case "bigint":
      return `${value}n`;
    case "symbol":
      return symbolKey(value);
    case "function":
      return identityOf(value);
    case "object":
      return value === null ? "null" : objectKey(value, open);
    default:
      return `${value}`;
  }
}

function symbolKey(value: symbol): string {
  const registered = Symbol.keyFor(value);
  return registered === undefined ? `symbol${identityOf(value)}` : `symbol ${JSON.stringify(registered)}`;
}

function objectKey(value: object, open: Set<object>): string {
  // A Variable's value never changes but by assign(), and a trainable one is read anew.
  if (value instanceof Variable || value instanceof NdArray) return identityOf(value);
  if (isNumericArray(value)) return `${value.constructor.name}[${Array.from(value, String).join()}]`;
  if (open.has(value)) return identityOf(value);
  open.add(value);
  const entry = (x: unknown): string => keyOf(x, open);
  const named = Object.keys(value).map((name) =>
    `${JSON.stringify(name)}:${entry((value as Record<string, unknown>)[name])}`
  );
  const isPlain = Array.isArray(value) || isPlainObject(value);
  const items = value instanceof Map
    ? [...value].map(([k, v]) => `${entry(k)}=>${entry(v)}`)
    : value instanceof Set
    ? [...value].map(entry)
    : value instanceof Date
    ? [entry(value.getTime())]
    : [];
  open.delete(value);
  const kind = isPlain ? Array.isArray(value) ? "array" : "" : identityOf(value);
  return `${kind}{${[...items, ...named].join()}}`;
}
