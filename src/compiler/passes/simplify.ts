import type { Graph } from "../graph/nodes.ts";
import { shareCommonRows } from "./common_rows.ts";
import { foldConstants, shrinkUniformConstants } from "./constant_folding.ts";
import { decompose } from "./decompose.ts";
import { simplifyIdentities } from "./identities.ts";
import { assemblePlaces } from "./assemble_blocks.ts";
import { foldTransposes } from "./transposes.ts";

/** Later rounds find next to nothing. */
const MOST_ROUNDS = 3;

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

/** Runs all passes until none of them changes anything any more. */
export function simplify(graph: Graph): Graph {
  let current = graph;
  // Passes go from the operands on, so that what one has left holds nothing more for it before another changes it.
  const left = new Map<(graph: Graph) => Graph, Graph>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = current;
    for (const pass of PASSES) {
      if (left.get(pass) === current) continue;
      current = pass(current);
      left.set(pass, current);
    }
    if (current === before) break;
  }
  return current;
}
