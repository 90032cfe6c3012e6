/** Lanes as instructions, from the load of what they read on. */
import type { DType } from "../../array/dtype.ts";
import type { HostFunction, Lane, LaneOperation, LaneType } from "../math/lanes.ts";
import * as wasm from "../wasm/writer.ts";
import {
  type Address,
  f32,
  f32x4,
  f64,
  f64x2,
  i8x16,
  v128,
  type Vector,
  type WasmFunction,
} from "../wasm/writer.ts";

/** Leaves the vector of a constant on the stack. */
export function emitConstant({ value }: Lane): void {
  if (typeof value === "bigint") wasm.v128.const("i64x2", [value, value]);
  else wasm.v128.const("i32x4", new Array(4).fill(value as number));
}

const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALF_FIRST = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];

/** Instructions that have the name of the operation, of the type of its elements. */
const SAME_NAME = [
  ...["add", "sub", "mul", "div", "sqrt", "neg", "abs", "nearest", "floor", "ceil", "trunc", "min", "max"],
  ...["eq", "ne", "lt", "le", "gt", "ge"],
];
/** Other operations on elements of a type. */
const ON_ELEMENTS: Readonly<Record<string, string>> = {
  fma: "relaxed_madd",
  fnma: "relaxed_nmadd",
  quickMin: "pmin",
  quickMax: "pmax",
  isNan: "ne",
  roundedNumber: "sub",
};
/** Operations on integers of the size of the elements. */
const ON_INTEGERS: Readonly<Record<string, string>> = {
  selectElements: "relaxed_laneselect",
  addBits: "add",
  subBits: "sub",
  shiftLeft: "shl",
  shiftRight: "shr_u",
  eqBits: "eq",
  powerOfTwo: "shl",
};
/** Operations on whole vectors, and conversions. */
const ON_VECTORS: Readonly<Record<string, readonly [string, string]>> = {
  select: ["v128", "bitselect"],
  and: ["v128", "and"],
  or: ["v128", "or"],
  xor: ["v128", "xor"],
  andNot: ["v128", "andnot"],
  not: ["v128", "not"],
  fromInteger: ["f32x4", "convert_i32x4_s"],
  widen: ["f64x2", "promote_low_f32x4"],
  demote: ["f32x4", "demote_f64x2_zero"],
};
/** Operations whose instruction takes the number of bits to shift by. */
const SHIFTS: ReadonlySet<LaneOperation> = new Set(["shiftLeft", "shiftRight", "powerOfTwo"]);

/** The instruction of each operation on each type, by its group and name. */
const INSTRUCTIONS: ReadonlyMap<string, readonly [string, string]> = new Map(
  (["f32x4", "f64x2"] as const).flatMap((type): [string, readonly [string, string]][] => [
    ...SAME_NAME.map((name) => [`${type} ${name}`, [type, name]] as [string, [string, string]]),
    ...entries(type, ON_ELEMENTS, (name) => [type, name]),
    ...entries(type, ON_INTEGERS, (name) => [type === "f32x4" ? "i32x4" : "i64x2", name]),
    ...entries(type, ON_VECTORS, (pair) => pair),
  ]),
);

function entries<T>(
  type: LaneType,
  table: Readonly<Record<string, T>>,
  instruction: (entry: T) => readonly [string, string],
): [string, readonly [string, string]][] {
  return Object.entries(table).map(([name, entry]) => [`${type} ${name}`, instruction(entry)]);
}

/**
 * Takes the operands from the stack and leaves the result.
 *
 * @param count How many elements count, all by default: what stands beside an array is not for functions of the host,
 *   which may take it for something to count up to
 */
export function emitOperation(lane: Lane, scratch: readonly Vector[], count: number = Infinity): void {
  const { operation, type, value } = lane;
  if (typeof value === "object") return emitCall(operation === "call", type, value, scratch, count);
  if (operation === "high") return void wasm.i8x16.shuffle(HIGH_HALF_FIRST);
  if (operation === "join") return void wasm.i8x16.shuffle(LOW_HALVES);
  if (SHIFTS.has(operation)) wasm.i32.const(value as number);
  const [group, name] = operation === "roundToInteger"
    ? [type, lane.operands.length === 3 ? "relaxed_madd" : "add"]
    : INSTRUCTIONS.get(`${type} ${operation}`)!;
  (wasm[group as "f32x4"] as unknown as Record<string, () => void>)[name]!();
}

/** Writes calls of a host's function, those of a rescue behind a branch. */
function emitCall(
  isAlways: boolean,
  type: LaneType,
  host: HostFunction,
  scratch: readonly Vector[],
  count: number,
): void {
  for (let i = scratch.length - 1; i >= 0; i--) wasm.local.set(scratch[i]!);
  if (isAlways) return emitCalls(type, host, scratch, count);
  const [result, mask] = scratch as [Vector, Vector];
  wasm.v128.any_true(mask);
  wasm.if_({}, () => {
    emitCalls(type, host, scratch.slice(2), count);
    wasm.local.get(result);
    wasm.local.get(mask);
    wasm.v128.bitselect();
    wasm.local.set(result);
  });
  wasm.local.get(result);
}

/** Calls a host's function for the elements that count and leaves the vector of its results on the stack. */
function emitCalls(
  type: LaneType,
  host: HostFunction,
  operands: readonly Vector[],
  count: number,
): void {
  const imported = importOf(host);
  wasm.local.get(operands[0]!);
  for (let i = 0; i < Math.min(count, type === "f32x4" ? 4 : 2); i++) {
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

const IMPORTS = new Map<HostFunction, WasmFunction>();

/** The import of a host's function, one for all modules. */
function importOf(host: HostFunction): WasmFunction {
  let imported = IMPORTS.get(host);
  if (imported === undefined) {
    const parameters = new Array<typeof wasm.f64>(host.arity).fill(wasm.f64);
    imported = wasm.importFunc({ in: parameters, out: [wasm.f64] }, host.run);
    IMPORTS.set(host, imported);
  }
  return imported;
}

/** Leaves the vector of consecutive elements, some bytes on from an address, on the stack. */
export function loadVector(from: DType, to: DType, address: Address, offset: number): void {
  if (from === to) v128.load({ offset }, address);
  else if (from === "float32") {
    v128.load64_zero({ offset }, address);
    f64x2.promote_low_f32x4();
  } else {
    v128.load({ offset }, address);
    f32x4.demote_f64x2_zero();
    v128.load({ offset: offset + 16 }, address);
    f32x4.demote_f64x2_zero();
    i8x16.shuffle(LOW_HALVES);
  }
}

/** Leaves the vector of one element, repeated, on the stack. */
export function loadSplat(from: DType, to: DType, address: Address): void {
  if (from === to) from === "float32" ? v128.load32_splat({}, address) : v128.load64_splat({}, address);
  else if (from === "float32") {
    f32.load({}, address);
    f64.promote_f32();
    f64x2.splat();
  } else {
    f64.load({}, address);
    f32.demote_f64();
    f32x4.splat();
  }
}
