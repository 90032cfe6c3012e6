import { plainValue } from "../../variable/rows.ts";
import { type DType, dtypeOf, isNumericArray } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { arrayFrom, NdArray } from "../../array/nd_array.ts";
import { SCALAR, type Shape } from "../../array/shape.ts";
import { Variable } from "../../variable/mod.ts";
import { isNode } from "../../_internal/containers.ts";
import { isLeaf } from "../core/leaves.ts";

/** A leaf of the arguments that goes into the program. */
export interface DynamicLeaf {
  readonly value: Value;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The arguments of a call, taken apart. */
export interface Call {
  /** Equal for calls that the same program serves. */
  readonly key: string;
  readonly leaves: readonly DynamicLeaf[];
  /** Which argument each leaf is a part of. */
  readonly argumentOf: readonly number[];
  /** How results are handed back. */
  readonly form: "variable" | "typed" | "array" | "nested";
}

/** Numbers for objects and functions in static arguments, so that they can be part of a key. */
const identities = new WeakMap<object, number>();
let nextIdentity = 0;

function identityOf(value: object): number {
  let identity = identities.get(value);
  if (identity === undefined) identities.set(value, identity = nextIdentity++);
  return identity;
}

/** Takes the arguments of a call apart. */
export function readCall(args: readonly unknown[], statics: ReadonlySet<number>): Call {
  const leaves: DynamicLeaf[] = [];
  const argumentOf: number[] = [];
  let key = "";
  let hasVariable = false;
  let hasTyped = false;
  let hasArray = false;
  const visit = (value: unknown): void => {
    if (typeof value === "number") {
      leaves.push({ value, shape: SCALAR, dtype: "float64" });
      key += "n,";
    } else if (value instanceof Variable) {
      hasVariable = true;
      add(plainValue(value), value.shape, value.dtype);
    } else if (value instanceof NdArray) {
      hasArray = true;
      add(value, value.shape, value.dtype);
    } else if (isNumericArray(value)) {
      hasTyped = true;
      const plain = value instanceof Float64Array || value instanceof Float32Array;
      const array = plain ? new NdArray(value) : arrayFrom(value, dtypeOf(value));
      add(array, array.shape, array.dtype);
    } else if (Array.isArray(value)) {
      if (isLeaf(value)) {
        const array = arrayFrom(value);
        add(array, array.shape, "float64");
        return;
      }
      key += "(";
      for (const entry of value) visit(entry);
      key += ")";
    } else if (isNode(value)) {
      key += "{";
      for (const name in value) {
        key += `${name}:`;
        visit((value as Record<string, unknown>)[name]);
      }
      key += "}";
    } else key += staticKey(value);
  };
  const add = (value: Value, shape: Shape, dtype: DType): void => {
    leaves.push({ value, shape, dtype });
    key += `${dtype === "float64" ? "d" : "f"}${shape.join("x")},`;
  };
  for (let i = 0; i < args.length; i++) {
    if (statics.has(i)) key += staticKey(args[i]);
    else visit(args[i]);
    while (argumentOf.length < leaves.length) argumentOf.push(i);
    key += ";";
  }
  const form = hasVariable || leaves.length === 0
    ? "variable"
    : hasTyped
    ? "typed"
    : hasArray
    ? "array"
    : "nested";
  return { key, leaves, argumentOf, form };
}

function staticKey(value: unknown): string {
  if ((typeof value === "object" && value !== null) || typeof value === "function") {
    return `#${identityOf(value)},`;
  }
  return `${typeof value} ${JSON.stringify(value) ?? String(value)},`;
}
