import type { Node } from "../graph/nodes.ts";
import { type LanePlan, planLanes } from "./lane_plan.ts";
import { type Lane, Lanes } from "../math/lanes.ts";
import type { LoopPlan } from "../plan/loops.ts";
import { canLower, lowerExpression } from "../math/lower.ts";
import { formulaOf } from "../plan/formula.ts";
import { isReduction } from "../plan/fusion.ts";

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
