import type { Lane, Lanes } from "../lanes.ts";
import { polynomial } from "./polynomial.ts";

// exp(x) = 2^n exp(r), with n the integer nearest to x / ln 2 and |r| <= ln(2) / 2. Adding 1.5 * 2^23 (2^52 for
// float64) to a number leaves its nearest integer in the low bits: the bias of the exponent is added with it, so
// that a shift makes 2^n of it. Coefficients are minimax, found by Remez' exchange.

/** (exp(r) - 1 - r) / r² for float32, to 2^-26 of exp. */
const EXP_F32 = [
  0.4999987483024597,
  0.16666541993618011,
  0.04170001670718193,
  0.008366737514734268,
  0.0011941570555791259,
];
/** The same, to 2^-26 of exp(r) - 1. */
const EXPM1_F32 = [
  0.5,
  0.16666541993618011,
  0.04170001670718193,
  0.008366737514734268,
  0.0011941570555791259,
];
/** The same for float64, to 2^-55 of exp(r) - 1. */
const EXP_F64 = [
  ...[0.5, 0.16666666666666602, 0.041666666666619605, 0.008333333333388076, 0.0013888888920700402],
  ...[0.000198412697109071, 2.4801516061147454e-05, 2.7557422725767627e-06, 2.762235838438576e-07],
  2.5046979161042995e-08,
];

interface Format {
  readonly magic: number;
  readonly bias: number;
  readonly mantissa: number;
  /** ln 2 in two parts; an integer exponent times the first is exact. */
  readonly ln2: readonly [number, number];
}

const F32: Format = { magic: 1.5 * 2 ** 23, bias: 127, mantissa: 23, ln2: [0.693359375, -2.12194440e-4] };
const F64: Format = {
  magic: 1.5 * 2 ** 52,
  bias: 1023,
  mantissa: 52,
  ln2: [6.93147180369123816490e-01, 1.90821492927058770002e-10],
};

/** The parts of exp(x): 2^(n + shift) and r. The first wraps around where it is out of range. */
function split(L: Lanes, x: Lane, shift: number): { power: Lane; r: Lane } {
  const { magic, bias, mantissa, ln2 } = L.isNarrow ? F32 : F64;
  const origin = L.constant(magic + bias + shift);
  const moved = L.fma(x, L.constant(Math.LOG2E), origin);
  const n = L.sub(moved, origin);
  const r = L.fnma(n, L.constant(ln2[1]), L.fnma(n, L.constant(ln2[0]), x));
  return { power: L.shiftLeft(moved, mantissa), r };
}

/** exp(r) - 1 for small r. */
function smallExpm1(L: Lanes, r: Lane, coefficients: readonly number[]): Lane {
  return L.fma(L.mul(r, r), polynomial(L, r, coefficients), r);
}

/** Keeps x between two bounds, and NaN as it is. */
function clamp(L: Lanes, x: Lane, low: number, high: number): Lane {
  return L.quickMax(L.quickMin(x, L.constant(high)), L.constant(low));
}

/** 2^shift exp(x), for x such that this is in the range of normal numbers. */
export function scaledExp(L: Lanes, x: Lane, shift: number): Lane {
  const { power, r } = split(L, x, shift);
  return L.fma(smallExpm1(L, r, L.isNarrow ? EXP_F32 : EXP_F64), power, power);
}

/** exp(x); what underflows to subnormal numbers is right too. */
export function exp(L: Lanes, x: Lane): Lane {
  const clamped = L.isNarrow ? clamp(L, x, -104.5, 89) : clamp(L, x, -746, 710);
  // Half of the exponents do not exist as 2^n: results are scaled by 2^-k or 2^k, and back at the end.
  const k = L.isNarrow ? 64 : 512;
  const { power, r } = split(L, clamped, -k);
  const twiceK = L.and(L.shiftRight(x, 1), L.constant(2));
  const scaled = L.addBits(power, twiceK);
  const back = L.andNot(L.constant(2 ** k), twiceK);
  return L.mul(L.fma(smallExpm1(L, r, L.isNarrow ? EXP_F32 : EXP_F64), scaled, scaled), back);
}

/** exp(x) - 1. */
export function expm1(L: Lanes, x: Lane): Lane {
  const clamped = L.isNarrow ? clamp(L, x, -18, 89) : clamp(L, x, -38, 710);
  // Half of the result, as 2^n may overflow where the result does not.
  const { power, r } = split(L, clamped, -1);
  const part = smallExpm1(L, r, L.isNarrow ? EXPM1_F32 : EXP_F64);
  const half = L.fma(part, power, L.sub(power, L.constant(0.5)));
  const isTiny = L.lt(L.abs(x), L.constant(L.isNarrow ? 2 ** -25 : 2 ** -54));
  return L.select(isTiny, x, L.add(half, half));
}

/** 1 / (1 + exp(-x)), as e / (1 + e) with e = exp(x), which is exact where it is subnormal. */
export function sigmoid(L: Lanes, x: Lane): Lane {
  const k = L.isNarrow ? 64 : 512;
  const e = scaledExp(L, L.isNarrow ? clamp(L, x, -104.5, 40) : clamp(L, x, -746, 300), k);
  return L.div(e, L.add(e, L.constant(2 ** k)));
}
