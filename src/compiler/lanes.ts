import * as wasm from "./wasm.ts";
import type { ImportFunc, Local } from "./wasm.ts";

/** How numbers lie in a vector of 16 bytes. */
export type LaneType = "f32x4" | "f64x2";

/** One vector as the result of an instruction on other vectors; equal lanes are the same object. */
export interface Lane {
  /** A WebAssembly instruction, such as `"f32x4.add"`, or one of `input`, `constant`, `call` and `rescue`. */
  readonly operation: string;
  readonly operands: readonly Lane[];
  /** The index of an input, the bits of a constant, a shift count, or the host's function. */
  readonly value: number | bigint | HostFunction;
  /** Whether each element is all ones or all zeros. */
  readonly isMask: boolean;
}

/** A function of plain numbers that compiled code calls for each element. */
export interface HostFunction {
  readonly arity: number;
  readonly run: (...operands: number[]) => number;
}

const LANE_COUNT = { f32x4: 4, f64x2: 2, i32x4: 4, i64x2: 2 } as const;

/** Every lane by what it computes; builders of both element types share it. */
interface Interning {
  readonly lanes: Map<string, Lane>;
  readonly ids: Map<unknown, number>;
}

/**
 * Builds lanes, in the manner of `L.add(x, L.constant(1))`. Common subexpressions are shared.
 *
 * With `fused` set, {@linkcode Lanes.fma} rounds once.
 */
export class Lanes {
  readonly type: LaneType;
  /** Whether multiply-add rounds once. */
  readonly fused: boolean;
  readonly #integers: "i32x4" | "i64x2";
  readonly #interning: Interning;
  #double: Lanes | undefined;

  constructor(type: LaneType, options: { readonly fused: boolean }, interning?: Interning) {
    this.type = type;
    this.fused = options.fused;
    this.#integers = type === "f32x4" ? "i32x4" : "i64x2";
    this.#interning = interning ?? { lanes: new Map(), ids: new Map() };
  }

  /** The builder for pairs of doubles among the same lanes. */
  get double(): Lanes {
    if (this.type === "f64x2") return this;
    return this.#double ??= new Lanes("f64x2", { fused: this.fused }, this.#interning);
  }

  /** Whether elements have 32 bits. */
  get isNarrow(): boolean {
    return this.type === "f32x4";
  }

