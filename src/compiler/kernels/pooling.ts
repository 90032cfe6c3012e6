/** The positions of the largest elements under windows. */
import {
  type Address,
  f32x4,
  f64x2,
  i32,
  i32x4,
  i8x16,
  local,
  return_,
  v128,
  type Vector,
} from "../wasm/writer.ts";
import { advance, type Element, type Kernel, kernel, repeat, type StackVector, when } from "./element.ts";
import { LARGEST } from "./parameters.ts";

/** The kernel of max pooling; see {@linkcode largestKernel}. */
export type LargestKernel = Kernel<typeof LARGEST[number]>;

/** A vector as four 32-bit words. */
type Words = readonly [number, number, number, number];

/** The instructions on elements and their positions, which are i32 beside float32 and float64 beside float64. */
interface Positions {
  /** The vector of -Infinity. */
  readonly lowest: Words;
  /** The vector of -1. */
  readonly none: Words;
  greater(x: Vector, y: Vector): StackVector;
  differ(x: Vector, y: Vector): StackVector;
  negative(x: Vector): StackVector;
  /** Turns the number on the stack into the positions of consecutive elements. */
  fromNumber(): StackVector;
  /** Stores as many positions as there are left, as float64, and advances. */
  store(out: Address, rest: Address, position: Vector, spare: Vector): void;
}

const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

const NARROW: Positions = {
  lowest: [0xff800000, 0xff800000, 0xff800000, 0xff800000],
  none: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
  greater: (x, y) => f32x4.gt(x, y),
  differ: (x, y) => f32x4.ne(x, y),
  negative: (x) => i32x4.lt_s(x, words([0, 0, 0, 0])),
  fromNumber: () => i32x4.add(i32x4.splat(), words([0, 1, 2, 3])),
  store: (out, rest, position, spare) => {
    local.set(spare, f64x2.convert_low_i32x4_s(position));
    storePair(out, rest, 0, spare);
    i32.ge_s(rest, 3);
    when(() => {
      i8x16.shuffle(HIGH_HALF, position, position);
      local.set(spare, f64x2.convert_low_i32x4_s());
      storePair(out, rest, 2, spare);
    });
  },
};

const WIDE: Positions = {
  lowest: [0, 0xfff00000, 0, 0xfff00000],
  none: [0, 0xbff00000, 0, 0xbff00000],
  greater: (x, y) => f64x2.gt(x, y),
  differ: (x, y) => f64x2.ne(x, y),
  negative: (x) => f64x2.lt(x, words([0, 0, 0, 0])),
  fromNumber: () => f64x2.add(f64x2.convert_low_i32x4_s(i32x4.splat()), words([0, 0, 0, 0x3ff00000])),
  store: (out, rest, position) => storePair(out, rest, 0, position),
};

function words(values: Words): StackVector {
  return v128.const("i32x4", values);
}

/** Stores one or two float64, if `before` others of the rest have been stored, and advances. */
function storePair(out: Address, rest: Address, before: number, vector: Vector): void {
  i32.ge_s(rest, before + 2);
  when(() => {
    v128.store({}, out, vector);
    advance(out, 16);
  }, () => {
    v128.store64_lane({}, 0, out, vector);
    advance(out, 8);
  });
}

/**
 * Where the largest element under each window lies, counted from `first` at the first element of the first image,
 * as float64; of equal ones the first, NaN before all, and -1 where a window is all padding.
 */
export function largestKernel(e: Element): LargestKernel {
  const positions = e.dtype === "float32" ? NARROW : WIDE;
  const locals = ["oy", "ox", "rest", "channel", "y0", "x0", "iy", "ix", "ky", "kx", "at"] as const;
  return kernel(LARGEST, locals, 5, (n, vectors) => {
    const { x, out, first, height, width, channels, rest, channel, y0, x0, iy, ix, ky, kx, at } = n;
    const [largest, position, value, candidate, take] = vectors as [Vector, Vector, Vector, Vector, Vector];
    i32.or(i32.le_s(n.images, 0), i32.le_s(channels, 0));
    when(return_);
    const look = () => {
      i32.add(i32.mul(i32.add(i32.mul(iy, width), ix), channels), channel);
      local.set(at);
      local.set(value, v128.load({}, i32.add(i32.mul(at, e.bytes), x)));
      i32.add(at, first);
      local.set(candidate, positions.fromNumber());
      positions.greater(value, largest);
      v128.andnot(positions.differ(value, value), positions.differ(largest, largest));
      v128.or();
      positions.negative(position);
      local.set(take, v128.or());
      local.set(largest, v128.bitselect(value, largest, take));
      local.set(position, v128.bitselect(candidate, position, take));
    };
    repeat(n.images, 1, () => {
      local.set(y0, i32.sub(0, n.top));
      local.set(n.oy, n.outHeight);
      repeat(n.oy, 1, () => {
        local.set(x0, i32.sub(0, n.left));
        local.set(n.ox, n.outWidth);
        repeat(n.ox, 1, () => {
          local.set(channel, 0);
          local.set(rest, channels);
          repeat(rest, e.lanes, () => {
            local.set(largest, words(positions.lowest));
            local.set(position, words(positions.none));
            local.set(iy, y0);
            local.set(ky, n.window0);
            repeat(ky, 1, () => {
              local.set(ix, x0);
              local.set(kx, n.window1);
              repeat(kx, 1, () => {
                i32.and(i32.lt_u(iy, height), i32.lt_u(ix, width));
                when(look);
                advance(ix, n.dilation1);
              });
              advance(iy, n.dilation0);
            });
            positions.store(out, rest, position, value);
            advance(channel, e.lanes);
          });
          advance(x0, n.stride1);
        });
        advance(y0, n.stride0);
      });
      local.set(at, i32.mul(i32.mul(height, width), channels));
      advance(first, at);
      advance(x, at, e.bytes);
    });
  });
}
