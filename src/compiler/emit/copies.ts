import type { DType } from "../../array/dtype.ts";
import { mergeAxes } from "../../array/shape.ts";
import type { Copy } from "../plan/movement.ts";
import {
  type Address,
  addressFunction,
  br_if,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  local,
  loop,
  memory,
  v128,
  type WasmFunction,
} from "../wasm/writer.ts";

/** A function of two addresses that clears an array, with the second unused; and one for each copy. */
export function emitClear(bytes: number): WasmFunction {
  return addressFunction(1, { addresses: 0, vectors: 0 }, ([to]) => {
    local.get(to!);
    i32.const(0);
    i32.const(bytes);
    memory.fill();
  });
}

/** A function of the addresses of two blocks that moves one to the other. */
export function emitCopy(copy: Copy, dtype: DType): WasmFunction {
  const { lengths, strides } = mergeAxes(copy.lengths, [copy.fromStrides, copy.toStrides]);
  const [from, to] = strides as [number[], number[]];
  const narrow = dtype === "float32";
  const bytes = narrow ? 4 : 8;
  const lanes = 16 / bytes;
  const inner = lengths.length - 1;
  const contiguous = from[inner] === 1 && to[inner] === 1;
  return addressFunction(
    2,
    { addresses: lengths.length, vectors: 0 },
    ([source, target], counters) => {
      const step = (address: Address, count: number): void => {
        if (count === 0) return;
        i32.add(address, count);
        local.set(address);
      };
      const repeat = (axis: number, times: number, code: () => void): void => {
        if (times === 0) return;
        if (times === 1) return code();
        const counter = counters[axis]!;
        local.set(counter, times);
        loop({}, (label) => {
          code();
          i32.sub(counter, 1);
          local.tee(counter);
          br_if(label);
        });
      };
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
          repeat(at, whole, vector);
          repeat(at, length - whole * lanes, element);
          return;
        }
        repeat(at, length, () => {
          axis(at + 1);
          step(source!, (from[at]! - lengths[at + 1]! * from[at + 1]!) * bytes);
          step(target!, (to[at]! - lengths[at + 1]! * to[at + 1]!) * bytes);
        });
      };
      axis(0);
    },
  );
}
