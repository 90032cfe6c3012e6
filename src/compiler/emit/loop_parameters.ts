/** What a loop is called with. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf, stridesOf } from "../../array/shape.ts";
import type { Node } from "../graph/nodes.ts";
import type { LoopPlan, LoopReduction } from "../plan/loops.ts";

/** What a parameter of a loop is the address of. */
export interface LoopParameter {
  readonly role: "source" | "store" | "result" | "sums";
  readonly node: Node;
  /** How far apart its elements are along each axis, in bytes. */
  readonly strides: readonly number[];
  /** How far its part is from the start, in bytes for each step along the outermost axis. */
  readonly step: number;
  /** Whether the result is that of one chunk, in float64 if it is a sum. */
  readonly isPartial: boolean;
}

/** Bytes that a loop needs beside its results: sums of float32 are kept in float64. */
export function sumsBytes(plan: LoopPlan, reduction: LoopReduction): number {
  return needsSums(plan, reduction) ? 8 * sizeOf(reduction.node.shape) : 0;
}

function needsSums(plan: LoopPlan, { kind, direct }: LoopReduction): boolean {
  return plan.dtype === "float32" && kind === "sum" && !direct;
}

/** The parameters of a loop: what it reads, what it stores, its results, and where these are added up. */
export function loopParameters(plan: LoopPlan, isDivided: boolean): LoopParameter[] {
  const parameter = (
    role: LoopParameter["role"],
    node: Node,
    elements: readonly number[],
    isPartial = false,
    bytes = bytesOfElement(node.dtype),
  ): LoopParameter => ({
    role,
    node,
    strides: elements.map((s) => s * bytes),
    step: role === "sums" ? 0 : elements[0]! * bytesOfElement(node.dtype),
    isPartial,
  });
  const full = stridesOf(plan.lengths);
  const isPartial = (r: LoopReduction): boolean => isDivided && r.strides[0] === 0;
  return [
    ...plan.sources.map(({ node, strides }) => parameter("source", node, strides)),
    ...plan.stores.map((node) => parameter("store", node, full)),
    ...plan.reductions.map((r) =>
      isPartial(r) && r.kind === "sum"
        ? parameter("result", r.node, r.strides, true, 8)
        : parameter("result", r.node, r.strides, isPartial(r))
    ),
    ...plan.reductions.filter((r) => needsSums(plan, r) && !isPartial(r)).map((r) =>
      parameter("sums", r.node, r.strides, false, 8)
    ),
  ];
}
