/** The instructions that compute, load and store, as WebAssembly numbers and names them. */
import type { ValueType } from "./types.ts";

/** What stands in an instruction itself: where in memory, of what alignment, as a power of two; one lane; or 16 lanes. */
export interface Immediate {
  readonly align?: number;
  readonly lane?: true;
  readonly lanes?: true;
}

/**
 * An instruction: its code, with what comes after a prefix in the lower 16 bits; the types of its operands and of
 * its result; and what stands in it.
 */
export type Row = readonly [code: number, operands: string, result: ValueType | "", immediate?: Immediate];
/** Instructions by their names. */
export type Table = { readonly [name: string]: Row };

/** Integers of 32 bits. */
export const I32 = {
  load: [0x28, "i32", "i32", { align: 2 }],
  store: [0x36, "i32 i32", "", { align: 2 }],
  eqz: [0x45, "i32", "i32"],
  eq: [0x46, "i32 i32", "i32"],
  ne: [0x47, "i32 i32", "i32"],
  lt_s: [0x48, "i32 i32", "i32"],
  lt_u: [0x49, "i32 i32", "i32"],
  gt_s: [0x4a, "i32 i32", "i32"],
  gt_u: [0x4b, "i32 i32", "i32"],
  le_s: [0x4c, "i32 i32", "i32"],
  le_u: [0x4d, "i32 i32", "i32"],
  ge_s: [0x4e, "i32 i32", "i32"],
  ge_u: [0x4f, "i32 i32", "i32"],
  add: [0x6a, "i32 i32", "i32"],
  sub: [0x6b, "i32 i32", "i32"],
  mul: [0x6c, "i32 i32", "i32"],
  div_s: [0x6d, "i32 i32", "i32"],
  div_u: [0x6e, "i32 i32", "i32"],
  rem_s: [0x6f, "i32 i32", "i32"],
  rem_u: [0x70, "i32 i32", "i32"],
  and: [0x71, "i32 i32", "i32"],
  or: [0x72, "i32 i32", "i32"],
  xor: [0x73, "i32 i32", "i32"],
  shl: [0x74, "i32 i32", "i32"],
  shr_s: [0x75, "i32 i32", "i32"],
  shr_u: [0x76, "i32 i32", "i32"],
  rotl: [0x77, "i32 i32", "i32"],
  trunc_f64_u: [0xab, "f64", "i32"],
  trunc_sat_f64_s: [0xfc_0002, "f64", "i32"],
  trunc_sat_f64_u: [0xfc_0003, "f64", "i32"],
} as const;

/** Integers that other threads use. */
export const I32_ATOMIC = {
  load: [0xfe_0010, "i32", "i32", { align: 2 }],
  store: [0xfe_0017, "i32 i32", "", { align: 2 }],
} as const;

/** Reading, changing and writing in one. */
export const I32_ATOMIC_RMW = {
  add: [0xfe_001e, "i32 i32", "i32", { align: 2 }],
} as const;

/** Float32. */
export const F32 = {
  load: [0x2a, "i32", "f32", { align: 2 }],
  store: [0x38, "i32 f32", "", { align: 2 }],
  eq: [0x5b, "f32 f32", "i32"],
  ne: [0x5c, "f32 f32", "i32"],
  lt: [0x5d, "f32 f32", "i32"],
  gt: [0x5e, "f32 f32", "i32"],
  le: [0x5f, "f32 f32", "i32"],
  ge: [0x60, "f32 f32", "i32"],
  abs: [0x8b, "f32", "f32"],
  neg: [0x8c, "f32", "f32"],
  ceil: [0x8d, "f32", "f32"],
  floor: [0x8e, "f32", "f32"],
  trunc: [0x8f, "f32", "f32"],
  nearest: [0x90, "f32", "f32"],
  sqrt: [0x91, "f32", "f32"],
  add: [0x92, "f32 f32", "f32"],
  sub: [0x93, "f32 f32", "f32"],
  mul: [0x94, "f32 f32", "f32"],
  div: [0x95, "f32 f32", "f32"],
  min: [0x96, "f32 f32", "f32"],
  max: [0x97, "f32 f32", "f32"],
  demote_f64: [0xb6, "f64", "f32"],
} as const;

