import { describeValue } from "../../_internal/format.ts";
import { isNode, isPlainObject } from "../../_internal/containers.ts";
import { message } from "../../_internal/message.ts";
import { originOf, registryOf } from "./registry.ts";

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A layer or model as JSON: made from it again, it computes the same. */
export type LayerDescription = {
  /** The name under which its kind is registered. */
  readonly kind: string;
  /** What it was made with. */
  readonly options: { readonly [name: string]: Json };
  /** False if it is frozen. */
  readonly trainable?: boolean;
} & { readonly [key: string]: Json | undefined };

/** What can stand in options beside JSON: it describes itself. */
interface Describable {
  toJSON(): LayerDescription;
}

/** Keys of objects that stand for something else. */
const LAYER = "$layer";
const MADE = "$made";
const NUMBER = "$number";

/**
 * Options as JSON: layers in them as descriptions, and what was made by name (activations, initializers, losses) by
 * name and options.
 *
 * @param path Where they stand, for messages
 * @param above What they are part of
 * @throws {TypeError} If something can't be written: a function or object that has no name, or what contains itself
 */
export function describeOptions(
  options: Readonly<Record<string, unknown>>,
  path: string,
  above: readonly unknown[] = [],
): { readonly [name: string]: Json } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, toJson(value, `${path}.${name}`, above)]));
}

/** A value of options as JSON. */
export function toJson(value: unknown, path: string, above: readonly unknown[] = []): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : { [NUMBER]: String(value) };
  const origin = originOf(value);
  if (isDescribable(value)) return { [LAYER]: value.toJSON() as Json };
  if (origin !== undefined) {
    return { [MADE]: origin.what, kind: origin.kind, options: describeOptions(origin.options, path) };
  }
  if (above.includes(value)) throw containsItself("describe", path);
  const parts = [...above, value];
  if (Array.isArray(value)) return value.map((entry, i) => toJson(entry, `${path}[${i}]`, parts));
  if (isPlainObject(value)) {
    const reserved = Object.keys(value).find((key) => key.startsWith("$") || key === "__proto__");
    if (reserved === undefined) return describeOptions(value, path, parts);
    throw new TypeError(
      message`Cannot describe ${path}: it has the key ${reserved}, which stands for something else`,
    );
  }
  throw new TypeError(
    message`Cannot describe ${path}: it is ${
      describeValue(value)
    }, which has no name; use JSON, or give it one by
    defineLayer(), defineActivation(), defineLoss() and the like`,
  );
}

function containsItself(action: string, path: string): TypeError {
  return new TypeError(message`Cannot ${action} ${path}: it contains itself, use values that end`);
}

function isDescribable(value: unknown): value is Describable {
  return typeof value === "object" && value !== null && "kind" in value && "call" in value &&
    typeof (value as { toJSON?: unknown }).toJSON === "function";
}

/**
 * Options back from JSON.
 *
 * @param readLayer Makes a layer of its description
 * @param above What it is part of
 * @throws {TypeError} If something is malformed, or contains itself
 * @throws {RangeError} If a name is unknown
 */
export function fromJson(
  json: unknown,
  readLayer: (description: unknown, path: string) => unknown,
  path: string,
  above: readonly unknown[] = [],
): unknown {
  if (isNode(json) && above.includes(json)) throw containsItself("read", path);
  const parts = [...above, json];
  if (Array.isArray(json)) return json.map((entry, i) => fromJson(entry, readLayer, `${path}[${i}]`, parts));
  if (!isPlainObject(json)) return json;
  if (Object.hasOwn(json, LAYER)) return readLayer(json[LAYER], path);
  if (Object.hasOwn(json, NUMBER)) return Number(json[NUMBER]);
  if (!Object.hasOwn(json, MADE)) return optionsFromJson(json, readLayer, path, parts);
  const { [MADE]: what, kind, options } = json;
  if (typeof what !== "string" || typeof kind !== "string" || !isPlainObject(options)) {
    throw new TypeError(message`Cannot read ${path}: expected { ${MADE}, kind, options }`);
  }
  return registryOf(what).make(kind, optionsFromJson(options, readLayer, `${path}.options`, parts));
}

/** An object of options back from JSON. */
export function optionsFromJson(
  options: Readonly<Record<string, unknown>>,
  readLayer: (description: unknown, path: string) => unknown,
  path: string,
  above: readonly unknown[] = [],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([name]) => name !== "__proto__")
      .map(([name, value]) => [name, fromJson(value, readLayer, `${path}.${name}`, above)]),
  );
}
