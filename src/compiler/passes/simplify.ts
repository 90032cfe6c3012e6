import { type Operation, operation as op } from "../../primitives/mod.ts";
import { type Graph, type Node, rewrite, withOperands } from "../graph/nodes.ts";
import { assemblePlaces } from "./assemble_blocks.ts";
import { CommonRows } from "./common_rows.ts";
import { folded, withSmallOperands } from "./constant_folding.ts";
import { canDecompose, decomposed } from "./decompose.ts";
import { hasIdentities, withoutIdentities } from "./identities.ts";
import { optimizeLoops } from "./loops/optimize_loops.ts";
import { joinSummedProducts } from "./summed_products.ts";
import { withoutTransposes } from "./transposes.ts";

/** Later rounds find next to nothing. */
const MOST_ROUNDS = 3;

/** Makes a node simpler by looking at it and its operands alone. */
type Rule = (node: Node) => Node;

const rules = new WeakMap<Operation, readonly Rule[]>();

/** The rules that may change a node of an operation. */
function rulesFor(operation: Operation): readonly Rule[] {
  let found = rules.get(operation);
  if (found === undefined) {
    found = [
      ...(canDecompose(operation) ? [decomposed] : []),
      folded,
      ...(operation.primitive.lower === undefined ? [] : [withSmallOperands]),
      ...(hasIdentities(operation) ? [withoutIdentities] : []),
      ...(operation === op.matmul ? [withoutTransposes] : []),
    ];
    rules.set(operation, found);
  }
  return found;
}

/** Makes a program smaller, until nothing changes any more. */
export function simplify(graph: Graph): Graph {
  const settle = settling();
  let current = joinSummedProducts(rewrite(graph, settle), settle);
  for (let round = 1; round < MOST_ROUNDS; round++) {
    const before = current;
    current = assemblePlaces(current, settle);
    if (current === before) break;
  }
  return optimizeLoops(current, simplify, settle);
}

/** A function that simplifies a node by all rules once its operands are simple, and shares it then. */
function settling(): (node: Node) => Node {
  const settled = new CommonRows();
  const settle = (node: Node): Node => {
    if (settled.has(node)) return node;
    // What was put together, or made by a rule, may have operands that are new as well.
    let current = withOperands(node, settle);
    for (let i = 0; current.operation !== null; i++) {
      const rule = rulesFor(current.operation)[i];
      if (rule === undefined) break;
      const simpler = rule(current);
      if (simpler === current) continue;
      if (settled.has(simpler)) return simpler;
      current = withOperands(simpler, settle);
      i = -1;
    }
    return settled.share(current);
  };
  return settle;
}
