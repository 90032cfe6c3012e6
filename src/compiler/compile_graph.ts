/** Graphs as programs of a target: WebAssembly, or the replay of rows in plain TypeScript. */
import type { DType } from "../array/dtype.ts";
import type { Shape } from "../array/shape.ts";
import type { Value } from "../array/value.ts";
import { canLoop } from "./emit/loop_body.ts";
import { replay as replayGraph } from "./graph/interpret.ts";
import { type Graph, nodesOf, printGraph } from "./graph/nodes.ts";
import { simplify } from "./passes/simplify.ts";
import { type EmitOptions, emitProgram } from "./runtime/linear_program.ts";
import { makeRowLoop } from "./scalar/row_loop.ts";
import { emitScalarProgram } from "./scalar/scalar_program.ts";
import { isScalarProgram } from "./scalar/scalar_rows.ts";
import type { Target } from "./target.ts";
import { allowsModules, engine } from "./wasm/writer.ts";

/** Programs of more single numbers than this are run by a loop over the rows. */
const LARGEST_STRAIGHT_LINE = 200_000;

/** Runs a program row by row: where there is no WebAssembly SIMD, and to compare. */
const replay: Target = {
  name: "replay",
  isFusable: () => false,
  compile: (graph) => ({
    target: "replay",
    run: replayGraph(graph),
    kernels: 0,
    bytes: 0,
    describe: () => ({ groups: "", memory: "" }),
    release: () => {},
  }),
};

/** Runs a program in WebAssembly: as straight-line code if it is all single numbers, else with SIMD. */
const wasm: Target = {
  name: "wasm",
  isFusable: canLoop,
  compile(graph, options) {
    if (!allowsModules()) return replay.compile(graph, options);
    if (isScalarProgram(graph)) {
      return nodesOf(graph).length > LARGEST_STRAIGHT_LINE ? makeRowLoop(graph) : emitScalarProgram(graph);
    }
    return engine() === "none" ? replay.compile(graph, options) : emitProgram(graph, options);
  },
};

/** The targets that have a name in the options of `compile`. */
export const targets: Readonly<Record<"wasm" | "replay", Target>> = { wasm, replay };

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
  /** How many threads its large loops and products ran in last; 1 if it has none that are large enough. */
  readonly threads: number;
  /** What runs it. */
  readonly target: string;
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

/** How a graph is compiled. */
export interface GraphOptions extends EmitOptions {
  /** What runs it, by name or itself. */
  readonly target: keyof typeof targets | Target;
}

/** Compiles a graph. */
export function compileGraph(graph: Graph, options: GraphOptions): CompiledGraph {
  const start = performance.now();
  const simplified = simplify(graph);
  const target = typeof options.target === "string" ? targets[options.target] : options.target;
  const program = target.compile(simplified, options);
  const known = {
    rows: nodesOf(graph).length,
    simplifiedRows: nodesOf(simplified).length,
    kernels: program.kernels,
    bytes: program.bytes,
    emitTime: performance.now() - start,
    target: program.target,
  };
  let isReleased = false;
  return {
    run: (inputs, isOwner) => program.run(inputs, isOwner),
    outputTypes: graph.outputs.map((o) => o.dtype),
    outputShapes: graph.outputs.map((o) => o.shape),
    get isReleased() {
      return isReleased;
    },
    get stats() {
      return {
        ...known,
        threads: program.threads ?? 1,
        get stages() {
          return {
            rows: printGraph(graph),
            simplified: printGraph(simplified),
            ...program.describe(),
          };
        },
      };
    },
    release() {
      isReleased = true;
      program.release();
    },
  };
}
