import { message } from "../../_internal/message.ts";
import type { DType } from "../../array/dtype.ts";
import { type Graph, interpret, type Node } from "../../compiler/mod.ts";
import { makeOps, type Operation, type Ops } from "../../primitives/mod.ts";
import type { Body, Tensor } from "./body.ts";
import { ELEMENT_TYPES } from "./types.ts";
import { writerOf } from "./writers/mod.ts";
import type { ProductPrecision } from "./writers/writing.ts";

/** Writes rows into a body: nodes of a graph, and those that a row consists of. */
export class RowWriter {
  readonly #body: Body;
  readonly #precision: ProductPrecision;
  readonly #algebras: { [D in DType]?: Ops<Tensor> } = {};
  /** The number of the row that is being written. */
  #row = 0;

  /** Writes into a body. */
  constructor(body: Body, precision: ProductPrecision) {
    this.#body = body;
    this.#precision = precision;
  }

  /**
   * Writes a graph, and gives its results.
   *
   * @throws {TypeError} If a row can't be written
   */
  writeGraph(graph: Graph, inputs: readonly Tensor[]): Tensor[] {
    const body = this.#body;
    const write = (node: Node, operands: readonly Tensor[]): Tensor => {
      this.#row++;
      return this.#write(node.operation!, operands, node.attributes, node.dtype);
    };
    return interpret<Tensor>(
      graph,
      inputs,
      ({ value, shape, dtype }) =>
        typeof value === "number" ? body.constant(value, shape, ELEMENT_TYPES[dtype]) : body.array(value!),
      write,
    );
  }

  #write(operation: Operation, operands: readonly Tensor[], attributes: unknown, dtype: DType): Tensor {
    const { primitive, name } = operation;
    const body = this.#body;
    const type = ELEMENT_TYPES[dtype];
    // Operations of StableHLO take operands of one type, and give that type.
    const isUniform = primitive.dtype === undefined;
    const inputs = operands.map((x, k) =>
      isUniform && !(primitive.untyped?.includes(k) ?? false) ? body.convert(x, type) : x
    );
    const shape = operation.shape(operands.map((o) => o.shape), attributes);
    const writer = writerOf(operation);
    const found = typeof writer === "function"
      ? writer({
        body,
        inputs,
        attributes,
        shape,
        dtype,
        type,
        ops: this.#algebraOf(dtype),
        wideOps: this.#algebraOf("float64"),
        precision: this.#precision,
        writeGraph: (graph, given) => this.writeGraph(graph, given),
      })
      : writer;
    if ("refused" in found) {
      throw new TypeError(
        message`Cannot export ${name} (row ${this.#row}, of ${
          operands.map((o) => o.shape)
        }) to StableHLO: ${found.refused}`,
      );
    }
    return found;
  }

  #algebraOf(dtype: DType): Ops<Tensor> {
    return this.#algebras[dtype] ??= makeOps<Tensor>(
      (operation, inputs, attributes) =>
        this.#write(
          operation,
          inputs.map((x) => typeof x === "number" ? this.#body.constant(x, [], ELEMENT_TYPES[dtype]) : x),
          attributes,
          operation.primitive.dtype?.(attributes) ?? dtype,
        ),
      (x) => typeof x === "number" ? [] : x.shape,
    );
  }
}
