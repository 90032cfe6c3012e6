import { bytesOfElement } from "../../array/dtype.ts";
/** Results of the chunks of a divided loop, put together. */
import { sizeOf } from "../../array/shape.ts";
import type { LoopReduction } from "../plan/loops.ts";
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
