import { sizeOf, stridesOf } from "../../array/shape.ts";
import type { Node } from "../graph/nodes.ts";
import { emitConstant, type LanePlan } from "./lane_plan.ts";
import type { Lane } from "./lanes.ts";
import { loopKey, type LoopPlan, type LoopReduction } from "../plan/loops.ts";
import {
  type Address,
  addressFunction,
  br_if,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i8x16,
  if_,
  local,
  loop,
  memory,
  relaxedSimd,
  v128,
  type Vector,
  type WasmFunction,
} from "../wasm/writer.ts";

/** A loop as a WebAssembly function of addresses. */
export interface LoopFunction {
  readonly code: WasmFunction;
  /** What each parameter is the address of: a source, a store, a reduction, or room to add up in. */
  readonly parameters: readonly LoopParameter[];
}

/** What a parameter of a loop is the address of. */
export interface LoopParameter {
  readonly role: "source" | "store" | "result" | "sums";
  readonly node: Node;
  /** How far its part is from the start, in bytes for each step along the outermost axis. */
  readonly step: number;
  /** Whether the result is that of one chunk, in float64 if it is a sum. */
  readonly isPartial: boolean;
}

/** Something in memory that the loops step through. */
interface Pointer {
  readonly address: Address;
  /** In bytes, for each axis. */
  readonly strides: readonly number[];
}

const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const IDENTITY = { sum: 0, max: -Infinity, min: Infinity } as const;

/** Room that a loop needs beside its results, in bytes: sums of float32 are kept in float64. */
export function sumsBytes(plan: LoopPlan, reduction: LoopReduction): number {
  return needsSums(plan, reduction) ? 8 * sizeOf(reduction.node.shape) : 0;
}

function needsSums(plan: LoopPlan, reduction: LoopReduction): boolean {
  return plan.dtype === "float32" && reduction.kind === "sum" && !reduction.direct;
}

/**
 * Writes the loops of a plan.
 *
 * @param isDivided Whether it runs over a part of the outermost axis, whose length is then the last parameter.
 *   Results along which that axis vanishes are those of the part only. See {@linkcode divisionOf}.
 */
export function emitLoop(plan: LoopPlan, body: LanePlan, isDivided: boolean): LoopFunction {
  const full = stridesOf(plan.lengths);
  const isPartial = (r: LoopReduction): boolean => isDivided && r.strides[0] === 0;
  const parameter = (
    role: LoopParameter["role"],
    node: Node,
    stride: number,
    isPartial = false,
  ): LoopParameter => ({ role, node, step: stride * (node.dtype === "float64" ? 8 : 4), isPartial });
  const parameters = [
    ...plan.sources.map(({ node, strides }) => parameter("source", node, strides[0]!)),
    ...plan.stores.map((node) => parameter("store", node, full[0]!)),
    ...plan.reductions.map((r) => parameter("result", r.node, r.strides[0]!, isPartial(r))),
    ...plan.reductions.filter((r) => needsSums(plan, r) && !isPartial(r)).map(({ node }) =>
      parameter("sums", node, 0)
    ),
  ];
  const key = `${relaxedSimd()} ${isDivided} ${loopKey(plan)}`;
  let code = written.get(key);
  if (code === undefined) {
    code = writeLoop(plan, body, parameters, isDivided);
    written.set(key, code);
    if (written.size > MOST_WRITTEN) written.delete(written.keys().next().value!);
  }
  return { code, parameters };
}

/** Loops written before: programs that take the same step again and again have many alike. */
const written = new Map<string, WasmFunction>();
const MOST_WRITTEN = 512;

function writeLoop(
  plan: LoopPlan,
  body: LanePlan,
  parameters: readonly LoopParameter[],
  isDivided: boolean,
): WasmFunction {
  const writer = new LoopWriter(plan, body, parameters, isDivided);
  const locals = { addresses: writer.addressCount, vectors: writer.vectorCount };
  return addressFunction(
    parameters.length + (isDivided ? 1 : 0),
    locals,
    (given, addresses, vectors) => writer.write(given, addresses, vectors),
  );
}

