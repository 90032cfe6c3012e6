import type { DType } from "../../../array/dtype.ts";
import type { Shape } from "../../../array/shape.ts";
import type { Graph } from "../../../compiler/mod.ts";
import type { Ops } from "../../../primitives/mod.ts";
import type { Body, Tensor } from "../body.ts";
import type { ElementType } from "../types.ts";

/** How products of matrices and convolutions are computed. */
export type ProductPrecision = "full" | "default" | "bfloat16";

/** What a writer sees of the row that it writes, and what it writes with. */
export interface Writing<B> {
  readonly body: Body;
  /** The operands; those that have a say in the dtype of the result have that type. */
  readonly inputs: readonly Tensor[];
  readonly attributes: B;
  /** The shape of the result. */
  readonly shape: Shape;
  readonly dtype: DType;
  /** The element type of the result. */
  readonly type: ElementType;
  /** The algebra of rows in the dtype of the result, to write what consists of others. */
  readonly ops: Ops<Tensor>;
  /** The algebra in float64. */
  readonly wideOps: Ops<Tensor>;
  readonly precision: ProductPrecision;
  /** Writes a graph of its own, such as the step of a loop, and gives its results. */
  writeGraph(graph: Graph, inputs: readonly Tensor[]): Tensor[];
}

/** Writes a row, and gives its value, or why it can't be written. */
export type Writer<B, R = Tensor | Refusal> = (writing: Writing<B>) => R;

/** Says why a row can't be written. */
export interface Refusal {
  readonly refused: string;
}

/** The first operand. */
export function first<B>({ inputs }: Writing<B>): Tensor {
  return inputs[0]!;
}

/** The second operand. */
export function second<B>({ inputs }: Writing<B>): Tensor {
  return inputs[1]!;
}
