import type { Graph, Node } from "./graph/nodes.ts";
import type { Program } from "./plan/program.ts";
import type { EmitOptions } from "./runtime/linear_program.ts";

/** What runs programs: it reads graphs and plans, and nothing of another target. */
export interface Target {
  /** What it is called in what is known of a program. */
  readonly name: string;
  /** Whether it can compute a node as a part of a loop, for {@linkcode fuse}. */
  isFusable(node: Node): boolean;
  /**
   * Makes a program of a simplified graph.
   *
   * @throws {RangeError} If it needs more memory than there can be
   */
  compile(graph: Graph, options: EmitOptions): Program;
}
