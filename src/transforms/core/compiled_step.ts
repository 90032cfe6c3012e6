import { message } from "../../_internal/message.ts";
import type { Value } from "../../array/value.ts";
import { fullArray } from "../../array/nd_array.ts";
import {
  arrayBlas,
  type Blas,
  type CompiledGraph,
  compileGraph,
  type Graph,
  graphKey,
  type Node,
} from "../../compiler/mod.ts";
import type { Variable } from "../../variable/variable.ts";
import { ProgramCache, type Releasable } from "./program_cache.ts";
import { runGraph, traceGraph } from "./graphs.ts";
import { jvp, vjp } from "../directional.ts";

/** A graph compiled, and its derivatives by its first inputs; each is compiled when it is first needed. */
export class CompiledStep implements Releasable {
  readonly #graph: Graph;
  readonly #count: number;
  readonly #blas: Blas | null;
  #forward: CompiledGraph | undefined;
  #backward: CompiledGraph | undefined;
  #tangent: CompiledGraph | undefined;

  /** Takes the graph, how many of its inputs derivatives are by, and what computes large products. */
  constructor(graph: Graph, count: number, blas: Blas | null) {
    this.#blas = blas;
    this.#graph = graph;
    this.#count = count;
  }

  /** The results from the inputs. */
  get forward(): CompiledGraph {
    return this.#forward ??= compileGraph(this.#graph, { target: "wasm", blas: this.#blas });
  }

  /**
   * The cotangents of the inputs, from the inputs and the cotangents of the results.
   *
   * @param example Values of the inputs, to record with
   */
  backward(example: readonly Value[]): CompiledGraph {
    return this.#backward ??= this.#derive(example, this.#graph.outputs, (f, free, cotangents) => {
      const [, pullback] = vjp(f)(...free);
      return (pullback as unknown as (g: readonly Variable[]) => Variable[])(cotangents);
    });
  }

  /**
   * The tangents of the results, from the inputs and their tangents.
   *
   * @param example Values of the inputs, to record with
   */
  tangent(example: readonly Value[]): CompiledGraph {
    const moved = this.#graph.inputs.slice(0, this.#count);
    return this.#tangent ??= this.#derive(
      example,
      moved,
      (f, free, tangents) => jvp(f)(free, tangents)[1] as unknown as Variable[],
    );
  }

  /** Compiles what is recorded of the graph as a function of its first inputs, and of Variables like some nodes. */
  #derive(
    example: readonly Value[],
    like: readonly Node[],
    record: (
      f: (...x: Variable[]) => Variable[],
      free: readonly Variable[],
      others: readonly Variable[],
    ) => readonly Variable[],
  ): CompiledGraph {
    const { inputs } = this.#graph;
    const values = inputs.map(({ dtype }, i) => ({ value: example[i]!, dtype }));
    const zeros = like.map(({ shape, dtype }) => ({
      value: shape.length === 0 ? 0 : fullArray(shape, 0, dtype),
      dtype,
    }));
    const { graph, captured } = traceGraph([...values, ...zeros], { where: "a derivative" }, (all) => {
      const fixed = all.slice(this.#count, inputs.length);
      const f = (...x: Variable[]): Variable[] => runGraph(this.#graph, [...x, ...fixed]);
      return { outputs: record(f, all.slice(0, this.#count), all.slice(inputs.length)), result: null };
    });
    if (captured.length > 0) {
      throw new TypeError(
        message`Cannot differentiate a compiled program: it uses ${
          captured[0]!.toString()
        }, which belongs to something
        outside of it`,
      );
    }
    return compileGraph(graph, { target: "wasm", blas: this.#blas });
  }

  release(): void {
    for (const program of [this.#forward, this.#backward, this.#tangent]) program?.release();
    this.#forward = this.#backward = this.#tangent = undefined;
  }
}

/** The steps of all loops, by what they compute. */
const steps = new ProgramCache<CompiledStep>(64);
const keys = new WeakMap<Graph, string>();
let nextKey = 0;

/**
 * The compiled step of a graph; that of an equal graph if there is one. It may be released later on, so it is asked
 * for anew each time.
 *
 * @param blas What computes its large products, if not the kernels; by default what does outside of compiled functions
 */
export function stepOf(graph: Graph, count: number, blas: Blas | null = arrayBlas()): CompiledStep {
  let text = keys.get(graph);
  if (text === undefined) keys.set(graph, text = graphKey(graph) ?? `graph ${nextKey++}`);
  const key = `${count} ${blas?.name ?? ""} ${text}`;
  let step = steps.get(key);
  if (step === undefined) steps.add(key, step = new CompiledStep(graph, count, blas));
  return step;
}
