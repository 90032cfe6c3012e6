import type { DType } from "../../array/dtype.ts";
import { broadcastStrides, mergeAxes, type Shape, sizeOf, stridesOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { Node } from "../graph/nodes.ts";
import { type Group, isReduction } from "./fusion.ts";

/** A value that a loop reads: how far apart its elements are along each axis of the loop. */
export interface Source {
  readonly node: Node;
  /** In elements, one for each axis of the loop. */
  readonly strides: readonly number[];
}

/** A reduction that a loop ends in. */
export interface LoopReduction {
  readonly node: Node;
  readonly kind: "sum" | "max" | "min";
  /** How far apart results are along each axis of the loop, in elements; 0 along reduced axes. */
  readonly strides: readonly number[];
  /** Whether each result is complete when the innermost loop ends. */
  readonly direct: boolean;
}

/** A group of nodes as nested loops, neighbouring axes joined where everything steps through them alike. */
export interface LoopPlan {
  readonly dtype: DType;
  /** The lengths of the axes, outermost first. */
  readonly lengths: readonly number[];
  readonly sources: readonly Source[];
  /** The nodes whose values are written to memory. */
  readonly stores: readonly Node[];
  readonly reductions: readonly LoopReduction[];
  /** The element-wise nodes, operands first. */
  readonly nodes: readonly Node[];
}

/**
 * Plans the loops of a group.
 *
 * @param isNeeded Whether a node's value is read outside of the group
 */
export function planLoop(group: Group, isNeeded: (node: Node) => boolean): LoopPlan {
  const domain = group.domain!;
  const inside = new Set(group.nodes.filter((node) => !isReduction(node)));
  const sources: { node: Node; strides: number[] }[] = [];
  const known = new Set<Node>();
  for (const node of group.nodes) {
    for (const operand of node.operands) {
      if (inside.has(operand) || known.has(operand) || typeof operand.value === "number") continue;
      known.add(operand);
      sources.push({ node: operand, strides: broadcastStrides(operand.shape, domain) });
    }
  }
  const reductions = group.nodes.filter(isReduction).map((node) => ({
    node,
    kind: node.operation === op.sum ? "sum" : node.operation === op.max ? "max" : "min",
    strides: reductionStrides(domain, (node.attributes as { axes: Shape }).axes),
  } as const));
  const stores = [...inside].filter(isNeeded);
  const full = stridesOf(domain);
  const all = [...sources.map((s) => s.strides), ...reductions.map((r) => r.strides)];
  const { lengths, strides: merged } = mergeAxes(domain, stores.length > 0 ? [...all, full] : all);
  return {
    dtype: group.dtype,
    lengths,
    sources: sources.map(({ node }, i) => ({ node, strides: merged[i]! })),
    stores,
    reductions: reductions.map(({ node, kind }, i) => {
      const strides = merged[sources.length + i]!;
      return { node, kind, strides, direct: isDirect(strides, lengths) };
    }),
    nodes: [...inside],
  };
}

/** The strides of a reduction's results along the axes that are reduced: 0 along those that vanish. */
function reductionStrides(domain: Shape, axes: readonly number[]): number[] {
  const strides = new Array<number>(domain.length).fill(0);
  let step = 1;
  for (let axis = domain.length - 1; axis >= 0; axis--) {
    if (axes.includes(axis)) continue;
    strides[axis] = step;
    step *= domain[axis]!;
  }
  return strides;
}

/** Whether only the innermost axis is reduced, or all are. */
function isDirect(strides: readonly number[], lengths: readonly number[]): boolean {
  const inner = lengths.length - 1;
  if (strides.every((s) => s === 0)) return true;
  return strides[inner] === 0 && strides.slice(0, inner).every((s, i) => s > 0 || lengths[i] === 1);
}

/** A text that is equal for plans of which the same code serves. */
export function loopKey({ dtype, lengths, sources, stores, reductions, nodes }: LoopPlan): string {
  const names = new Map<Node, string>(sources.map(({ node }, i) => [node, `s${i}`]));
  nodes.forEach((node, i) => names.set(node, `n${i}`));
  const nameOf = (node: Node): string =>
    typeof node.value === "number"
      ? (Object.is(node.value, -0) ? "-0" : String(node.value))
      : names.get(node)!;
  return [
    dtype,
    lengths.join(),
    ...sources.map(({ node, strides }) => `${node.dtype} ${strides.join()}`),
    ...nodes.map((node) => `${node.operation!.name} ${node.operands.map(nameOf).join(" ")}`),
    ...stores.map((node) => `store ${nameOf(node)}`),
    ...reductions.map(({ node, kind, strides, direct }) =>
      `${kind} ${nameOf(node.operands[0]!)} ${strides.join()} ${direct} ${sizeOf(node.shape)}`
    ),
  ].join("\n");
}