/** Float64. */
export const F64 = {
  load: [0x2b, "i32", "f64", { align: 3 }],
  store: [0x39, "i32 f64", "", { align: 3 }],
  eq: [0x61, "f64 f64", "i32"],
  ne: [0x62, "f64 f64", "i32"],
  lt: [0x63, "f64 f64", "i32"],
  gt: [0x64, "f64 f64", "i32"],
  le: [0x65, "f64 f64", "i32"],
  ge: [0x66, "f64 f64", "i32"],
  abs: [0x99, "f64", "f64"],
  neg: [0x9a, "f64", "f64"],
  ceil: [0x9b, "f64", "f64"],
  floor: [0x9c, "f64", "f64"],
  trunc: [0x9d, "f64", "f64"],
  nearest: [0x9e, "f64", "f64"],
  sqrt: [0x9f, "f64", "f64"],
  add: [0xa0, "f64 f64", "f64"],
  sub: [0xa1, "f64 f64", "f64"],
  mul: [0xa2, "f64 f64", "f64"],
  div: [0xa3, "f64 f64", "f64"],
  min: [0xa4, "f64 f64", "f64"],
  max: [0xa5, "f64 f64", "f64"],
  convert_i32_s: [0xb7, "i32", "f64"],
  convert_i32_u: [0xb8, "i32", "f64"],
  promote_f32: [0xbb, "f32", "f64"],
} as const;

/** Vectors of 16 bytes. */
export const V128 = {
  load: [0xfd_0000, "i32", "v128", { align: 4 }],
  load32_splat: [0xfd_0009, "i32", "v128", { align: 2 }],
  load64_splat: [0xfd_000a, "i32", "v128", { align: 3 }],
  store: [0xfd_000b, "i32 v128", "", { align: 4 }],
  not: [0xfd_004d, "v128", "v128"],
  and: [0xfd_004e, "v128 v128", "v128"],
  andnot: [0xfd_004f, "v128 v128", "v128"],
  or: [0xfd_0050, "v128 v128", "v128"],
  xor: [0xfd_0051, "v128 v128", "v128"],
  bitselect: [0xfd_0052, "v128 v128 v128", "v128"],
  any_true: [0xfd_0053, "v128", "i32"],
  load32_lane: [0xfd_0056, "i32 v128", "v128", { align: 2, lane: true }],
  load64_lane: [0xfd_0057, "i32 v128", "v128", { align: 3, lane: true }],
  store32_lane: [0xfd_005a, "i32 v128", "", { align: 2, lane: true }],
  store64_lane: [0xfd_005b, "i32 v128", "", { align: 3, lane: true }],
  load32_zero: [0xfd_005c, "i32", "v128", { align: 2 }],
  load64_zero: [0xfd_005d, "i32", "v128", { align: 3 }],
} as const;

/** Vectors as 16 bytes. */
export const I8X16 = {
  shuffle: [0xfd_000d, "v128 v128", "v128", { lanes: true }],
} as const;

/** Vectors as four integers of 32 bits. */
export const I32X4 = {
  splat: [0xfd_0011, "i32", "v128"],
  extract_lane: [0xfd_001b, "v128", "i32", { lane: true }],
  replace_lane: [0xfd_001c, "v128 i32", "v128", { lane: true }],
  eq: [0xfd_0037, "v128 v128", "v128"],
  ne: [0xfd_0038, "v128 v128", "v128"],
  lt_s: [0xfd_0039, "v128 v128", "v128"],
  lt_u: [0xfd_003a, "v128 v128", "v128"],
  gt_s: [0xfd_003b, "v128 v128", "v128"],
  gt_u: [0xfd_003c, "v128 v128", "v128"],
  le_s: [0xfd_003d, "v128 v128", "v128"],
  le_u: [0xfd_003e, "v128 v128", "v128"],
  ge_s: [0xfd_003f, "v128 v128", "v128"],
  ge_u: [0xfd_0040, "v128 v128", "v128"],
  shl: [0xfd_00ab, "v128 i32", "v128"],
  shr_s: [0xfd_00ac, "v128 i32", "v128"],
  shr_u: [0xfd_00ad, "v128 i32", "v128"],
  add: [0xfd_00ae, "v128 v128", "v128"],
  sub: [0xfd_00b1, "v128 v128", "v128"],
  mul: [0xfd_00b5, "v128 v128", "v128"],
  min_s: [0xfd_00b6, "v128 v128", "v128"],
  max_s: [0xfd_00b8, "v128 v128", "v128"],
  trunc_sat_f64x2_s_zero: [0xfd_00fc, "v128", "v128"],
  relaxed_laneselect: [0xfd_010b, "v128 v128 v128", "v128"],
} as const;

/** Vectors as two integers of 64 bits. */
export const I64X2 = {
  shl: [0xfd_00cb, "v128 i32", "v128"],
  shr_s: [0xfd_00cc, "v128 i32", "v128"],
  shr_u: [0xfd_00cd, "v128 i32", "v128"],
  add: [0xfd_00ce, "v128 v128", "v128"],
  sub: [0xfd_00d1, "v128 v128", "v128"],
  mul: [0xfd_00d5, "v128 v128", "v128"],
  eq: [0xfd_00d6, "v128 v128", "v128"],
  ne: [0xfd_00d7, "v128 v128", "v128"],
  relaxed_laneselect: [0xfd_010c, "v128 v128 v128", "v128"],
} as const;

