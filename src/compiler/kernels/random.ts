/** Random bits by Threefry-2x32, four counters in a vector, three vectors side by side. */
import {
  $,
  type Address,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  i8x16,
  local,
  v128,
  type Vector,
} from "../wasm/writer.ts";
import { advance, type Element, type Kernel, kernel, repeat, repeatAny, when } from "./element.ts";
import { DRAW, WORDS } from "./parameters.ts";

/** The kernels that draw random numbers; see the functions that write them. */
export type RandomKernel = "uniform" | "words" | "threefry";

/** One of the kernels for one type of element. */
export function randomKernel(e: Element, name: RandomKernel): Kernel<string> {
  if (name === "threefry") return threefryKernel();
  const isNarrow = e.dtype === "float32";
  if (name === "words") return drawKernel(e, isNarrow ? NARROW_WORDS : WIDE_WORDS);
  return drawKernel(e, isNarrow ? NARROW_UNIT : WIDE_UNIT);
}

/** How often words are turned, and which parts of the key follow each group of four rounds. */
const ROTATIONS = [[13, 15, 26, 6], [17, 29, 16, 24]] as const;
const PARITY = 0x1bd11bda;

/** Blocks that are drawn together: one alone would wait for each of its instructions. */
const SIDE_BY_SIDE = 3;

/** The two words of four counters. */
interface Block {
  readonly x: Vector;
  readonly y: Vector;
}

/** How numbers are made of the words of a block. */
interface Form {
  /** Numbers that a block gives in a row. */
  readonly elements: 4 | 8;
  /** Whether there are two such rows, one of first words and one of second words. */
  readonly planes: boolean;
  /**
   * Turns words into numbers: `store` is called for each vector of them, with its row and the number of its first
   * element there.
   */
  make(block: Block, spare: Vector, store: (vector: Vector, plane: 0 | 1, element: number) => void): void;
}

/** 24 bits of each word, word by word. */
const NARROW_UNIT: Form = {
  elements: 8,
  planes: false,
  make: ({ x, y }, spare, store) => {
    const bits = (order: readonly number[]) => i32x4.shr_u(i8x16.shuffle(wordsToBytes(order), x, y), 8);
    const scale = floats(2 ** -24);
    local.set(spare, f32x4.mul(f32x4.convert_i32x4_s(bits([0, 4, 1, 5])), constant(scale)));
    store(spare, 0, 0);
    local.set(spare, f32x4.mul(f32x4.convert_i32x4_s(bits([2, 6, 3, 7])), constant(scale)));
    store(spare, 0, 4);
  },
};

/** 53 bits of both words. */
const WIDE_UNIT: Form = {
  elements: 4,
  planes: false,
  make: ({ x, y }, spare, store) => {
    const pair = (half: readonly number[], element: number): void => {
      const [high, low] = [x, y].map((word, k) => () =>
        f64x2.convert_low_i32x4_u(i32x4.shr_u(i8x16.shuffle(wordsToBytes(half), word, word), k === 0 ? 5 : 6))
      ) as [() => ReturnType<typeof f64x2.convert_low_i32x4_u>, () => ReturnType<typeof f64x2.mul>];
      const shifted = f64x2.mul(high(), constant(doubles(2 ** 26)));
      local.set(spare, f64x2.mul(f64x2.add(shifted, low()), constant(doubles(2 ** -53))));
      store(spare, 0, element);
    };
    pair([0, 1, 0, 1], 0);
    pair([2, 3, 2, 3], 2);
  },
};

const NARROW_WORDS: Form = {
  elements: 4,
  planes: true,
  make: ({ x, y }, spare, store) =>
    [x, y].forEach((word, plane) => {
      local.set(spare, f32x4.mul(f32x4.convert_i32x4_u(word), constant(floats(2 ** -32))));
      store(spare, plane as 0 | 1, 0);
    }),
};

const WIDE_WORDS: Form = {
  elements: 4,
  planes: true,
  make: ({ x, y }, spare, store) =>
    [x, y].forEach((word, plane) =>
      [[0, 1, 0, 1], [2, 3, 2, 3]].forEach((half, k) => {
        const values = f64x2.convert_low_i32x4_u(i8x16.shuffle(wordsToBytes(half), word, word));
        local.set(spare, f64x2.mul(values, constant(doubles(2 ** -32))));
        store(spare, plane as 0 | 1, 2 * k);
      })
    ),
};

/**
 * Draws `count` numbers from element `start` on under each of `keys` keys, which are two float64 each. `start` is
 * even. From one key's numbers to the next there are `step` bytes, from first to second words `plane` bytes.
 */
