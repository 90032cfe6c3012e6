/** Elements of a source as vectors of a loop, in the loop's type. */
import type { DType } from "../../array/dtype.ts";
import { type Address, f32, f32x4, f64, f64x2, i8x16, v128 } from "../wasm/writer.ts";

const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** Leaves the vector of consecutive elements, some bytes on from an address, on the stack. */
export function loadVector(from: DType, to: DType, address: Address, offset: number): void {
  if (from === to) v128.load({ offset }, address);
  else if (from === "float32") {
    v128.load64_zero({ offset }, address);
    f64x2.promote_low_f32x4();
  } else {
    v128.load({ offset }, address);
    f32x4.demote_f64x2_zero();
    v128.load({ offset: offset + 16 }, address);
    f32x4.demote_f64x2_zero();
    i8x16.shuffle(LOW_HALVES);
  }
}

/** Leaves the vector of one element, repeated, on the stack. */
export function loadSplat(from: DType, to: DType, address: Address): void {
  if (from === to) from === "float32" ? v128.load32_splat({}, address) : v128.load64_splat({}, address);
  else if (from === "float32") {
    f32.load({}, address);
    f64.promote_f32();
    f64x2.splat();
  } else {
    f64.load({}, address);
    f32.demote_f64();
    f32x4.splat();
  }
}
