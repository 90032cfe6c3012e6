import { bytesOfElement, type DType } from "../../array/dtype.ts";
import { mergeAxes } from "../../array/shape.ts";
import type { Copy } from "../plan/movement.ts";
import { addressFunction, f32, f32x4, f64, f64x2, local, v128, type WasmFunction } from "../wasm/writer.ts";
import { clearMemory, repeat, step } from "./control_flow.ts";

/** A function of an address that clears the array there. */
export function emitClear(bytes: number): WasmFunction {
  return addressFunction(1, { addresses: 0, vectors: 0 }, ([to]) => clearMemory(to!, bytes));
}

/** A function of the addresses of two blocks that moves one to the other. */
export function emitCopy(copy: Copy, dtype: DType): WasmFunction {
  const { lengths, strides } = mergeAxes(copy.lengths, [copy.fromStrides, copy.toStrides]);
  const [from, to] = strides as [number[], number[]];
  const narrow = dtype === "float32";
  const bytes = bytesOfElement(dtype);
  const lanes = 16 / bytes;
  const inner = lengths.length - 1;
  const contiguous = from[inner] === 1 && to[inner] === 1;
  return addressFunction(
    2,
    { addresses: lengths.length, vectors: 0 },
    ([source, target], counters) => {
      const element = (): void => {
        local.get(target!);
        narrow ? f32.load({}, source!) : f64.load({}, source!);
        if (copy.add) {
          narrow ? f32.load({}, target!) : f64.load({}, target!);
          narrow ? f32.add() : f64.add();
        }
        narrow ? f32.store({}) : f64.store({});
        step(source!, from[inner]! * bytes);
        step(target!, to[inner]! * bytes);
      };
      const vector = (): void => {
        local.get(target!);
        v128.load({}, source!);
        if (copy.add) {
          v128.load({}, target!);
          narrow ? f32x4.add() : f64x2.add();
        }
        v128.store({});
        step(source!, 16);
        step(target!, 16);
      };
      const axis = (at: number): void => {
        const length = lengths[at]!;
        if (at === inner) {
          const whole = contiguous ? Math.floor(length / lanes) : 0;
          repeat(counters[at]!, whole, vector);
          repeat(counters[at]!, length - whole * lanes, element);
          return;
        }
        repeat(counters[at]!, length, () => {
          axis(at + 1);
          step(source!, (from[at]! - lengths[at + 1]! * from[at + 1]!) * bytes);
          step(target!, (to[at]! - lengths[at + 1]! * to[at + 1]!) * bytes);
        });
      };
      axis(0);
    },
  );
}