/**
 * Whether a loop loads all it reads before it stores anything, so that results may take the place of what was
 * read. With more sources than this the vectors would not fit in registers.
 */
export function loadsFirst(plan: LoopPlan): boolean {
  return plan.stores.length > 0 && plan.sources.length <= 8;
}

class LoopWriter {
  readonly #plan: LoopPlan;
  readonly #body: LanePlan;
  readonly #parameters: readonly LoopParameter[];
  readonly #isDivided: boolean;
  readonly #lanes: number;
  readonly #narrow: boolean;
  readonly addressCount: number;
  readonly vectorCount: number;
  /** Locals that vectors live in, by what they are for. */
  #splats: readonly Vector[] = [];
  #accumulators: readonly Vector[] = [];
  #temporaries: readonly Vector[] = [];
  /** Constants, made once before the loops: engines make them anew at each use otherwise. */
  readonly #constants = new Map<Lane, Vector>();
  #value!: Vector;
  #counters: readonly Address[] = [];
  #starts: readonly Address[] = [];
  #addresses: readonly Address[] = [];
  #pointers: Pointer[] = [];

  constructor(
    plan: LoopPlan,
    body: LanePlan,
    parameters: readonly LoopParameter[],
    isDivided: boolean,
  ) {
    this.#plan = plan;
    this.#body = body;
    this.#parameters = parameters;
    this.#isDivided = isDivided;
    this.#narrow = plan.dtype === "float32";
    this.#lanes = this.#narrow ? 4 : 2;
    this.addressCount = plan.lengths.length + 2 * plan.reductions.length;
    this.vectorCount = plan.sources.length + 2 * plan.reductions.length + 1 + body.localCount +
      body.constants.length;
  }

