/** A call like the one before it, which is known by the form of its arguments alone. */
import { isNode, isPlainObject } from "../../_internal/containers.ts";
import type { DType } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import type { Value } from "../../array/value.ts";
import { tape } from "../../tape/mod.ts";
import type { CompiledBranch } from "./branches.ts";
import type { Call } from "./call.ts";
import { isTracked, makePacker, type Packer } from "./results.ts";
import { isLeaf, leafTestOf } from "../core/arguments.ts";
import { Variable } from "../../variable/mod.ts";
import { plainValue } from "../../variable/rows.ts";

/** What an argument has to look like; null if it can't be told without reading all of it. */
export type ArgumentForm =
  | { readonly kind: "number" }
  | { readonly kind: "variable" | "array"; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "typed"; readonly dtype: DType; readonly size: number }
  | { readonly kind: "list"; readonly entries: readonly ArgumentForm[] }
  | { readonly kind: "object"; readonly names: readonly string[]; readonly entries: readonly ArgumentForm[] }
  | { readonly kind: "static"; readonly value: unknown }
  | { readonly kind: "unknown" };

/** Where the leaves of arguments are put while these are read. */
export interface LeafReader {
  /** Gets each leaf behind the others. */
  readonly values: Value[];
  /** Becomes true if derivatives by one may be wanted. */
  hasTracked: boolean;
}

/** The form of an argument. */
export function formOf(argument: unknown, isStatic: boolean): ArgumentForm {
  if (isStatic) return { kind: "static", value: argument };
  return isNode(argument) && leafTestOf(argument)(argument) ? { kind: "unknown" } : formOfPart(argument);
}

function formOfPart(value: unknown): ArgumentForm {
  if (typeof value === "number") return { kind: "number" };
  if (value instanceof Variable && value.state?.takesOtherDtype) return { kind: "unknown" };
  if (value instanceof Variable) return { kind: "variable", shape: value.shape, dtype: value.dtype };
  if (value instanceof NdArray) return { kind: "array", shape: value.shape, dtype: value.dtype };
  if (value instanceof Float64Array || value instanceof Float32Array) {
    return {
      kind: "typed",
      dtype: value instanceof Float64Array ? "float64" : "float32",
      size: value.length,
    };
  }
  if (Array.isArray(value) && !isLeaf(value)) {
    return { kind: "list", entries: value.map((entry) => formOfPart(entry)) };
  }
  if (isPlainObject(value)) {
    const names = Object.keys(value);
    return { kind: "object", names, entries: names.map((name) => formOfPart(value[name])) };
  }
  return isLeaf(value) ? { kind: "unknown" } : { kind: "static", value };
}

/** Whether a value has a form; its leaves are read meanwhile. */
export function readAs(form: ArgumentForm, value: unknown, reader: LeafReader): boolean {
  switch (form.kind) {
    case "number":
      return typeof value === "number" && reader.values.push(value) > 0;
    case "variable":
      return value instanceof Variable && value.dtype === form.dtype && isShape(value.shape, form.shape) &&
        readVariable(value, reader);
    case "array":
      return value instanceof NdArray && value.dtype === form.dtype && isShape(value.shape, form.shape) &&
        reader.values.push(value.shape.length === 0 ? value.data[0]! : value) > 0;
    case "typed":
      return (form.dtype === "float64" ? value instanceof Float64Array : value instanceof Float32Array) &&
        (value as Float64Array).length === form.size &&
        reader.values.push(new NdArray(value as Float64Array)) > 0;
    case "list":
      return Array.isArray(value) && value.length === form.entries.length &&
        form.entries.every((entry, i) => readAs(entry, value[i], reader));
    case "object":
      return isPlainObject(value) && readEntries(form, value, reader);
    case "static":
      return Object.is(value, form.value) && (typeof value !== "object" || value === null);
    case "unknown":
      return false;
  }
}

function readVariable(x: Variable, reader: LeafReader): boolean {
  // It takes the dtype of what it is combined with: another program.
  if (x.state?.takesOtherDtype) return false;
  reader.hasTracked ||= isTracked(x);
  return reader.values.push(plainValue(x)) > 0;
}

function readEntries(
  { names, entries }: Extract<ArgumentForm, { kind: "object" }>,
  value: Readonly<Record<string, unknown>>,
  reader: LeafReader,
): boolean {
  let i = 0;
  for (const name in value) {
    if (names[i] !== name || !readAs(entries[i]!, value[name], reader)) return false;
    i++;
  }
  return i === names.length;
}

function isShape(a: Shape, b: Shape): boolean {
  return a === b || sameShape(a, b);
}

/** The program of the last call and what calls it serves, if that can be told without taking the arguments apart. */
export class RepeatedCall {
  readonly #branch: CompiledBranch;
  readonly #forms: readonly ArgumentForm[];
  readonly #pack: Packer;
  /** Whether results are Variables, which derivatives may be wanted of. */
  readonly #givesVariables: boolean;

  /** Remembers a call that a program without branches has served. */
  constructor(
    branch: CompiledBranch,
    { resultForm }: Call,
    args: readonly unknown[],
    statics: ReadonlySet<number>,
  ) {
    this.#branch = branch;
    this.#forms = args.map((arg, i) => formOf(arg, statics.has(i)));
    this.#pack = makePacker(branch, resultForm);
    this.#givesVariables = resultForm === "variable";
  }

  /** What the program is to be run on for a call; undefined for one that is not like the one before. */
  read(args: readonly unknown[]): Value[] | undefined {
    const { program, captured } = this.#branch;
    const forms = this.#forms;
    if (program.isReleased || args.length !== forms.length) return undefined;
    const reader: LeafReader = { values: [], hasTracked: captured.length > 0 };
    for (let i = 0; i < forms.length; i++) if (!readAs(forms[i]!, args[i], reader)) return undefined;
    if (this.#givesVariables && reader.hasTracked && tape.recording) return undefined;
    for (const x of captured) reader.values.push(plainValue(x));
    return reader.values;
  }

  /** Runs the program. */
  run(inputs: readonly Value[]): unknown {
    return this.#pack(this.#branch.program.run(inputs), null);
  }
}