  #lane(
    operation: string,
    operands: readonly Lane[],
    value: Lane["value"] = 0,
    isMask = false,
  ): Lane {
    const key = `${operation} ${typeof value === "object" ? this.#id(value) : value}:${
      operands.map((o) => this.#id(o))
    }`;
    const { lanes } = this.#interning;
    let lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, lane = { operation, operands, value, isMask });
    return lane;
  }

  #id(object: unknown): number {
    const { ids } = this.#interning;
    let id = ids.get(object);
    if (id === undefined) ids.set(object, id = ids.size);
    return id;
  }

  #float(name: string, ...operands: Lane[]): Lane {
    return this.#lane(`${this.type}.${name}`, operands);
  }

  #integer(name: string, operands: Lane[], count = 0): Lane {
    return this.#lane(`${this.#integers}.${name}`, operands, count);
  }

  #compare(name: string, x: Lane, y: Lane): Lane {
    return this.#lane(`${this.type}.${name}`, [x, y], 0, true);
  }

  #logic(name: string, x: Lane, y: Lane): Lane {
    return this.#lane(`v128.${name}`, [x, y], 0, x.isMask && y.isMask);
  }

  /** The vector that the loop loads for an input. */
  input(index: number): Lane {
    return this.#lane("input", [], index);
  }

  /** The same number in every element. */
  constant(value: number): Lane {
    return this.bits(bitsOf(this.type, value));
  }

  /** The same bits in every element. */
  bits(bits: number | bigint): Lane {
    return this.isNarrow
      ? this.#lane("constant", [], Number(bits) | 0)
      : this.#lane("constant", [], BigInt.asIntN(64, BigInt(bits)));
  }

  /** The number that a lane of this type has in every element, if it is a constant. */
  numberOf({ operation, value }: Lane): number | undefined {
    if (operation !== "constant") return undefined;
    const buffer = new DataView(new ArrayBuffer(8));
    if (typeof value === "bigint") {
      buffer.setBigInt64(0, value);
      return buffer.getFloat64(0);
    }
    buffer.setInt32(0, value as number);
    return buffer.getFloat32(0);
  }

  add(x: Lane, y: Lane): Lane {
    return this.#float("add", x, y);
  }
  sub(x: Lane, y: Lane): Lane {
    return this.#float("sub", x, y);
  }
  mul(x: Lane, y: Lane): Lane {
    return this.#float("mul", x, y);
  }
  div(x: Lane, y: Lane): Lane {
    return this.#float("div", x, y);
  }
  sqrt(x: Lane): Lane {
    return this.#float("sqrt", x);
  }
  neg(x: Lane): Lane {
    return this.#float("neg", x);
  }
  abs(x: Lane): Lane {
    return this.#float("abs", x);
  }
  nearest(x: Lane): Lane {
    return this.#float("nearest", x);
  }
  floor(x: Lane): Lane {
    return this.#float("floor", x);
  }
  ceil(x: Lane): Lane {
    return this.#float("ceil", x);
  }
  trunc(x: Lane): Lane {
    return this.#float("trunc", x);
  }

  /** The smaller, as `Math.min` has it: NaN wins, and -0 is less than 0. */
  min(x: Lane, y: Lane): Lane {
    return this.#float("min", x, y);
  }
  /** The larger, as `Math.max` has it: NaN wins, and 0 is more than -0. */
  max(x: Lane, y: Lane): Lane {
    return this.#float("max", x, y);
  }
  /** `y < x ? y : x`, one machine instruction; a NaN in x stays. */
  quickMin(x: Lane, y: Lane): Lane {
    return this.#float("pmin", x, y);
  }
  /** `x < y ? y : x`, one machine instruction; a NaN in x stays. */
  quickMax(x: Lane, y: Lane): Lane {
    return this.#float("pmax", x, y);
  }

  /** `x * y + z`. */
  fma(x: Lane, y: Lane, z: Lane): Lane {
    return this.fused ? this.#float("relaxed_madd", x, y, z) : this.add(this.mul(x, y), z);
  }
  /** `z - x * y`. */
  fnma(x: Lane, y: Lane, z: Lane): Lane {
    return this.fused ? this.#float("relaxed_nmadd", x, y, z) : this.sub(z, this.mul(x, y));
  }

  eq(x: Lane, y: Lane): Lane {
    return this.#compare("eq", x, y);
  }
  ne(x: Lane, y: Lane): Lane {
    return this.#compare("ne", x, y);
  }
  lt(x: Lane, y: Lane): Lane {
    return this.#compare("lt", x, y);
  }
  le(x: Lane, y: Lane): Lane {
    return this.#compare("le", x, y);
  }
  gt(x: Lane, y: Lane): Lane {
    return this.#compare("gt", x, y);
  }
  ge(x: Lane, y: Lane): Lane {
    return this.#compare("ge", x, y);
  }

  /** x where the mask is set, y elsewhere. */
  select(mask: Lane, x: Lane, y: Lane): Lane {
    if (x === y) return x;
    return this.fused && mask.isMask
      ? this.#lane(`${this.#integers}.relaxed_laneselect`, [x, y, mask])
      : this.#lane("v128.bitselect", [x, y, mask]);
  }

  and(x: Lane, y: Lane): Lane {
    return this.#logic("and", x, y);
  }
  or(x: Lane, y: Lane): Lane {
    return this.#logic("or", x, y);
  }
  xor(x: Lane, y: Lane): Lane {
    return this.#logic("xor", x, y);
  }
  /** The bits of x that are not in y. */
  andNot(x: Lane, y: Lane): Lane {
    return this.#logic("andnot", x, y);
  }
  not(x: Lane): Lane {
    return x.operation === "v128.not" ? x.operands[0]! : this.#lane("v128.not", [x], 0, x.isMask);
  }

  addBits(x: Lane, y: Lane): Lane {
    return this.#integer("add", [x, y]);
  }
  subBits(x: Lane, y: Lane): Lane {
    return this.#integer("sub", [x, y]);
  }
  shiftLeft(x: Lane, count: number): Lane {
    return this.#integer("shl", [x], count);
  }
  /** Fills with zeros. */
  shiftRight(x: Lane, count: number): Lane {
    return this.#integer("shr_u", [x], count);
  }
  /** Fills with the sign; slow for 64 bits on x64. */
  shiftRightSigned(x: Lane, count: number): Lane {
    return this.#integer("shr_s", [x], count);
  }
  eqBits(x: Lane, y: Lane): Lane {
    return this.#lane(`${this.#integers}.eq`, [x, y], 0, true);
  }
  /** x > y as signed integers. */
  gtBits(x: Lane, y: Lane): Lane {
    return this.#lane(`${this.#integers}.gt_s`, [x, y], 0, true);
  }
  /** Rounds each of four floats towards zero, to an integer. */
  toInteger(x: Lane): Lane {
    return this.#lane("i32x4.trunc_sat_f32x4_s", [x]);
  }
  /** Four integers as floats. */
  fromInteger(x: Lane): Lane {
    return this.#lane("f32x4.convert_i32x4_s", [x]);
  }

  /** The sign bit of each element. */
  signOf(x: Lane): Lane {
    return this.and(x, this.constant(-0));
  }
  /** The size of x, which must not be negative, with the sign of y. */
  withSign(x: Lane, y: Lane): Lane {
    return this.or(x, this.signOf(y));
  }
  copySign(x: Lane, y: Lane): Lane {
    return this.or(this.abs(x), this.signOf(y));
  }

  /** The first or second half of four floats as doubles. */
  widen(x: Lane, half: 0 | 1): Lane {
    return this.#lane("f64x2.promote_low_f32x4", [half === 0 ? x : this.#lane("high", [x, x])]);
  }
  /** Two pairs of doubles as four floats. */
  narrow(low: Lane, high: Lane): Lane {
    return this.#lane("join", [
      this.#lane("f32x4.demote_f64x2_zero", [low]),
      this.#lane("f32x4.demote_f64x2_zero", [high]),
    ]);
  }

  /** The host's function of each element. */
  call(host: HostFunction, operands: readonly Lane[]): Lane {
    return this.#lane(`call.${this.type}`, operands, host);
  }
  /**
   * `lane`, but the host's function of the operands where the mask is set. The host is called behind a branch
   * that is taken only if the mask has an element, which should be rare.
   */
  rescue(lane: Lane, mask: Lane, host: HostFunction, operands: readonly Lane[]): Lane {
    return this.#lane(`rescue.${this.type}`, [lane, mask, ...operands], host);
  }
}

