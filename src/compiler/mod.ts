/** Compiles recorded rows into WebAssembly SIMD. */
export { type CompiledGraph, compileGraph, type ProgramStats } from "./compile_graph.ts";
export { graphFromTape } from "./from_tape.ts";
export { constantNode, inputNode, type Node, sameType } from "./graph.ts";
