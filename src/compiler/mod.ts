/** Compiles recorded rows into WebAssembly SIMD. */
export { arrayBlas, type BlasChoice, findBlas, useBlas } from "./blas/find_blas.ts";
export type { Blas } from "./blas/library.ts";
export { type CompiledGraph, compileGraph, type GraphOptions, type ProgramStats } from "./compile_graph.ts";
export { LEAST_WORK } from "./plan/division.ts";
export { type DonatedSlot, DonatedSlots, ResidentArray } from "./runtime/donated_slots.ts";
export type { Donations, Program } from "./plan/program.ts";
export type { SlotSource } from "./runtime/linear_program.ts";
export type { Target } from "./target.ts";
export { threadCount } from "./runtime/threads.ts";
export { type Cut, cutGraph } from "./graph/cut.ts";
export {
  GraphLoop,
  type Iteration,
  type LoopBehaviour,
  type LoopPart,
  putValue,
  sliceValue,
} from "./graph/loop.ts";
export { interpret } from "./graph/interpret.ts";
export {
  constantNode,
  type Graph,
  inputNode,
  liveNodes,
  type Node,
  nodesOf,
  operationNode,
  rewrite,
  sameType,
} from "./graph/nodes.ts";
export { unrollLoops } from "./passes/unroll_loops.ts";
export { graphKey } from "./passes/common_rows.ts";
import { speedUpArrayProducts } from "./kernels/array_products.ts";

speedUpArrayProducts();
