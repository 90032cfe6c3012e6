/** The targets there are: WebAssembly, and the replay of rows in plain TypeScript. */
import { canLoop } from "./emit/loop_body.ts";
import { replay as replayGraph } from "./graph/interpret.ts";
import { nodesOf } from "./graph/nodes.ts";
import { emitProgram } from "./runtime/linear_program.ts";
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
