import type { Shape } from "../../array/shape.ts";
import type { ElementType } from "./element_types.ts";

/** The attributes of an ONNX node: integers, lists of integers and texts. */
export type DraftAttributes = Readonly<Record<string, number | readonly number[] | string>>;

/** A node of a graph that is being written. */
export interface DraftNode {
  /** The operator of ONNX. */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: DraftAttributes;
  /** The operation that it was written for, for messages. */
  readonly source: string;
}

/** A constant of a graph that is being written. */
export interface DraftConstant {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
  /** The operation that it was written for, for messages. */
  readonly source: string;
}

/** A graph that is being written, one node after the other. Equal programs give the same names. */
export class Draft {
  readonly nodes: DraftNode[] = [];
  readonly constants: DraftConstant[] = [];
  /** The operation that is being written. */
  source = "";
  /** For 0 and 1 that were cast from truth values: these. */
  readonly truths: Map<string, string> = new Map();
  /** For values that were flattened: what they were made of. */
  readonly flattened: Map<string, string> = new Map();
  /** For positions of the largest elements: what they are positions in, and the elements themselves. */
  readonly pooled: Map<string, { readonly images: string; readonly largest: string }> = new Map();
  readonly #names: Set<string>;
  #count = 0;

  /** @param names Names that are taken: of inputs, parameters and outputs */
  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  /** Writes a node with one result. */
  emit(operator: string, inputs: readonly string[], attributes: DraftAttributes = {}): string {
    return this.emitAll(operator, inputs, attributes, 1)[0]!;
  }

  /** Writes a node with several results. */
  emitAll(operator: string, inputs: readonly string[], attributes: DraftAttributes, count: number): string[] {
    const outputs = Array.from({ length: count }, () => this.#name(operator));
    this.nodes.push({ operator, inputs, outputs, attributes, source: this.source });
    return outputs;
  }

  /** Writes a constant. */
  constant(type: ElementType, shape: Shape, data: ArrayLike<number>): string {
    const name = this.#name("Constant");
    this.constants.push({ name, type, shape, data, source: this.source });
    return name;
  }

  #name(operator: string): string {
    for (;;) {
      const name = `${operator}_${this.#count++}`;
      if (!this.#names.has(name)) return name;
    }
  }
}
