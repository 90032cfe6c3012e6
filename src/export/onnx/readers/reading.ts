import { describeValue } from "../../../_internal/format.ts";
import { message } from "../../../_internal/message.ts";
import { type Shape, sizeOf } from "../../../array/shape.ts";
import { constant, type Variable } from "../../../variable/mod.ts";
import type { FileNode } from "../decode.ts";
import { dtypeFor, type ElementType, isFloat } from "../element_types.ts";
import type { ReadTensor } from "../read_tensor.ts";

/** A value of a running file: integers and truth values are held in float64. */
export interface OnnxValue {
  readonly x: Variable;
  readonly type: ElementType;
}

/** Larger arrays than this are not made from numbers that a file states. */
const MOST_ELEMENTS = 2 ** 28;

/** What a reader sees of the node that it runs. */
export class Reading {
  readonly node: FileNode;
  /** The version of the operators. */
  readonly opset: number;
  readonly #inputs: readonly (OnnxValue | undefined)[];

  constructor(node: FileNode, opset: number, inputs: readonly (OnnxValue | undefined)[]) {
    this.node = node;
    this.opset = opset;
    this.#inputs = inputs;
  }

  /** How many inputs there are, those that are left out included. */
  get count(): number {
    return this.#inputs.length;
  }

  /** Whether an input is there. */
  has(k: number): boolean {
    return this.#inputs[k] !== undefined;
  }

  /** An input. */
  value(k: number): OnnxValue {
    const value = this.#inputs[k];
    if (value !== undefined) return value;
    throw new TypeError(message`Cannot run ${this.node.operator} of an ONNX file: its input ${k} is missing`);
  }

  /** An input as a Variable. */
  variable(k: number): Variable {
    return this.value(k).x;
  }

  /** The first input. */
  get x(): Variable {
    return this.variable(0);
  }

  /** The second input. */
  get y(): Variable {
    return this.variable(1);
  }

  /** All inputs that are there. */
  get all(): Variable[] {
    return this.#inputs.flatMap((value) => value?.x ?? []);
  }

  /** The element type of an input. */
  type(k: number): ElementType {
    return this.value(k).type;
  }

  /** Whether an input holds floating-point numbers. */
  isFloat(k: number): boolean {
    return isFloat(this.type(k));
  }

  /** The elements of an input, which may not depend on what the model is applied to. */
  numbers(k: number): number[] {
    return Array.from(this.variable(k).data);
  }

  /** The same, or those of an attribute, where older versions of the operator have it; undefined if it is left out. */
  numbersOr(k: number, attribute: string): readonly number[] | undefined {
    return this.has(k) ? this.numbers(k) : this.integers(attribute);
  }

  /** A number that an attribute states. */
  number(name: string, otherwise: number): number {
    return this.#attribute(name, (value) => typeof value === "number") as number ?? otherwise;
  }

  /** Whether an attribute is not 0. */
  flag(name: string, otherwise = false): boolean {
    return this.number(name, otherwise ? 1 : 0) !== 0;
  }

  /** A text that an attribute states. */
  text(name: string, otherwise: string): string {
    return this.#attribute(name, (value) => typeof value === "string") as string ?? otherwise;
  }

  /** Integers that an attribute states. */
  integers(name: string): readonly number[] | undefined {
    return this.#attribute(name, (value) => Array.isArray(value)) as readonly number[] | undefined;
  }

  /** A tensor that an attribute states. */
  tensor(name: string): ReadTensor | undefined {
    return this.#attribute(name, (value) => typeof value === "object" && "array" in (value as object)) as
      | ReadTensor
      | undefined;
  }

  #attribute(name: string, fits: (value: unknown) => boolean): unknown {
    const value = this.node.attributes.get(name);
    if (value === undefined || fits(value)) return value;
    throw new TypeError(
      message`Cannot run ${this.node.operator} of an ONNX file: the attribute ${name} is ${
        describeValue(value)
      }`,
    );
  }

  /** An axis that an attribute states, counted from the first. */
  axis(otherwise: number, rank: number = this.x.rank): number {
    return this.countedAxis(this.number("axis", otherwise), rank);
  }

  /** An axis, counted from the first. */
  countedAxis(axis: number, rank: number = this.x.rank): number {
    const counted = axis < 0 ? axis + rank : axis;
    if (counted >= 0 && counted < rank) return counted;
    throw new RangeError(
      message`Cannot run ${this.node.operator} of an ONNX file: there is no axis ${axis} in ${rank} axes`,
    );
  }

  /** A result of the same element type as an input. */
  like(x: Variable, k = 0): OnnxValue {
    return { x, type: this.type(k) };
  }

  /** Elements that the file states, as a result. */
  constant({ array, type }: ReadTensor): OnnxValue {
    return { x: constant(array), type };
  }

  /** Checks a shape that the file states before an array of it is made. */
  checkedShape(shape: Shape): Shape {
    if (shape.every((n) => Number.isSafeInteger(n) && n >= 0) && sizeOf(shape) <= MOST_ELEMENTS) return shape;
    throw new RangeError(
      message`Cannot run ${this.node.operator} of an ONNX file: an array of shape ${shape} is too large`,
    );
  }

  /** The error for what an operator can do, but not here. */
  unsupported(what: string): TypeError {
    return new TypeError(message`Cannot run ${this.node.operator} of an ONNX file: ${what} is not supported`);
  }
}

/** Runs a node: gives its result, or all results. */
export type Reader = (reading: Reading) => OnnxValue | readonly (OnnxValue | undefined)[];

/** Elements in another type, as the operator Cast converts them. */
export function convert({ x, type }: OnnxValue, to: ElementType): OnnxValue {
  const dtype = dtypeFor(to);
  const cast = (y: Variable): Variable => y.dtype === dtype ? y : y.cast(dtype);
  if (to === "bool") return { x: type === "bool" ? x : cast(x.ne(0)), type: to };
  if (!isFloat(to) && isFloat(type)) return { x: cast(x.trunc()), type: to };
  return { x: cast(x), type: to };
}
