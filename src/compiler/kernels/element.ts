/** The instructions that depend on the type of the elements, and the few shapes of control flow that kernels use. */
import type { DType } from "../../array/dtype.ts";
import {
  type Address,
  addressFunction,
  br_if,
  call,
  f32x4,
  f64x2,
  i32,
  i8x16,
  if_,
  local,
  loop,
  select,
  v128,
  type Vector,
  type WasmFunction,
} from "../wasm/writer.ts";

/** What is on top of the stack. */
export type StackVector = ReturnType<typeof v128.load>;
type Operand = Vector | StackVector;

/** The instructions for one type of element. */
export interface Element {
  readonly dtype: DType;
  /** Bytes of an element. */
  readonly bytes: 4 | 8;
  /** Elements of a vector. */
  readonly lanes: 4 | 2;
  /** Pushes a vector of one element, repeated. */
  loadSplat(offset: number, address: Address): StackVector;
  /** Pushes a vector of one element and zeros. */
  loadFirst(offset: number, address: Address): StackVector;
  /** Puts an element into one lane of the vector on the stack. */
  loadLane(lane: number, address: Address, vector: Vector): StackVector;
  /** Stores one lane. */
  storeLane(offset: number, lane: number, address: Address, vector: Vector): void;
  /** Pushes `x * y + sum`, fused if the engine can. */
  multiplyAdd(x: Vector, y: Vector, sum: Vector): StackVector;
  /** Pushes the sum of what is on the stack and another vector, or of two others. */
  add(x: Operand, y: Operand): StackVector;
  /** Exchanges rows and columns of as many vectors as they have lanes; `spare` holds as many. */
  transpose(rows: readonly Vector[], spare: readonly Vector[]): void;
}

/** The instructions for a type of element, with or without relaxed SIMD. */
export function elementOf(dtype: DType, relaxed: boolean): Element {
  return dtype === "float32" ? float32(relaxed) : float64(relaxed);
}

function float32(relaxed: boolean): Element {
  return {
    dtype: "float32",
    bytes: 4,
    lanes: 4,
    loadSplat: (offset, address) => v128.load32_splat({ offset }, address),
    loadFirst: (offset, address) => v128.load32_zero({ offset }, address),
    loadLane: (lane, address, vector) => v128.load32_lane({}, lane, address, vector),
    storeLane: (offset, lane, address, vector) => v128.store32_lane({ offset }, lane, address, vector),
    multiplyAdd: (x, y, sum) => relaxed ? f32x4.relaxed_madd(x, y, sum) : f32x4.add(f32x4.mul(x, y), sum),
    add: (x, y) => f32x4.add(x, y),
    transpose: ([a, b, c, d], [e, f, g, h]) => {
      local.set(e!, shuffle(a!, b!, LOW_HALVES_32));
      local.set(f!, shuffle(a!, b!, HIGH_HALVES_32));
      local.set(g!, shuffle(c!, d!, LOW_HALVES_32));
      local.set(h!, shuffle(c!, d!, HIGH_HALVES_32));
      local.set(a!, shuffle(e!, g!, LOW_64));
      local.set(b!, shuffle(e!, g!, HIGH_64));
      local.set(c!, shuffle(f!, h!, LOW_64));
      local.set(d!, shuffle(f!, h!, HIGH_64));
    },
  };
}

function float64(relaxed: boolean): Element {
  return {
    dtype: "float64",
    bytes: 8,
    lanes: 2,
    loadSplat: (offset, address) => v128.load64_splat({ offset }, address),
    loadFirst: (offset, address) => v128.load64_zero({ offset }, address),
    loadLane: (lane, address, vector) => v128.load64_lane({}, lane, address, vector),
    storeLane: (offset, lane, address, vector) => v128.store64_lane({ offset }, lane, address, vector),
    multiplyAdd: (x, y, sum) => relaxed ? f64x2.relaxed_madd(x, y, sum) : f64x2.add(f64x2.mul(x, y), sum),
    add: (x, y) => f64x2.add(x, y),
    transpose: ([a, b], [c]) => {
      local.set(c!, shuffle(a!, b!, HIGH_64));
      local.set(a!, shuffle(a!, b!, LOW_64));
      local.set(b!, c!);
    },
  };
}

/** Elements of two vectors interleaved, as 32-bit words of the first (0 to 3) and the second (4 to 7). */
const LOW_HALVES_32 = wordsToBytes([0, 4, 1, 5]);
const HIGH_HALVES_32 = wordsToBytes([2, 6, 3, 7]);
const LOW_64 = wordsToBytes([0, 1, 4, 5]);
const HIGH_64 = wordsToBytes([2, 3, 6, 7]);

