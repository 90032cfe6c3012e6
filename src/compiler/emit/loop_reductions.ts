/** The code of a reduction that a loop ends in: where it is added up, and how it gets to its result. */
import { sizeOf } from "../../array/shape.ts";
import type { LoopReduction } from "../plan/loops.ts";
import {
  type Address,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i8x16,
  local,
  memory,
  v128,
  type Vector,
} from "../wasm/writer.ts";
import { clearMemory, countDown, repeat, step } from "./control_flow.ts";

const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const IDENTITY = { sum: 0, max: -Infinity, min: Infinity } as const;

/** The locals that the code of a reduction works with. */
export interface ReductionLocals {
  /** Holds the vector that is to be added. */
  readonly value: Vector;
  readonly accumulators: readonly [Vector, Vector];
  /** The address of the result, which steps through it. */
  readonly result: Address;
  /** The address of where sums of float32 are added up in float64; undefined if that is in registers only. */
  readonly sums: Address | undefined;
  /** Two addresses that stay. */
  readonly starts: readonly [Address, Address];
  /** A counter that is free before and after the loops. */
  readonly counter: Address;
  /** How many steps along the outermost axis there are; undefined if the results are always all. */
  readonly part: Address | undefined;
}

/** Writes the code of one reduction. */
export class ReductionWriter {
  readonly #reduction: LoopReduction;
  readonly #locals: ReductionLocals;
  readonly #narrow: boolean;
  readonly #isPartial: boolean;
  /** Whether it runs over all axes. */
  readonly #isWhole: boolean;
  readonly #isInner: boolean;

  /** @param isPartial Whether the result is that of one chunk, in float64 if it is a sum */
  constructor(reduction: LoopReduction, locals: ReductionLocals, narrow: boolean, isPartial: boolean) {
    this.#reduction = reduction;
    this.#locals = locals;
    this.#narrow = narrow;
    this.#isPartial = isPartial;
    this.#isWhole = reduction.strides.every((s) => s === 0);
    this.#isInner = reduction.strides.at(-1) === 0;
  }

  /** Before the loops: clears what is added to. */
  begin(): void {
    const { direct, kind } = this.#reduction;
    const { result, sums, starts: [resultStart, sumsStart] } = this.#locals;
    if (direct) {
      if (this.#isWhole) this.#clearAccumulators();
      return;
    }
    local.set(resultStart, result);
    if (sums !== undefined) {
      local.set(sumsStart, sums);
      this.#clear(sums);
    } else if (kind === "sum") this.#clear(result);
    else this.#fill();
  }

  /** Sets results in float64 to zero. */
  #clear(results: Address): void {
    const { part } = this.#locals;
    const { node, strides } = this.#reduction;
    if (part === undefined) return clearMemory(results, 8 * sizeOf(node.shape));
    local.get(results);
    i32.const(0);
    i32.mul(part, 8 * strides[0]!);
    memory.fill();
  }

