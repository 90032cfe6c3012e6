import { bytesOfElement } from "../../array/dtype.ts";
import { loopKey, type LoopPlan } from "../plan/loops.ts";
import { loadsFirst } from "../plan/region_members.ts";
import { lanesOf } from "../wasm/linear_memory.ts";
import {
  type Address,
  addressFunction,
  i32,
  if_,
  local,
  relaxedSimd,
  v128,
  type Vector,
  type WasmFunction,
} from "../wasm/writer.ts";
import { countDown, countDownBy, repeat, step } from "./control_flow.ts";
import { emitConstant, loadSplat, loadVector } from "./lane_instructions.ts";
import type { LanePlan } from "./lane_plan.ts";
import type { Lane } from "../math/lanes.ts";
import { type LoopParameter, loopParameters } from "./loop_parameters.ts";
import { ReductionWriter } from "./loop_reductions.ts";

/** A loop as a WebAssembly function of addresses. */
export interface LoopFunction {
  readonly code: WasmFunction;
  /** What each parameter is the address of: a source, a store, a reduction, or room to add up in. */
  readonly parameters: readonly LoopParameter[];
}

/**
 * Writes the loops of a plan.
 *
 * @param isDivided Whether it runs over a part of the outermost axis, whose length is then the last parameter.
 *   Results along which that axis vanishes are those of the part only. See {@linkcode divisionOf}.
 */
export function emitLoop(plan: LoopPlan, body: LanePlan, isDivided: boolean): LoopFunction {
  const parameters = loopParameters(plan, isDivided);
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
  const { lengths, sources, reductions } = plan;
  return addressFunction(
    parameters.length + (isDivided ? 1 : 0),
    {
      addresses: lengths.length + 2 * reductions.length,
      vectors: sources.length + 2 * reductions.length + 1 + body.localCount + body.constants.length,
    },
    (given, addresses, vectors) =>
      new LoopWriter(plan, body, parameters, isDivided, given, addresses, vectors).write(),
  );
}

/**
 * How many vectors a loop takes at a time, so that the end of the loop costs little next to what it computes: the
 * more, the less that is.
 */
function unrolling(instructions: number, vectors: number): number {
  const together = instructions <= 8 ? 4 : instructions <= 20 ? 2 : 1;
  return vectors < 2 * together ? 1 : together;
}

class LoopWriter {
  readonly #plan: LoopPlan;
  readonly #body: LanePlan;
  readonly #parameters: readonly LoopParameter[];
  readonly #isDivided: boolean;
  readonly #lanes: 4 | 2;
  readonly #counters: readonly Address[];
  readonly #addresses: readonly Address[];
  readonly #reductions: readonly ReductionWriter[];
  // Locals that vectors live in, by what they are for.
  /** The vector of each source that was loaded before it is used. */
  readonly #loaded: readonly Vector[];
  readonly #temporaries: readonly Vector[];
  /** Constants, made once before the loops: engines make them anew at each use otherwise. */
  readonly #constants: ReadonlyMap<Lane, Vector>;
  readonly #value: Vector;

