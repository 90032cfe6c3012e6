import type { DType } from "../array/dtype.ts";
import type { Shape } from "../array/shape.ts";
import type { Value } from "../array/value.ts";
import { type Graph, nodesOf, printGraph } from "./graph/nodes.ts";
import { type EmitOptions, emitProgram, type Program } from "./runtime/linear_program.ts";
import { replay } from "./graph/interpret.ts";
import { engine } from "./wasm/writer.ts";
import { makeRowLoop } from "./scalar/row_loop.ts";
import { emitScalarProgram } from "./scalar/scalar_program.ts";
import { isScalarProgram } from "./scalar/scalar_rows.ts";
import { simplify } from "./passes/simplify.ts";

/** What is known of a compiled program. */
export interface ProgramStats {
  /** Rows as recorded. */
  readonly rows: number;
  /** Rows after simplification. */
  readonly simplifiedRows: number;
  /** Loops, matrix products and other kernels that one run calls. */
  readonly kernels: number;
  /** Bytes of memory that one run works in. */
  readonly bytes: number;
  /** Milliseconds that simplification and emission took. */
  readonly emitTime: number;
  /** How many threads its large loops and products run in; 1 if it has none that are large enough. */
  readonly threads: number;
  /** What runs it. */
  readonly target: "wasm" | "replay";
  /** The program at each stage, as text. */
  readonly stages: {
    readonly rows: string;
    readonly simplified: string;
    readonly groups: string;
    readonly memory: string;
  };
}

/** A program that is ready to run. */
export interface CompiledGraph {
  /**
   * Computes the results from the values of the inputs.
   *
   * @param isOwner Whether nobody else has the donated inputs: a result in the place of one is then the same
   *   array, and none is made
   */
  run(inputs: readonly Value[], isOwner?: boolean): Value[];
  /** The element types of the results. */
  readonly outputTypes: readonly DType[];
  /** The shapes of the results. */
  readonly outputShapes: readonly Shape[];
  /** Whether its memory was given back, so that it can't run any more. */
  readonly isReleased: boolean;
  /** What is known of it. */
  readonly stats: ProgramStats;
  /** Gives its memory back. */
  release(): void;
}

/** Programs of more single numbers than this are run by a loop over the rows. */
const LARGEST_STRAIGHT_LINE = 200_000;

/** How a graph is compiled; all but the target is for WebAssembly. */
export interface GraphOptions extends EmitOptions {
  /** What runs it. */
  readonly target: "wasm" | "replay";
}

/** Compiles a graph. */
export function compileGraph(graph: Graph, options: GraphOptions): CompiledGraph {
  const start = performance.now();
  const simplified = simplify(graph);
  const simplifiedRows = nodesOf(simplified).length;
  const emitted: Program | null = options.target === "replay"
    ? null
    : isScalarProgram(simplified)
    ? simplifiedRows > LARGEST_STRAIGHT_LINE ? makeRowLoop(simplified) : emitScalarProgram(simplified)
    : engine() === "none"
    ? null
    : emitProgram(simplified, options);
  let isReleased = false;
  return {
    run: emitted === null ? replay(simplified) : (inputs, isOwner) => emitted.run(inputs, isOwner),
    outputTypes: graph.outputs.map((o) => o.dtype),
    outputShapes: graph.outputs.map((o) => o.shape),
    get isReleased() {
      return isReleased;
    },
    stats: {
      rows: nodesOf(graph).length,
      simplifiedRows,
      kernels: emitted?.kernels ?? 0,
      bytes: emitted?.bytes ?? 0,
      threads: emitted?.threads ?? 1,
      emitTime: performance.now() - start,
      target: emitted === null ? "replay" : "wasm",
      get stages() {
        return {
          rows: printGraph(graph),
          simplified: printGraph(simplified),
          ...emitted?.describe() ?? { groups: "", memory: "" },
        };
      },
    },
    release() {
      isReleased = true;
      emitted?.release();
    },
  };
}
