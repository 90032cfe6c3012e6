/** What a loop is called with, and how results of its chunks are put together. */
import { bytesOfElement } from "../../array/dtype.ts";
import { sizeOf, stridesOf } from "../../array/shape.ts";
import type { Node } from "../graph/nodes.ts";
import type { LoopPlan, LoopReduction } from "../plan/loops.ts";
import { paddedSize } from "../wasm/linear_memory.ts";
import {
  addressFunction,
  br_if,
  f32x4,
  f64,
  f64x2,
  i32,
  local,
  loop,
  v128,
  type WasmFunction,
} from "../wasm/writer.ts";

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

/** Results of the chunks of a divided loop, put together. */

/** Bytes of the result of one chunk; sums of float32 are in float64. */
export function partialBytes({ node, kind }: LoopReduction): number {
  return paddedSize(sizeOf(node.shape) * bytesOfElement(kind === "sum" ? "float64" : node.dtype));
}

/** A function of the addresses of the chunks' results, one after the other, and of the result: their sum, or extreme. */
export function emitCombination(reduction: LoopReduction, chunks: number): WasmFunction {
  const { node, kind } = reduction;
  const operation = kind === "sum" ? "add" : kind;
  const isNarrow = node.dtype === "float32" && kind !== "sum";
  const isRounded = node.dtype === "float32" && kind === "sum";
  const vectors = Math.ceil(sizeOf(node.shape) / (isNarrow ? 4 : 2));
  return addressFunction(2, { addresses: 1, vectors: 1 }, ([partial, result], [counter], [value]) => {
    local.set(counter!, vectors);
    loop({}, (label) => {
      local.set(value!, v128.load({}, partial!));
      for (let chunk = 1; chunk < chunks; chunk++) {
        local.get(value!);
        v128.load({ offset: chunk * partialBytes(reduction) }, partial!);
        isNarrow ? f32x4[operation]() : f64x2[operation]();
        local.set(value!);
      }
      local.get(result!);
      if (isRounded) {
        f32x4.demote_f64x2_zero(value!);
        f64x2.extract_lane(0);
        f64.store({});
      } else {
        local.get(value!);
        v128.store({});
      }
      local.set(partial!, i32.add(partial!, 16));
      local.set(result!, i32.add(result!, isRounded ? 8 : 16));
      local.set(counter!, i32.sub(counter!, 1));
      local.get(counter!);
      br_if(label);
    });
  });
}