  constructor(
    plan: LoopPlan,
    body: LanePlan,
    parameters: readonly LoopParameter[],
    isDivided: boolean,
    given: readonly Address[],
    addresses: readonly Address[],
    vectors: readonly Vector[],
  ) {
    const { lengths, sources, reductions } = plan;
    this.#plan = plan;
    this.#body = body;
    this.#parameters = parameters;
    this.#isDivided = isDivided;
    this.#lanes = lanesOf(plan.dtype);
    this.#addresses = given;
    this.#counters = addresses.slice(0, lengths.length);
    const starts = addresses.slice(lengths.length);
    let next = 0;
    const take = (count: number): readonly Vector[] => vectors.slice(next, next += count);
    this.#loaded = take(sources.length);
    const accumulators = take(2 * reductions.length);
    const value = this.#value = take(1)[0]!;
    this.#temporaries = take(body.localCount);
    this.#constants = new Map(body.constants.map((lane, i) => [lane, vectors[next + i]!]));
    this.#reductions = reductions.map((reduction, i) => {
      const result = this.#find("result", reduction.node);
      const sums = this.#find("sums", reduction.node);
      const locals = {
        value,
        accumulators: [accumulators[2 * i]!, accumulators[2 * i + 1]!],
        result: given[result]!,
        sums: sums < 0 ? undefined : given[sums]!,
        starts: [starts[2 * i]!, starts[2 * i + 1]!],
        counter: this.#counters[0]!,
        part: isDivided && reduction.strides[0] !== 0 ? this.#length : undefined,
      } as const;
      return new ReductionWriter(reduction, locals, this.#lanes === 4, parameters[result]!.isPartial);
    });
  }

  write(): void {
    for (const [lane, vector] of this.#constants) {
      emitConstant(lane);
      local.set(vector);
    }
    this.#plan.sources.forEach(({ strides }, i) => {
      if (strides.every((s) => s === 0)) this.#loadRepeated(i);
    });
    this.#reductions.forEach((reduction) => reduction.begin());
    this.#axis(0);
    this.#reductions.forEach((reduction) => reduction.end());
  }

  /** The loop over one axis, with those inside it. */
  #axis(axis: number): void {
    const { lengths } = this.#plan;
    const inner = lengths.length - 1;
    if (axis === inner) return this.#innermost();
    const code = (): void => {
      this.#axis(axis + 1);
      this.#parameters.forEach(({ strides }, i) =>
        step(this.#addresses[i]!, strides[axis]! - lengths[axis + 1]! * strides[axis + 1]!)
      );
    };
    if (axis === 0 && this.#isDivided) {
      local.set(this.#counters[0]!, this.#length);
      countDown(this.#counters[0]!, code);
    } else repeat(this.#counters[axis]!, lengths[axis]!, code);
  }

  /** Along the outermost axis, how long the part is that is to be done; at least 1. */
  get #length(): Address {
    return this.#addresses[this.#parameters.length]!;
  }

  #innermost(): void {
    const { lengths, sources } = this.#plan;
    const inner = lengths.length - 1;
    sources.forEach(({ strides }, i) => {
      if (strides[inner] === 0 && strides.some((s) => s !== 0)) this.#loadRepeated(i);
    });
    this.#reductions.forEach((reduction) => reduction.beginInnermost());
    const whole = Math.floor(lengths[inner]! / this.#lanes);
    const rest = lengths[inner]! % this.#lanes;
    const together = unrolling(this.#body.instructionCount, whole);
    const vectors = (count: number): void => {
      for (let ahead = 0; ahead < count; ahead++) this.#elements(this.#lanes, ahead);
      this.#step(count * this.#lanes);
    };
    const tail = (): void => {
      this.#elements(rest);
      this.#step(rest);
    };
    const counter = this.#counters[inner]!;
    if (inner === 0 && this.#isDivided) {
      local.set(counter, i32.div_u(this.#length, this.#lanes));
      if (together > 1) countDownBy(counter, together, () => vectors(together));
      local.get(counter);
      if_({}, () => countDown(counter, () => vectors(1)));
      if (rest > 0) {
        // Only the last part has a rest.
        i32.and(this.#length, this.#lanes - 1);
        if_({}, tail);
      }
    } else {
      repeat(counter, Math.floor(whole / together), () => vectors(together));
      repeat(counter, whole % together, () => vectors(1));
      if (rest > 0) tail();
    }
    this.#reductions.forEach((reduction) => reduction.endInnermost());
  }

  /**
   * Computes one vector, of which the first `count` elements are in range: the one so many after that which the
   * addresses are at.
   */
  #elements(count: number, ahead = 0): void {
    const { sources, reductions, stores } = this.#plan;
    const isLoadedFirst = loadsFirst(this.#plan);
    if (isLoadedFirst) {
      sources.forEach(({ strides }, i) => {
        if (strides.at(-1) === 0) return;
        this.#load(i, ahead);
        local.set(this.#loaded[i]!);
      });
    }
    const load = (i: number): void => {
      if (isLoadedFirst) local.get(this.#loaded[i]!);
      else this.#load(i, ahead);
    };
    this.#body.emit(
      this.#temporaries,
      load,
      (i) => {
        local.set(this.#value);
        if (i < reductions.length) this.#reductions[i]!.add(count, ahead);
        else this.#store(this.#addresses[this.#find("store", stores[i - reductions.length]!)]!, count, ahead);
      },
      this.#constants,
      count,
    );
  }

  /** Moves on along the innermost axis. */
  #step(elements: number): void {
    this.#parameters.forEach(({ strides }, i) => step(this.#addresses[i]!, strides.at(-1)! * elements));
  }

  /** Stores the value, of which the first `count` elements are in range. */
  #store(address: Address, count: number, ahead: number): void {
    // The next row may be another thread's.
    const isBounded = count < this.#lanes && this.#isDivided && this.#plan.lengths.length > 1;
    if (!isBounded) return void v128.store({ offset: 16 * ahead }, address, this.#value);
    if (this.#lanes === 2) return void v128.store64_lane({}, 0, address, this.#value);
    if (count >= 2) v128.store64_lane({}, 0, address, this.#value);
    if (count % 2 === 1) v128.store32_lane({ offset: 4 * (count - 1) }, count - 1, address, this.#value);
  }

  #find(role: LoopParameter["role"], node: LoopParameter["node"]): number {
    return this.#parameters.findIndex((p) => p.role === role && p.node === node);
  }

  /** Leaves the vector of a source on the stack. */
  #load(i: number, ahead: number): void {
    const { node: { dtype }, strides } = this.#plan.sources[i]!;
    if (strides.at(-1) === 0) return void local.get(this.#loaded[i]!);
    const offset = ahead * this.#lanes * bytesOfElement(dtype);
    loadVector(dtype, this.#plan.dtype, this.#addresses[i]!, offset);
  }

  /** Loads one element of a source into all lanes of its local. */
  #loadRepeated(i: number): void {
    loadSplat(this.#plan.sources[i]!.node.dtype, this.#plan.dtype, this.#addresses[i]!);
    local.set(this.#loaded[i]!);
  }
}