/** Vectors as four float32. */
export const F32X4 = {
  splat: [0xfd_0013, "f32", "v128"],
  extract_lane: [0xfd_001f, "v128", "f32", { lane: true }],
  replace_lane: [0xfd_0020, "v128 f32", "v128", { lane: true }],
  eq: [0xfd_0041, "v128 v128", "v128"],
  ne: [0xfd_0042, "v128 v128", "v128"],
  lt: [0xfd_0043, "v128 v128", "v128"],
  gt: [0xfd_0044, "v128 v128", "v128"],
  le: [0xfd_0045, "v128 v128", "v128"],
  ge: [0xfd_0046, "v128 v128", "v128"],
  demote_f64x2_zero: [0xfd_005e, "v128", "v128"],
  ceil: [0xfd_0067, "v128", "v128"],
  floor: [0xfd_0068, "v128", "v128"],
  trunc: [0xfd_0069, "v128", "v128"],
  nearest: [0xfd_006a, "v128", "v128"],
  abs: [0xfd_00e0, "v128", "v128"],
  neg: [0xfd_00e1, "v128", "v128"],
  sqrt: [0xfd_00e3, "v128", "v128"],
  add: [0xfd_00e4, "v128 v128", "v128"],
  sub: [0xfd_00e5, "v128 v128", "v128"],
  mul: [0xfd_00e6, "v128 v128", "v128"],
  div: [0xfd_00e7, "v128 v128", "v128"],
  min: [0xfd_00e8, "v128 v128", "v128"],
  max: [0xfd_00e9, "v128 v128", "v128"],
  pmin: [0xfd_00ea, "v128 v128", "v128"],
  pmax: [0xfd_00eb, "v128 v128", "v128"],
  convert_i32x4_s: [0xfd_00fa, "v128", "v128"],
  convert_i32x4_u: [0xfd_00fb, "v128", "v128"],
  relaxed_madd: [0xfd_0105, "v128 v128 v128", "v128"],
  relaxed_nmadd: [0xfd_0106, "v128 v128 v128", "v128"],
} as const;

/** Vectors as two float64. */
export const F64X2 = {
  splat: [0xfd_0014, "f64", "v128"],
  extract_lane: [0xfd_0021, "v128", "f64", { lane: true }],
  replace_lane: [0xfd_0022, "v128 f64", "v128", { lane: true }],
  eq: [0xfd_0047, "v128 v128", "v128"],
  ne: [0xfd_0048, "v128 v128", "v128"],
  lt: [0xfd_0049, "v128 v128", "v128"],
  gt: [0xfd_004a, "v128 v128", "v128"],
  le: [0xfd_004b, "v128 v128", "v128"],
  ge: [0xfd_004c, "v128 v128", "v128"],
  promote_low_f32x4: [0xfd_005f, "v128", "v128"],
  ceil: [0xfd_0074, "v128", "v128"],
  floor: [0xfd_0075, "v128", "v128"],
  trunc: [0xfd_007a, "v128", "v128"],
  nearest: [0xfd_0094, "v128", "v128"],
  abs: [0xfd_00ec, "v128", "v128"],
  neg: [0xfd_00ed, "v128", "v128"],
  sqrt: [0xfd_00ef, "v128", "v128"],
  add: [0xfd_00f0, "v128 v128", "v128"],
  sub: [0xfd_00f1, "v128 v128", "v128"],
  mul: [0xfd_00f2, "v128 v128", "v128"],
  div: [0xfd_00f3, "v128 v128", "v128"],
  min: [0xfd_00f4, "v128 v128", "v128"],
  max: [0xfd_00f5, "v128 v128", "v128"],
  pmin: [0xfd_00f6, "v128 v128", "v128"],
  pmax: [0xfd_00f7, "v128 v128", "v128"],
  convert_low_i32x4_s: [0xfd_00fe, "v128", "v128"],
  convert_low_i32x4_u: [0xfd_00ff, "v128", "v128"],
  relaxed_madd: [0xfd_0107, "v128 v128 v128", "v128"],
  relaxed_nmadd: [0xfd_0108, "v128 v128 v128", "v128"],
} as const;

/** Ranges of memory. */
export const MEMORY = {
  copy: [0xfc_000a, "i32 i32 i32", ""],
  fill: [0xfc_000b, "i32 i32 i32", ""],
} as const;

/** Threads that wait. */
export const MEMORY_ATOMIC = {
  notify: [0xfe_0000, "i32 i32", "i32", { align: 2 }],
} as const;
