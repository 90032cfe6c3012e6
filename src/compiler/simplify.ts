import { type Graph, liveNodes } from "./graph.ts";
import { shareCommonRows } from "./passes/common_rows.ts";
import { foldConstants, shrinkUniformConstants } from "./passes/constant_folding.ts";
import { decompose } from "./passes/decompose.ts";
import { simplifyIdentities } from "./passes/identities.ts";
import { assemblePlaces } from "./passes/places.ts";
import { foldTransposes } from "./passes/transposes.ts";

/** The passes that make a program smaller, each a graph in and a graph out. */
const PASSES = [
  decompose,
  foldConstants,
  shrinkUniformConstants,
  simplifyIdentities,
  foldTransposes,
  assemblePlaces,
  shareCommonRows,
];

/** Runs all passes until none of them changes the number of rows any more. */
export function simplify(graph: Graph): Graph {
  let current = graph;
  let rows = Infinity;
  for (let round = 0; round < 4; round++) {
    for (const pass of PASSES) current = pass(current);
    const now = liveNodes(current.outputs).length;
    if (now === rows) break;
    rows = now;
  }
  return current;
}