  write(given: readonly Address[], addresses: readonly Address[], vectors: readonly Vector[]): void {
    const { lengths, sources, reductions } = this.#plan;
    this.#counters = addresses.slice(0, lengths.length);
    this.#starts = addresses.slice(lengths.length);
    let next = 0;
    const take = (count: number): readonly Vector[] => vectors.slice(next, next += count);
    this.#splats = take(sources.length);
    this.#accumulators = take(2 * reductions.length);
    this.#value = take(1)[0]!;
    this.#temporaries = take(this.#body.localCount);
    this.#body.constants.forEach((lane, i) => this.#constants.set(lane, vectors[next + i]!));
    this.#addresses = given;
    const full = stridesOf(lengths);
    this.#pointers = this.#parameters.map(({ role, node, isPartial }, i) => {
      const address = given[i]!;
      const reduction = reductions.find((r) => r.node === node);
      const isWide = role === "sums" || node.dtype === "float64" || (isPartial && reduction!.kind === "sum");
      const bytes = isWide ? 8 : 4;
      const strides = role === "source" ? sources[i]!.strides : role === "store" ? full : reduction!.strides;
      return { address, strides: strides.map((s) => s * bytes) };
    });
    this.#begin();
    this.#axis(0);
    this.#end();
  }

  /** Keeps the addresses that are needed again, loads what never changes, and clears what is added to. */
  #begin(): void {
    for (const [lane, vector] of this.#constants) {
      emitConstant(lane);
      local.set(vector);
    }
    this.#plan.sources.forEach((source, i) => {
      if (source.strides.every((s) => s === 0)) this.#loadSplat(i);
    });
    this.#plan.reductions.forEach((reduction, i) => {
      if (reduction.direct) {
        if (isWhole(reduction)) this.#clearAccumulators(i);
        return;
      }
      const result = this.#addressOf("result", reduction.node);
      local.set(this.#starts[2 * i]!, result);
      const size = sizeOf(reduction.node.shape);
      if (this.#hasSums(reduction)) {
        const sums = this.#addressOf("sums", reduction.node);
        local.set(this.#starts[2 * i + 1]!, sums);
        clearMemory(sums, 8 * size);
      } else if (reduction.kind === "sum") clearMemory(result, 8 * size);
      else this.#fill(i, size, IDENTITY[reduction.kind]);
    });
  }

  /** Fills a result with a number before anything is compared with it. */
  #fill(i: number, size: number, value: number): void {
    const at = this.#starts[2 * i + 1]!;
    local.set(at, this.#starts[2 * i]!);
    this.#repeat(this.#counters[0]!, Math.ceil(size / this.#lanes), () => {
      this.#constant(value);
      local.set(this.#value);
      v128.store({}, at, this.#value);
      this.#step(at, 16);
    });
  }

  /** The loop over one axis, with those inside it. */
  #axis(axis: number): void {
    const { lengths } = this.#plan;
    const inner = lengths.length - 1;
    if (axis === inner) return this.#innermost();
    const code = (): void => {
      this.#axis(axis + 1);
      for (const { address, strides } of this.#pointers) {
        this.#step(address, strides[axis]! - lengths[axis + 1]! * strides[axis + 1]!);
      }
    };
    if (axis === 0 && this.#isDivided) {
      local.set(this.#counters[0]!, this.#length);
      this.#countDown(this.#counters[0]!, code);
    } else this.#repeat(this.#counters[axis]!, lengths[axis]!, code);
  }

  /** Along the outermost axis, how long the part is that is to be done; at least 1. */
  get #length(): Address {
    return this.#addresses[this.#parameters.length]!;
  }

  #innermost(): void {
    const { lengths, sources, reductions } = this.#plan;
    const inner = lengths.length - 1;
    sources.forEach(({ strides }, i) => {
      if (strides[inner] === 0 && strides.some((s) => s !== 0)) this.#loadSplat(i);
    });
    reductions.forEach((reduction, i) => {
      if (reduction.strides[inner] === 0 && !isWhole(reduction)) this.#clearAccumulators(i);
    });
    const columns = lengths[inner]!;
    const whole = Math.floor(columns / this.#lanes);
    const rest = columns % this.#lanes;
    const vector = (): void => {
      this.#element(this.#lanes);
      this.#advance(this.#lanes);
    };
    const tail = (): void => {
      this.#element(rest);
      this.#advance(rest);
    };
    if (inner === 0 && this.#isDivided) {
      const counter = this.#counters[0]!;
      i32.div_u(this.#length, this.#lanes);
      local.tee(counter);
      if_({}, () => this.#countDown(counter, vector));
      if (rest > 0) {
        // Only the last part has a rest.
        i32.and(this.#length, this.#lanes - 1);
        if_({}, tail);
      }
    } else {
      this.#repeat(this.#counters[inner]!, whole, vector);
      if (rest > 0) tail();
    }
    reductions.forEach((reduction, i) => {
      if (reduction.strides[inner] === 0 && !isWhole(reduction)) this.#flush(reduction, i);
    });
  }

  /** Moves every pointer on by some elements of the innermost axis. */
  #advance(elements: number): void {
    for (const { address, strides } of this.#pointers) this.#step(address, strides.at(-1)! * elements);
  }

  /** Computes one vector, of which the first `count` lanes are in range. */
  #element(count: number): void {
    const { stores, reductions, lengths } = this.#plan;
    const inner = lengths.length - 1;
    if (loadsFirst(this.#plan)) {
      this.#plan.sources.forEach(({ strides }, i) => {
        if (strides[inner] === 0) return;
        this.#loadSource(i);
        local.set(this.#splats[i]!);
      });
    }
    const load = (i: number): void => {
      if (loadsFirst(this.#plan)) local.get(this.#splats[i]!);
      else this.#loadSource(i);
    };
    this.#body.emit(this.#temporaries, load, (i) => {
      local.set(this.#value);
      const store = stores[i - reductions.length];
      if (store !== undefined) {
        const address = this.#addressOf("store", store);
        // The next row may be another thread's.
        if (count < this.#lanes && this.#isDivided && inner > 0) this.#storeLanes(address, count);
        else v128.store({}, address, this.#value);
        return;
      }
      const reduction = reductions[i]!;
      if (count < this.#lanes) this.#mask(count, IDENTITY[reduction.kind]);
      if (reduction.strides[inner] === 0) this.#accumulate(reduction, i);
      else this.#accumulateInMemory(reduction);
    }, this.#constants);
  }

  /** Stores the first lanes of the value. */
  #storeLanes(address: Address, count: number): void {
    const bytes = 16 / this.#lanes;
    if (bytes === 8) return void v128.store64_lane({}, 0, address, this.#value);
    if (count >= 2) v128.store64_lane({}, 0, address, this.#value);
    if (count % 2 === 1) v128.store32_lane({ offset: 4 * (count - 1) }, count - 1, address, this.#value);
  }

  /** Puts the identity of a reduction into the lanes that are out of range. */
  #mask(count: number, identity: number): void {
    local.get(this.#value);
    this.#constant(identity);
    const bytes = Array.from({ length: 16 }, (_, i) => i < count * 16 / this.#lanes ? 255 : 0);
    v128.const("i8x16", bytes as never);
    v128.bitselect();
    local.set(this.#value);
  }

  /** Adds the value to the accumulators of a reduction over the innermost axis. */
  #accumulate({ kind }: LoopReduction, i: number): void {
    const [low, high] = this.#accumulatorsOf(i);
    if (kind !== "sum") {
      this.#narrow ? f32x4[kind](low, this.#value) : f64x2[kind](low, this.#value);
      local.set(low);
    } else if (!this.#narrow) {
      f64x2.add(low, this.#value);
      local.set(low);
    } else {
      local.get(low);
      f64x2.promote_low_f32x4(this.#value);
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
    i8x16.shuffle(HIGH_HALF as never, this.#value, this.#value);
  }

  /** Adds the value to a row of results in memory. */
  #accumulateInMemory(reduction: LoopReduction): void {
    const address = this.#addressOf(this.#hasSums(reduction) ? "sums" : "result", reduction.node);
    if (!needsSums(this.#plan, reduction)) {
      local.get(address);
      v128.load({}, address);
      const operation = reduction.kind === "sum" ? "add" : reduction.kind;
      local.get(this.#value);
      this.#narrow ? f32x4[operation]() : f64x2[operation]();
      v128.store({});
      return;
    }
    local.get(address);
    v128.load({}, address);
    f64x2.promote_low_f32x4(this.#value);
    f64x2.add();
    v128.store({});
    local.get(address);
    v128.load({ offset: 16 }, address);
    this.#highHalf();
    f64x2.promote_low_f32x4();
    f64x2.add();
    v128.store({ offset: 16 });
  }

  /** Writes what the accumulators of a reduction hold, or adds it to what is there. */
  #flush(reduction: LoopReduction, i: number): void {
    const { kind, direct, node } = reduction;
    const [low, high] = this.#accumulatorsOf(i);
    const address = this.#addressOf(this.#hasSums(reduction) ? "sums" : "result", node);
    if (kind === "sum" && this.#narrow) {
      f64x2.add(low, high);
      local.set(low);
    }
    local.get(address);
    const wide = !this.#narrow || kind === "sum";
    const lanes = wide ? 2 : 4;
    for (let lane = 0; lane < lanes; lane++) {
      local.get(low);
      wide ? f64x2.extract_lane(lane) : f32x4.extract_lane(lane);
      if (lane > 0) this.#combine(kind, wide);
    }
    if (!direct) {
      wide ? f64.load({}, address) : f32.load({}, address);
      this.#combine(kind, wide);
    }
    if (!wide) f32.store({});
    else if (this.#narrow && direct && !this.#isPartial(reduction)) {
      f32.demote_f64();
      f32.store({});
    } else f64.store({});
  }

  #combine(kind: LoopReduction["kind"], wide: boolean): void {
    const operation = kind === "sum" ? "add" : kind;
    wide ? f64[operation]() : f32[operation]();
  }

  /** Writes results that were added up over all loops. */
  #end(): void {
    this.#plan.reductions.forEach((reduction, i) => {
      if (isWhole(reduction)) this.#flush(reduction, i);
      if (!this.#hasSums(reduction)) return;
      const [result, sums] = [this.#starts[2 * i]!, this.#starts[2 * i + 1]!];
      this.#repeat(this.#counters[0]!, Math.ceil(sizeOf(reduction.node.shape) / 2), () => {
        v128.load({}, sums);
        f32x4.demote_f64x2_zero();
        local.set(this.#value);
        local.get(result);
        local.get(this.#value);
        f64x2.extract_lane(0);
        f64.store({});
        this.#step(result, 8);
        this.#step(sums, 16);
      });
    });
  }

  /** Whether a reduction gives the result of one part only. */
  #isPartial({ strides }: LoopReduction): boolean {
    return this.#isDivided && strides[0] === 0;
  }

  /** Whether a reduction has room of its own to add up in. */
  #hasSums(reduction: LoopReduction): boolean {
    return needsSums(this.#plan, reduction) && !this.#isPartial(reduction);
  }

  /** Repeats code a fixed number of times. */
  #repeat(counter: Address, times: number, code: () => void): void {
    if (times === 0) return;
    if (times === 1) return code();
    local.set(counter, times);
    this.#countDown(counter, code);
  }

  /** Repeats code as often as a counter says, at least once. */
  #countDown(counter: Address, code: () => void): void {
    loop({}, (label) => {
      code();
      i32.sub(counter, 1);
      local.tee(counter);
      br_if(label);
    });
  }

  #step(address: Address, bytes: number): void {
    if (bytes === 0) return;
    i32.add(address, bytes);
    local.set(address);
  }

  #constant(value: number): void {
    if (this.#narrow) v128.const("f32x4", [value, value, value, value]);
    else v128.const("f64x2", [value, value]);
  }

  #clearAccumulators(i: number): void {
    for (const accumulator of this.#accumulatorsOf(i)) {
      this.#constant(IDENTITY[this.#plan.reductions[i]!.kind]);
      local.set(accumulator);
    }
  }

  #accumulatorsOf(i: number): [Vector, Vector] {
    return [this.#accumulators[2 * i]!, this.#accumulators[2 * i + 1]!];
  }

  #addressOf(role: LoopParameter["role"], node: Node): Address {
    return this.#addresses[this.#parameters.findIndex((p) => p.role === role && p.node === node)]!;
  }

  /** Leaves the vector of a source on the stack. */
  #loadSource(i: number): void {
    const { node, strides } = this.#plan.sources[i]!;
    if (strides.at(-1) === 0) return void local.get(this.#splats[i]!);
    const address = this.#addresses[i]!;
    const narrow = node.dtype === "float32";
    if (narrow === this.#narrow) v128.load({}, address);
    else if (narrow) {
      v128.load64_zero({}, address);
      f64x2.promote_low_f32x4();
    } else {
      v128.load({}, address);
      f32x4.demote_f64x2_zero();
      v128.load({ offset: 16 }, address);
      f32x4.demote_f64x2_zero();
      i8x16.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23] as never);
    }
  }

  /** Loads one element of a source into all lanes of its local. */
  #loadSplat(i: number): void {
    const { node } = this.#plan.sources[i]!;
    const address = this.#addresses[i]!;
    const narrow = node.dtype === "float32";
    if (narrow && this.#narrow) v128.load32_splat({}, address);
    else if (!narrow && !this.#narrow) v128.load64_splat({}, address);
    else if (narrow) {
      f32.load({}, address);
      f64.promote_f32();
      f64x2.splat();
    } else {
      f64.load({}, address);
      f32.demote_f64();
      f32x4.splat();
    }
    local.set(this.#splats[i]!);
  }
}

function clearMemory(address: Address, bytes: number): void {
  local.get(address);
  i32.const(0);
  i32.const(bytes);
  memory.fill();
}

/** Whether a reduction runs over all axes. */
function isWhole(reduction: LoopReduction): boolean {
  return reduction.strides.every((s) => s === 0);
}
