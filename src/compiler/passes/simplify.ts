import { type Graph, type Node, rewrite, withOperands } from "../graph/nodes.ts";
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
  const settle = settling();
  let current = rewrite(graph, settle);
  for (let round = 1; round < MOST_ROUNDS; round++) {
    const assembled = assemblePlaces(current);
    if (assembled === current) break;
    current = rewrite(assembled, settle);
  }
  return current;
}

/** A function that simplifies a node, whose operands are simple already, by all rules, and shares it then. */
function settling(): (node: Node) => Node {
  const share = sharing();
  const settled = new Set<Node>();
  const settle = (node: Node): Node => {
    if (settled.has(node)) return node;
    let current = node;
    for (let i = 0; i < RULES.length; i++) {
      const simpler = RULES[i]!(current);
      if (simpler === current) continue;
      if (settled.has(simpler)) return simpler;
      // A rule may have made operands too.
      current = withOperands(simpler, settleAll);
      i = -1;
    }
    current = share(current);
    settled.add(current);
    return current;
  };
  const settleAll = (node: Node): Node => settled.has(node) ? node : settle(withOperands(node, settleAll));
  return settle;
}
