/** What a loop computes, and how long that takes. */
import { type LanePlan, planLanes } from "./lane_plan.ts";
import type { Node } from "../graph/nodes.ts";
import { type Lane, Lanes } from "../math/lanes.ts";
import { canLower, lowerExpression } from "../math/lower.ts";
import { formulaOf, isReduction } from "../plan/fusion.ts";
import type { LoopPlan } from "../plan/loops.ts";
import { lanesOf } from "../wasm/linear_memory.ts";
import { relaxedSimd } from "../wasm/writer.ts";

/** Whether a loop can compute a node. */
export function canLoop(node: Node): boolean {
  if (node.operation === null) return false;
  if (isReduction(node)) return true;
  const formula = formulaOf(node);
  return formula !== null && canLower(formula);
}

/** The vectors that one step of a loop computes: what it adds up first, then what it stores. */
export function bodyOf(plan: LoopPlan, relaxed: boolean): LanePlan {
  const lanes = new Lanes(plan.dtype === "float32" ? "f32x4" : "f64x2", { fused: relaxed });
  const laneOf = new Map<Node, Lane>(plan.sources.map(({ node }, i) => [node, lanes.input(i)]));
  const operandLane = (node: Node): Lane =>
    typeof node.value === "number" ? lanes.constant(node.value) : laneOf.get(node)!;
  for (const node of plan.nodes) {
    laneOf.set(node, lowerExpression(formulaOf(node)!, lanes, node.operands.map(operandLane)));
  }
  return planLanes([
    ...plan.reductions.map(({ node }) => operandLane(node.operands[0]!)),
    ...plan.stores.map((node) => laneOf.get(node)!),
  ]);
}

/** What a loop computes, and how long it takes. */
export interface Work {
  readonly body: LanePlan;
  /** About how many instructions on vectors all of it takes. */
  readonly work: number;
  /** Whether other threads can compute it: all that it calls can be made there. */
  readonly canDivide: boolean;
}

/** The work of a loop. */
export function workOf(plan: LoopPlan): Work {
  const body = bodyOf(plan, relaxedSimd());
  const { dtype, lengths, sources, stores, reductions } = plan;
  const vectors = lengths.reduce((product, n) => product * n, 1) / lanesOf(dtype);
  return {
    body,
    work: vectors * (body.instructionCount + sources.length + stores.length + reductions.length),
    canDivide: body.hosts.every(({ source }) => source !== undefined),
  };
}