  /** Repeats code for each vector of so many results; those of a part are whole vectors. */
  #forEachVector(lanes: number, code: () => void): void {
    const { part, counter } = this.#locals;
    const { node, strides } = this.#reduction;
    if (part === undefined) return repeat(counter, Math.ceil(sizeOf(node.shape) / lanes), code);
    local.set(counter, i32.mul(part, strides[0]! / lanes));
    countDown(counter, code);
  }

  /** Before the innermost loop. */
  beginInnermost(): void {
    if (this.#isInner && !this.#isWhole) this.#clearAccumulators();
  }

  /** Adds the value, of which the first `count` elements are in range: the vector so many after the current. */
  add(count: number, ahead: number): void {
    if (count < this.#lanes) this.#mask(count);
    if (this.#isInner) this.#addInRegisters(ahead);
    else this.#addInMemory(ahead);
  }

  /** After the innermost loop. */
  endInnermost(): void {
    if (this.#isInner && !this.#isWhole) this.#flush();
  }

  /** After the loops: writes results that were added up over all of them. */
  end(): void {
    const { value, sums, starts: [result, from] } = this.#locals;
    if (this.#isWhole) this.#flush();
    if (sums === undefined) return;
    this.#forEachVector(2, () => {
      v128.load({}, from);
      f32x4.demote_f64x2_zero();
      local.set(value);
      local.get(result);
      local.get(value);
      f64x2.extract_lane(0);
      f64.store({});
      step(result, 8);
      step(from, 16);
    });
  }

  get #lanes(): 4 | 2 {
    return this.#narrow ? 4 : 2;
  }

  /** Where the loops add to. */
  get #target(): Address {
    return this.#locals.sums ?? this.#locals.result;
  }

  /** Fills a result with the identity before anything is compared with it. */
  #fill(): void {
    const { value, starts: [start, at] } = this.#locals;
    local.set(at, start);
    this.#forEachVector(this.#lanes, () => {
      this.#identity();
      local.set(value);
      v128.store({}, at, value);
      step(at, 16);
    });
  }

  /** Puts the identity into the lanes that are out of range. */
  #mask(count: number): void {
    const { value } = this.#locals;
    local.get(value);
    this.#identity();
    const bytes = Array.from({ length: 16 }, (_, i) => i < count * 16 / this.#lanes ? 255 : 0);
    v128.const("i8x16", bytes);
    v128.bitselect();
    local.set(value);
  }

  #identity(): void {
    const value = IDENTITY[this.#reduction.kind];
    if (this.#narrow) v128.const("f32x4", [value, value, value, value]);
    else v128.const("f64x2", [value, value]);
  }

  #clearAccumulators(): void {
    for (const accumulator of this.#locals.accumulators) {
      this.#identity();
      local.set(accumulator);
    }
  }

  /** Vectors that are no sums of float32 go to both accumulators in turn, so that none waits for the one before. */
  #addInRegisters(ahead: number): void {
    const { value, accumulators } = this.#locals;
    const [low, high] = accumulators;
    const { kind } = this.#reduction;
    const next = accumulators[ahead % 2]!;
    if (kind !== "sum") {
      this.#narrow ? f32x4[kind](next, value) : f64x2[kind](next, value);
      local.set(next);
    } else if (!this.#narrow) {
      f64x2.add(next, value);
      local.set(next);
    } else {
      local.get(low);
      f64x2.promote_low_f32x4(value);
      f64x2.add();
      local.set(low);
      local.get(high);
      this.#highHalf();
      f64x2.promote_low_f32x4();
      f64x2.add();
      local.set(high);
    }
  }

  #highHalf(): void {
    const { value } = this.#locals;
    i8x16.shuffle(HIGH_HALF, value, value);
  }

  /** Adds the value to a row of results in memory, in float64 if it is a sum. */
  #addInMemory(ahead: number): void {
    const { value } = this.#locals;
    const { kind } = this.#reduction;
    const target = this.#target;
    const isWide = this.#narrow && kind === "sum";
    const offset = ahead * (isWide ? 32 : 16);
    local.get(target);
    v128.load({ offset }, target);
    if (!isWide) {
      const operation = kind === "sum" ? "add" : kind;
      local.get(value);
      this.#narrow ? f32x4[operation]() : f64x2[operation]();
      v128.store({ offset });
      return;
    }
    f64x2.promote_low_f32x4(value);
    f64x2.add();
    v128.store({ offset });
    local.get(target);
    v128.load({ offset: offset + 16 }, target);
    this.#highHalf();
    f64x2.promote_low_f32x4();
    f64x2.add();
    v128.store({ offset: offset + 16 });
  }

  /** Writes what the accumulators hold, or adds it to what is there. */
  #flush(): void {
    const { kind, direct } = this.#reduction;
    const { accumulators: [low, high] } = this.#locals;
    const target = this.#target;
    const wide = !this.#narrow || kind === "sum";
    const operation = kind === "sum" ? "add" : kind;
    wide ? f64x2[operation](low, high) : f32x4[operation](low, high);
    local.set(low);
    local.get(target);
    for (let lane = 0; lane < (wide ? 2 : 4); lane++) {
      local.get(low);
      wide ? f64x2.extract_lane(lane) : f32x4.extract_lane(lane);
      if (lane > 0) this.#combine(wide);
    }
    if (!direct) {
      wide ? f64.load({}, target) : f32.load({}, target);
      this.#combine(wide);
    }
    if (!wide) f32.store({});
    else if (this.#narrow && direct && !this.#isPartial) {
      f32.demote_f64();
      f32.store({});
    } else f64.store({});
  }

  #combine(wide: boolean): void {
    const { kind } = this.#reduction;
    const operation = kind === "sum" ? "add" : kind;
    wide ? f64[operation]() : f32[operation]();
  }
}