function drawKernel(e: Element, form: Form): Kernel<typeof DRAW[number]> {
  const { elements } = form;
  const locals = ["counter", "rest", "at", "second"] as const;
  return kernel(DRAW, locals, 2 * SIDE_BY_SIDE + 4, (n, vectors) => {
    const [k0, k1, k2, spare, ...words] = vectors as [Vector, Vector, Vector, Vector, ...Vector[]];
    const blocks = Array.from({ length: SIDE_BY_SIDE }, (_, i): Block => ({
      x: words[2 * i]!,
      y: words[2 * i + 1]!,
    }));
    const groupElements = SIDE_BY_SIDE * elements;
    repeatAny(n.keys, () => {
      local.set(k0, i32x4.splat(i32.trunc_sat_f64_u(f64.load({}, n.key))));
      local.set(k1, i32x4.splat(i32.trunc_sat_f64_u(f64.load({ offset: 8 }, n.key))));
      local.set(k2, v128.xor(v128.xor(k0, k1), constant(new Int32Array(4).fill(PARITY))));
      if (elements === 8) local.set(n.counter, i32.shr_u(n.start, 1));
      else local.set(n.counter, n.start);
      local.set(n.rest, n.count);
      local.set(n.at, n.out);
      local.set(n.second, i32.add(n.out, n.plane));
      i32.ge_s(n.rest, 1);
      when(() =>
        repeat(n.rest, groupElements, () => {
          startBlocks(blocks, n.counter, k0, k1);
          runRounds(blocks, [k0, k1, k2]);
          blocks.forEach((block, b) =>
            form.make(block, spare, (vector, plane, element) =>
              storeRest(e, n.rest, plane === 0 ? n.at : n.second, b * elements + element, vector))
          );
          advance(n.counter, 4 * SIDE_BY_SIDE);
          advance(n.at, groupElements * e.bytes);
          if (form.planes) {
            advance(n.second, groupElements * e.bytes);
          }
        })
      );
      advance(n.key, 16);
      advance(n.out, n.step);
    });
  });
}

/** Stores a vector whose first element has a number, as far as there is room for so many. */
function storeRest(e: Element, rest: Address, to: Address, first: number, vector: Vector): void {
  i32.ge_s(rest, first + e.lanes);
  when(() => v128.store({ offset: first * e.bytes }, to, vector), () => {
    for (let lane = 0; lane < e.lanes - 1; lane++) {
      i32.gt_s(rest, first + lane);
      when(() => e.storeLane((first + lane) * e.bytes, lane, to, vector));
    }
  });
}

/** Sets blocks to the counters `[counter, 0]` and so on, with the key added. */
function startBlocks(blocks: readonly Block[], counter: Address, k0: Vector, k1: Vector): void {
  blocks.forEach(({ x, y }, b) => {
    const counters = i32x4.add(
      i32x4.splat(counter),
      constant(Int32Array.from([0, 1, 2, 3], (i) => 4 * b + i)),
    );
    local.set(x, i32x4.add(counters, k0));
    local.set(y, k1);
  });
}

/** The twenty rounds, on all blocks in turn. */
function runRounds(blocks: readonly Block[], keys: readonly [Vector, Vector, Vector]): void {
  for (let group = 0; group < 5; group++) {
    for (const by of ROTATIONS[group % 2]!) {
      for (const { x, y } of blocks) local.set(x, i32x4.add(x, y));
      for (const { x, y } of blocks) {
        rotate(y, by);
        local.set(y, v128.xor($, x));
      }
    }
    const [forX, forY] = [keys[(group + 1) % 3]!, keys[(group + 2) % 3]!];
    for (const { x, y } of blocks) {
      local.set(x, i32x4.add(x, forX));
      local.set(y, i32x4.add(i32x4.add(y, forY), constant(new Int32Array(4).fill(group + 1))));
    }
  }
}

/** Pushes words turned to the left; by whole bytes it is one instruction. */
function rotate(y: Vector, by: number): void {
  if (by % 8 === 0) {
    const bytes = [0, 1, 2, 3].flatMap((word) => [0, 1, 2, 3].map((i) => 4 * word + (i + 4 - by / 8) % 4));
    i8x16.shuffle(bytes, y, y);
  } else v128.or(i32x4.shl(y, by), i32x4.shr_u(y, 32 - by));
}

/** The bits of single counters: `count` times two words, all in float64; a step of 0 takes the same again. */
function threefryKernel(): Kernel<typeof WORDS[number]> {
  const locals = ["k0", "k1", "k2", "x", "y"] as const;
  return kernel(WORDS, locals, 0, (n) => {
    const { k0, k1, k2, x, y } = n;
    const keys = [k0, k1, k2] as const;
    const word = (from: Address, offset: number) => i32.trunc_sat_f64_u(f64.load({ offset }, from));
    repeatAny(n.count, () => {
      local.set(k0, word(n.key, 0));
      local.set(k1, word(n.key, 8));
      local.set(k2, i32.xor(i32.xor(k0, k1), PARITY));
      local.set(x, i32.add(word(n.counters, 0), k0));
      local.set(y, i32.add(word(n.counters, 8), k1));
      for (let group = 0; group < 5; group++) {
        for (const by of ROTATIONS[group % 2]!) {
          local.set(x, i32.add(x, y));
          local.set(y, i32.xor(i32.rotl(y, by), x));
        }
        local.set(x, i32.add(x, keys[(group + 1) % 3]!));
        local.set(y, i32.add(i32.add(y, keys[(group + 2) % 3]!), group + 1));
      }
      f64.store({}, n.out, f64.convert_i32_u(x));
      f64.store({ offset: 8 }, n.out, f64.convert_i32_u(y));
      advance(n.key, n.keyStep);
      advance(n.counters, n.counterStep);
      advance(n.out, 16);
    });
  });
}

/** The bytes of 32-bit words of two vectors: 0 to 3 of the first, 4 to 7 of the second. */
function wordsToBytes(words: readonly number[]): number[] {
  return words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte));
}

/** Pushes a vector. */
function constant(values: Int32Array | Float32Array | Float64Array): ReturnType<typeof v128.const> {
  return v128.const("i8x16", new Uint8Array(values.buffer));
}

function floats(value: number): Float32Array {
  return new Float32Array(4).fill(value);
}

function doubles(value: number): Float64Array {
  return new Float64Array(2).fill(value);
}