/** The bits of a number, as a signed integer. */
function bitsOf(type: LaneType, value: number): number | bigint {
  const buffer = new DataView(new ArrayBuffer(8));
  if (type === "f32x4") {
    buffer.setFloat32(0, value);
    return buffer.getInt32(0);
  }
  buffer.setFloat64(0, value);
  return buffer.getBigInt64(0);
}

type Vector = Local<"v128">;

/** How to write the lanes of some roots; the same plan can be written more than once. */
export interface LanePlan {
  /** How many `v128` locals {@linkcode LanePlan.emit} needs. */
  readonly localCount: number;
  /** The constants, those used most first. */
  readonly constants: readonly Lane[];
  /** How many instructions are written, without those that load inputs and constants. */
  readonly instructionCount: number;
  /** Whether functions of the host are imported. */
  readonly callsHost: boolean;
  /**
   * Writes the code.
   *
   * @param locals As many as `localCount`
   * @param loadInput Writes code that leaves an input's vector on the stack
   * @param sink Writes code that takes a root's vector from the stack
   * @param constants Locals that hold constants; others are written where they are used
   */
  emit(
    locals: readonly Vector[],
    loadInput: (index: number) => void,
    sink: (root: number) => void,
    constants?: ReadonlyMap<Lane, Vector>,
  ): void;
}

/** Part of a plan: compute a lane from what is on the stack, or move between the stack and a local. */
interface Step {
  readonly kind: "compute" | "get" | "tee" | "sink";
  readonly lane: Lane;
  /** The local of `get` and `tee`, the root of `sink`. */
  readonly index: number;
  /** Locals that `compute` works in. */
  readonly scratch: readonly number[];
}

/** Plans the order of instructions, and the locals for what is used more than once. */
export function planLanes(roots: readonly Lane[]): LanePlan {
  const planner = new Planner(roots);
  const { steps } = planner;
  return {
    localCount: planner.localCount,
    constants: planner.constants(),
    instructionCount: steps.filter(({ kind, lane }) => kind === "compute" && lane.operands.length > 0).length,
    callsHost: steps.some(({ lane }) => typeof lane.value === "object"),
    emit: (locals, loadInput, sink, constants) => {
      for (const { kind, lane, index, scratch } of steps) {
        if (kind === "get") wasm.local.get(locals[index]!);
        else if (kind === "tee") wasm.local.tee(locals[index]!);
        else if (kind === "sink") sink(index);
        else if (lane.operation === "input") loadInput(lane.value as number);
        else if (lane.operation === "constant") {
          const held = constants?.get(lane);
          if (held !== undefined) wasm.local.get(held);
          else emitConstant(lane);
        } else emitOperation(lane, scratch.map((s) => locals[s]!));
      }
    },
  };
}

class Planner {
  readonly steps: Step[] = [];
  localCount = 0;
  readonly #uses = new Map<Lane, number>();
  readonly #locals = new Map<Lane, number>();
  readonly #free: number[] = [];

  constructor(roots: readonly Lane[]) {
    for (const root of roots) this.#count(root);
    roots.forEach((root, i) => {
      this.#visit(root);
      this.#step("sink", root, i);
    });
  }

