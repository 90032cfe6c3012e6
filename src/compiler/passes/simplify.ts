import { type Graph, type Node, rewrite } from "../graph/nodes.ts";
import { assemblePlaces } from "./assemble_blocks.ts";
import { sharing } from "./common_rows.ts";
import { folded, withSmallOperands } from "./constant_folding.ts";
import { decomposed } from "./decompose.ts";
import { withoutIdentities } from "./identities.ts";
import { withoutTransposes } from "./transposes.ts";

/** Later rounds find next to nothing. */
const MOST_ROUNDS = 3;

/** What makes a node simpler by looking at it and its operands alone. */
const RULES: readonly ((node: Node) => Node)[] = [
  decomposed,
  folded,
  withSmallOperands,
  withoutIdentities,
  withoutTransposes,
];

/** Makes a program smaller, until nothing changes any more. */
export function simplify(graph: Graph): Graph {
  let current = applyRules(graph);
  for (let round = 1; round < MOST_ROUNDS; round++) {
    const assembled = assemblePlaces(current);
    if (assembled === current) break;
    current = applyRules(assembled);
  }
  return current;
}

/** One walk from the operands on: a node that has none left to simplify is simplified by all rules, then shared. */
function applyRules(graph: Graph): Graph {
  const share = sharing();
  const settled = new Set<Node>();
  const settle = (node: Node): Node => {
    let current = node;
    for (let i = 0; i < RULES.length; i++) {
      const simpler = RULES[i]!(current);
      if (simpler === current) continue;
      if (settled.has(simpler)) return simpler;
      current = settleOperands(simpler);
      i = -1;
    }
    current = share(current);
    settled.add(current);
    return current;
  };
  /** A node with operands that rules have made simplified as well. */
  const settleOperands = (node: Node): Node => {
    if (node.operation === null || node.operands.every((o) => settled.has(o))) return node;
    const operands = node.operands.map((o) => settled.has(o) ? o : settle(settleOperands(o)));
    return operands.every((o, i) => o === node.operands[i]) ? node : { ...node, operands };
  };
  return rewrite(graph, settle);
}
