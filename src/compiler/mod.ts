/** Compiles recorded rows into WebAssembly SIMD. */
export { type CompiledGraph, compileGraph, type GraphOptions, type ProgramStats } from "./compile_graph.ts";
export { LEAST_WORK } from "./division.ts";
export { threadCount } from "./threads.ts";
export { graphFromTape } from "./from_tape.ts";
export { constantNode, type Graph, inputNode, liveNodes, type Node, rewrite, sameType } from "./graph.ts";
export { graphKey } from "./passes/common_rows.ts";