function wordsToBytes(words: readonly number[]): number[] {
  return words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte));
}

function shuffle(x: Vector, y: Vector, bytes: readonly number[]): StackVector {
  return i8x16.shuffle(bytes, x, y);
}

/** A function whose parameters, all addresses or counts, have names. */
export interface Kernel<P extends string> {
  readonly parameters: readonly P[];
  readonly code: WasmFunction;
}

/** What one kernel takes. */
export type Arguments<K> = K extends Kernel<infer P> ? Record<P, Address | number> : never;

/**
 * Writes a kernel.
 *
 * @param locals Names of further addresses and counts
 * @param vectors How many vectors it has
 */
export function kernel<P extends string, L extends string>(
  parameters: readonly P[],
  locals: readonly L[],
  vectors: number,
  write: (names: Record<P | L, Address>, vectors: readonly Vector[]) => void,
): Kernel<P> {
  const code = addressFunction(
    parameters.length,
    { addresses: locals.length, vectors },
    (given, own, made) => {
      const names = Object.fromEntries([
        ...parameters.map((name, i) => [name, given[i]!]),
        ...locals.map((name, i) => [name, own[i]!]),
      ]);
      write(names as Record<P | L, Address>, made);
    },
  );
  return { parameters, code };
}

/** Calls a kernel from another. */
export function invoke<P extends string>(
  { parameters, code }: Kernel<P>,
  values: Record<P, Address | number | (() => void)>,
): void {
  for (const name of parameters) {
    const value = values[name];
    if (typeof value === "number") i32.const(value);
    else if (typeof value === "function") value();
    else local.get(value);
  }
  call(code);
}

/** Pushes the lesser of two, for a call. */
export function lesser(x: Address, bound: Address | number): () => void {
  return () => {
    local.get(x);
    if (typeof bound === "number") i32.const(bound);
    else local.get(bound);
    i32.lt_s(x, bound);
    select();
  };
}

/** Sets a local to zero. */
export function clear(vector: Vector): void {
  local.set(vector, v128.const("i32x4", [0, 0, 0, 0]));
}

/** Adds to an address or counter, or adds a product. */
export function advance(address: Address, by: Address | number, times: Address | number = 1): void {
  if (times === 1) i32.add(address, by);
  else i32.add(i32.mul(by, times), address);
  local.set(address);
}

/** Sets a local to a sum. */
export function setSum(target: Address, x: Address, y: Address | number): void {
  local.set(target, i32.add(x, y));
}

/** Sets a local to a product. */
export function setProduct(target: Address, x: Address, y: Address | number): void {
  local.set(target, i32.mul(x, y));
}

/** Sets a local to the lesser of a count and a bound. */
export function setLesser(target: Address, x: Address, bound: Address | number): void {
  lesser(x, bound)();
  local.set(target);
}

/** Runs the body if what is on the stack is not zero. */
export function when(body: () => void, otherwise?: () => void): void {
  if (otherwise === undefined) if_(null, body);
  else if_(null, body, otherwise);
}

/** Runs the body at least once, counting down by `step`, for as long as the count stays positive. */
export function repeat(count: Address, step: Address | number, body: () => void): void {
  loop(null, (label) => {
    body();
    const rest = local.tee(count, i32.sub(count, step));
    if (step !== 1) i32.ge_s(rest, 1);
    br_if(label);
  });
}

/** Runs the body while the count is at least `step`, and leaves the rest of the count. */
export function repeatWhole(count: Address, step: number, body: () => void): void {
  i32.ge_s(count, step);
  when(() => {
    loop(null, (label) => {
      body();
      i32.ge_s(local.tee(count, i32.sub(count, step)), step);
      br_if(label);
    });
  });
}

/** Runs the body for each of a count that may be zero. */
export function repeatAny(count: Address, body: () => void): void {
  i32.ge_s(count, 1);
  when(() => repeat(count, 1, body));
}

/** Sets the addresses of rows, the last of `count` repeated for those missing. */
export function placeRows(at: readonly Address[], start: Address, step: Address, count?: Address): void {
  at.forEach((p, r) => {
    const before = at[r - 1];
    if (before === undefined) local.set(p, start);
    else if (count === undefined) setSum(p, before, step);
    else {
      i32.add(before, step);
      local.get(before);
      i32.ge_s(count, r + 1);
      select();
      local.set(p);
    }
  });
}
