import type { DType } from "../../array/dtype.ts";
import { mergeAxes, type Shape, sizeOf, stridesOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import type { Node } from "../graph/nodes.ts";
import { assemble, type Assembly, flatIndex } from "../passes/assemble_blocks.ts";
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

/** A block of elements moved from one array to another. */
export interface Copy {
  /** Which operand it comes from. */
  readonly operand: number;
  /** Where the block begins in the operand and in the result, in elements. */
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly lengths: Shape;
  /** In elements, along each axis of the block. */
  readonly fromStrides: readonly number[];
  readonly toStrides: readonly number[];
  /** Whether elements are added to what is there. */
  readonly add: boolean;
}

/** An operation that only moves elements: what is moved, and whether the result is cleared first. */
export interface Movement {
  readonly clear: boolean;
  readonly copies: readonly Copy[];
}

/** How an operation moves elements; null for one that computes something. */
export function movementOf(node: Node): Movement | null {
  const { operation, operands, attributes, shape, dtype } = node;
  if (operands.some((o) => o.dtype !== dtype)) return null;
  const strides = stridesOf(shape);
  const [x] = operands;
  const whole = { operand: 0, fromOffset: 0, toOffset: 0, add: false };
  if (operation === op.transpose) {
    const from = stridesOf(x!.shape);
    const { axes } = attributes as { axes: Shape };
    const fromStrides = axes.map((axis) => from[axis]!);
    return { clear: false, copies: [{ ...whole, lengths: shape, fromStrides, toStrides: strides }] };
  }
  if (operation === op.slice) {
    const { begin } = attributes as { begin: Shape };
    const fromOffset = flatIndex(begin, x!.shape);
    const fromStrides = stridesOf(x!.shape);
    return {
      clear: false,
      copies: [{ ...whole, fromOffset, lengths: shape, fromStrides, toStrides: strides }],
    };
  }
  if (operation === op.concat) {
    const { axis } = attributes as { axis: number };
    let position = 0;
    const copies = operands.map((part, operand) => {
      const toOffset = position * strides[axis]!;
      position += part.shape[axis]!;
      return { ...placed(part, operand, strides), toOffset };
    });
    return { clear: false, copies };
  }
  if (operation === op.place) {
    const { begin } = attributes as { begin: Shape };
    return { clear: true, copies: [{ ...placed(x!, 0, strides), toOffset: flatIndex(begin, shape) }] };
  }
  if (operation === op.stridedSlice) {
    const { begin, step } = attributes as { begin: Shape; step: Shape };
    const from = stridesOf(x!.shape);
    const fromStrides = from.map((s, i) => s * step[i]!);
    const fromOffset = flatIndex(begin, x!.shape);
    return {
      clear: false,
      copies: [{ ...whole, fromOffset, lengths: shape, fromStrides, toStrides: strides }],
    };
  }
  if (operation === op.stridedPlace || operation === op.assignSlice) {
    const { begin, step } = attributes as { begin: Shape; step: Shape };
    const toStrides = strides.map((s, i) => s * step[i]!);
    const operand = operands.length - 1;
    const block = { ...placed(operands[operand]!, operand, toStrides), toOffset: flatIndex(begin, shape) };
    return operand === 0
      ? { clear: true, copies: [block] }
      : { clear: false, copies: [placed(x!, 0, strides), block] };
  }
  if (operation === assemble) {
    const { begins } = attributes as Assembly;
    const copies = operands.map((part, operand) => ({
      ...placed(part, operand, strides),
      toOffset: flatIndex(begins[operand]!, shape),
      add: true,
    }));
    return { clear: true, copies };
  }
  return null;
}

/** A whole operand as a block of the result. */
function placed(part: Node, operand: number, toStrides: readonly number[]): Copy {
  return {
    operand,
    fromOffset: 0,
    toOffset: 0,
    lengths: part.shape,
    fromStrides: stridesOf(part.shape),
    toStrides,
    add: false,
  };
}

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

/** The elements that a movement writes to need no clearing first if its copies fill the whole result. */
export function fillsAll({ copies }: Movement, shape: Shape): boolean {
  return copies.reduce((sum, copy) => sum + sizeOf(copy.lengths), 0) === sizeOf(shape) &&
    copies.every((copy) => !copy.add);
}
