import { isNode, isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { type DType, dtypeOf, isNumericArray } from "../../array/dtype.ts";
import { arrayFrom, NdArray } from "../../array/nd_array.ts";
import { SCALAR, type Shape } from "../../array/shape.ts";
import type { Value } from "../../array/value.ts";
import { isLeaf, leafTestOf } from "../core/arguments.ts";
import { Variable } from "../../variable/mod.ts";
import { plainValue } from "../../variable/rows.ts";

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

/** A leaf of the arguments that goes into the program. */
export interface DynamicLeaf {
  readonly value: Value;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Whether it takes the dtype of what it is combined with, as plain numbers do. */
  readonly takesOtherDtype: boolean;
  /** The Variable that it was passed as, if it was. */
  readonly variable: Variable | null;
}

/** The arguments of a call, taken apart. */
export interface Call {
  /** Equal for calls that the same program serves. */
  readonly key: string;
  readonly leaves: readonly DynamicLeaf[];
  /** Which argument each leaf is a part of. */
  readonly argumentOf: readonly number[];
  /** The form that results take. */
  readonly resultForm: "variable" | "typed" | "array" | "nested";
}

/** Takes the arguments of a call apart. */
export function readCall(args: readonly unknown[], statics: ReadonlySet<number>): Call {
  const reader = new CallReader();
  args.forEach((arg, i) => {
    if (statics.has(i)) reader.addStatic(arg);
    else reader.visit(arg, i);
    reader.endArgument(i);
  });
  return reader.call();
}

class CallReader {
  readonly #leaves: DynamicLeaf[] = [];
  readonly #argumentOf: number[] = [];
  /** The trees that are being walked, one inside the other. */
  readonly #open: object[] = [];
  #key = "";
  #hasVariable = false;
  #hasTyped = false;
  #hasArray = false;

  addStatic(value: unknown): void {
    this.#key += `${staticKey(value)},`;
  }

  endArgument(i: number): void {
    while (this.#argumentOf.length < this.#leaves.length) this.#argumentOf.push(i);
    this.#key += ";";
  }

  visit(value: unknown, argument: number): void {
    if (typeof value === "number") this.#add(value, SCALAR, "float64", true, null);
    else if (value instanceof Variable) {
      this.#hasVariable = true;
      const isWeak = value.state?.takesOtherDtype === true;
      this.#add(plainValue(value), value.shape, value.dtype, isWeak, value);
    } else if (value instanceof NdArray) {
      this.#hasArray = true;
      this.#addArray(value, false);
    } else if (isNumericArray(value)) {
      this.#hasTyped = true;
      const plain = value instanceof Float64Array || value instanceof Float32Array;
      this.#addArray(plain ? new NdArray(value) : arrayFrom(value, dtypeOf(value)), false);
    } else if (isNode(value)) this.#visitNode(value, argument);
    else if (typeof value === "object" && value !== null) throw unknownObject(value, argument);
    else this.addStatic(value);
  }

  #visitNode(value: object, argument: number): void {
    if (isLeaf(value) || (this.#open.length === 0 && leafTestOf(value)(value))) {
      this.#addArray(arrayFrom(value as number[]), true);
      return;
    }
    if (this.#open.includes(value)) {
      throw new TypeError(
        message`Cannot compile: argument ${argument} contains itself; pass a tree without cycles`,
      );
    }
    this.#open.push(value);
    if (Array.isArray(value)) {
      this.#key += "(";
      for (const entry of value) this.visit(entry, argument);
      this.#key += ")";
    } else {
      this.#key += "{";
      for (const name of Object.keys(value)) {
        this.#key += `${JSON.stringify(name)}:`;
        this.visit((value as Record<string, unknown>)[name], argument);
      }
      this.#key += "}";
    }
    this.#open.pop();
  }

  #addArray(array: NdArray, isWeak: boolean): void {
    this.#add(array, array.shape, array.dtype, isWeak, null);
  }

  #add(value: Value, shape: Shape, dtype: DType, isWeak: boolean, variable: Variable | null): void {
    const plain = typeof value !== "number" && shape.length === 0 ? value.data[0]! : value;
    this.#leaves.push({ value: plain, shape, dtype, takesOtherDtype: isWeak, variable });
    this.#key += `${isWeak ? "n" : dtype === "float64" ? "d" : "f"}${shape.join("x")},`;
  }

  call(): Call {
    const isPlain = !this.#hasVariable && this.#leaves.length > 0;
    const resultForm = !isPlain ? "variable" : this.#hasTyped ? "typed" : this.#hasArray ? "array" : "nested";
    return { key: this.#key, leaves: this.#leaves, argumentOf: this.#argumentOf, resultForm };
  }
}

function unknownObject(value: object, argument: number): TypeError {
  return new TypeError(
    message`Cannot compile with ${
      describeValue(value)
    } in argument ${argument}: the Variables in it would be fixed when
    the function is recorded; pass them in arrays or plain objects, or name the argument in staticArgnums`,
  );
}
