import type { DType } from "../../../array/dtype.ts";
import type { Shape } from "../../../array/shape.ts";
import type { Draft, DraftAttributes } from "../draft.ts";
import { codeOf, type ElementType } from "../element_types.ts";

/** What a writer sees of the row that it writes, and what it writes with. */
export class Writing<B> {
  readonly draft: Draft;
  /** The names of the operands; those that have a say in the dtype of the result have that dtype. */
  readonly inputs: readonly string[];
  readonly attributes: B;
  /** The shapes of the operands. */
  readonly shapes: readonly Shape[];
  /** The dtypes of the operands. */
  readonly dtypes: readonly DType[];
  /** The shape of the result. */
  readonly shape: Shape;
  /** The dtype of the result. */
  readonly dtype: DType;

  constructor(
    draft: Draft,
    row: Pick<
      Writing<B>,
      "inputs" | "attributes" | "shapes" | "dtypes" | "shape" | "dtype"
    >,
  ) {
    this.draft = draft;
    this.inputs = row.inputs;
    this.attributes = row.attributes;
    this.shapes = row.shapes;
    this.dtypes = row.dtypes;
    this.shape = row.shape;
    this.dtype = row.dtype;
  }

  /** The first operand. */
  get x(): string {
    return this.inputs[0]!;
  }

  /** The second operand. */
  get y(): string {
    return this.inputs[1]!;
  }

  /** Writes a node. */
  emit(operator: string, inputs: readonly string[], attributes?: DraftAttributes): string {
    return this.draft.emit(operator, inputs, attributes);
  }

  /** A number in the dtype of the result. */
  number(value: number, dtype: DType = this.dtype): string {
    return this.draft.constant(dtype, [], [value]);
  }

  /** Integers in a row, as operators take shapes and axes. */
  integers(values: readonly number[]): string {
    return this.draft.constant("int64", [values.length], values);
  }

  /** An integer. */
  integer(value: number): string {
    return this.draft.constant("int64", [], [value]);
  }

  /** The same values in another element type. */
  cast(x: string, type: ElementType): string {
    return this.emit("Cast", [x], { to: codeOf(type) });
  }

  /** An operand as indices. */
  indices(k: number): string {
    return this.cast(this.inputs[k]!, "int64");
  }

  /** The same elements under another shape. */
  reshape(x: string, shape: Shape): string {
    return this.emit("Reshape", [x, this.integers(shape)], shape.includes(0) ? { allowzero: 1 } : {});
  }

  /** The axes in another order. */
  transpose(x: string, axes: readonly number[]): string {
    return this.emit("Transpose", [x], { perm: axes });
  }

  /** Zeros. */
  zeros(shape: Shape): string {
    return this.expand(this.number(0), shape);
  }

  /** A value repeated to a larger shape. */
  expand(x: string, shape: Shape): string {
    // ONNX Runtime takes an axis of length 0 for one of length 1 here.
    if (shape.includes(0)) return this.draft.constant(this.dtype, shape, []);
    return this.emit("Expand", [x, this.integers(shape)]);
  }

  /** A reduction along axes, of which there may be none. */
  reduce(operator: string, x: string, axes: readonly number[], keepDims: boolean): string {
    if (axes.length === 0) return x;
    return this.emit(operator, [x, this.integers(axes)], { keepdims: keepDims ? 1 : 0 });
  }

  /** 1 where a comparison holds, else 0. */
  truth(condition: string): string {
    const numbers = this.cast(condition, this.dtype);
    this.draft.truths.set(numbers, condition);
    return numbers;
  }

  /** Whether elements are not 0. */
  condition(x: string, dtype: DType = this.dtype): string {
    const known = this.draft.truths.get(x);
    return known ?? this.emit("Not", [this.emit("Equal", [x, this.number(0, dtype)])]);
  }
}

/** Writes a row as nodes, and gives the name of the result. */
export type Writer<B> = (writing: Writing<B>) => string;

/** Says why a primitive can't be written. */
export interface Refusal {
  readonly refused: string;
}