  /** The constants, those used most first. */
  constants(): Lane[] {
    const uses = new Map<Lane, number>();
    for (const { kind, lane } of this.steps) {
      if (kind !== "compute" || lane.operation !== "constant") continue;
      uses.set(lane, (uses.get(lane) ?? 0) + 1);
    }
    return [...uses.keys()].sort((a, b) => uses.get(b)! - uses.get(a)!);
  }

  #count(lane: Lane): void {
    const uses = this.#uses.get(lane) ?? 0;
    this.#uses.set(lane, uses + 1);
    if (uses === 0) lane.operands.forEach((o) => this.#count(o));
  }

  #visit(lane: Lane): void {
    const { operands } = lane;
    const held = this.#locals.get(lane);
    if (held !== undefined) {
      this.#step("get", lane, held);
      this.#release(lane);
      return;
    }
    operands.forEach((o) => this.#visit(o));
    // Calls look at their operands once for each element, so they need them in locals.
    const scratch = typeof lane.value === "object" ? operands.map(() => this.#take()) : [];
    this.#step("compute", lane, 0, scratch);
    this.#free.push(...scratch);
    if (this.#uses.get(lane)! === 1 || lane.operation === "constant") return;
    const local = this.#take();
    this.#locals.set(lane, local);
    this.#step("tee", lane, local);
    this.#release(lane);
  }

  /** Counts a use; after the last one the local is free again. */
  #release(lane: Lane): void {
    const left = this.#uses.get(lane)! - 1;
    this.#uses.set(lane, left);
    if (left === 0) this.#free.push(this.#locals.get(lane)!);
  }

  #take(): number {
    return this.#free.pop() ?? this.localCount++;
  }

  #step(kind: Step["kind"], lane: Lane, index: number, scratch: readonly number[] = []): void {
    this.steps.push({ kind, lane, index, scratch });
  }
}

/** Leaves the vector of a constant on the stack. */
export function emitConstant({ value }: Lane): void {
  // As bytes: the package cannot write integers with the highest bit set.
  const view = new DataView(new ArrayBuffer(16));
  for (let at = 0; at < 16; at += typeof value === "bigint" ? 8 : 4) {
    if (typeof value === "bigint") view.setBigInt64(at, value, true);
    else view.setInt32(at, value as number, true);
  }
  wasm.v128.const("i8x16", [...new Uint8Array(view.buffer)] as never);
}

const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALF_FIRST = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];

/** Takes the operands from the stack and leaves the result. */
function emitOperation(lane: Lane, scratch: readonly Vector[]): void {
  const { operation, value } = lane;
  if (operation === "high") return void wasm.i8x16.shuffle(HIGH_HALF_FIRST as never);
  if (operation === "join") return void wasm.i8x16.shuffle(LOW_HALVES as never);
  const [first, second] = operation.split(".") as [string, string];
  if (typeof value === "object") return emitCall(first, second as LaneType, value, scratch);
  if (value !== 0) wasm.i32.const(value as number);
  (wasm[first as "f32x4"] as unknown as Record<string, () => void>)[second]!();
}

/** Writes calls of a host's function, those of a rescue behind a branch. */
function emitCall(kind: string, type: LaneType, host: HostFunction, scratch: readonly Vector[]): void {
  for (let i = scratch.length - 1; i >= 0; i--) wasm.local.set(scratch[i]!);
  if (kind === "call") return emitCalls(type, host, scratch);
  const [result, mask] = scratch as [Vector, Vector];
  wasm.v128.any_true(mask);
  wasm.if_({}, () => {
    emitCalls(type, host, scratch.slice(2));
    wasm.local.get(result);
    wasm.local.get(mask);
    wasm.v128.bitselect();
    wasm.local.set(result);
  });
  wasm.local.get(result);
}

/** Calls a host's function for each element and leaves the vector of its results on the stack. */
function emitCalls(type: LaneType, host: HostFunction, operands: readonly Vector[]): void {
  const imported = importOf(host);
  wasm.local.get(operands[0]!);
  for (let i = 0; i < LANE_COUNT[type]; i++) {
    for (const operand of operands) {
      wasm.local.get(operand);
      wasm[type].extract_lane(i);
      if (type === "f32x4") wasm.f64.promote_f32();
    }
    wasm.call(imported);
    if (type === "f32x4") wasm.f32.demote_f64();
    (wasm[type].replace_lane as (lane: number) => void)(i);
  }
}

type Import = ImportFunc<"f64"[], ["f64"]>;
const IMPORTS = new Map<HostFunction, Import>();

/** The import of a host's function, one for all modules. */
function importOf(host: HostFunction): Import {
  let imported = IMPORTS.get(host);
  if (imported === undefined) {
    const parameters = new Array(host.arity).fill(wasm.f64);
    imported = wasm.importFunc({ in: parameters as never, out: [wasm.f64] }, host.run) as unknown as Import;
    IMPORTS.set(host, imported);
  }
  return imported;
}
