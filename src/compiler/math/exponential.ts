/** Exponentials, and powers by them. */
import { hostFunction } from "./host.ts";
import type { Lane, Lanes } from "./lanes.ts";
import { log } from "./logarithm.ts";
import {
  clamp,
  type Coefficients,
  coefficientsFor,
  inDouble,
  oddPolynomial,
  pairedPolynomial,
} from "./polynomial.ts";

// exp(x) = 2^n exp(r), with n the integer nearest to x / ln 2 and |r| <= ln(2) / 2. The bias of the exponent is added
// to the bits of n, so that these make 2^n. Coefficients here and elsewhere are minimax, found by Remez' exchange.

/** (exp(r) - 1 - r) / r², to 2^-31 of exp(r) - 1, to 2^-55, and to 2^-28 of exp(r). */
const EXP: Coefficients = {
  single: [
    ...[0.5, 0.1666666567325592, 0.04166646674275398, 0.008333642967045307],
    ...[0.001393504673615098, 0.00019664540013764054],
  ],
  double: [
    ...[0.5, 0.16666666666666602, 0.041666666666619605, 0.008333333333388076, 0.0013888888920700402],
    ...[0.000198412697109071, 2.4801516061147454e-05, 2.7557422725767627e-06, 2.762235838438576e-07],
    2.5046979161042995e-08,
  ],
  rough: [
    ...[0.49999993412685784, 0.16666520104683677, 0.04166839422128717, 0.008368780639433618],
    0.0013814464613290977,
  ],
};
/** The same, to 2^-23 of exp(r), and for float64. */
const EXP_IN_TANH: Coefficients = {
  single: [0.49998924136161804, 0.16665898263454437, 0.04192543029785156, 0.008444405160844326],
  double: EXP.double!,
};
/** (tanh(x) - x) / x³ in x², for |x| <= 0.7, to 2^-26 of tanh(x), and to 2^-57. */
const TANH: Coefficients = {
  single: [
    ...[-0.3333319127559662, 0.1332913190126419, -0.053559962660074234, 0.020094335079193115],
    -0.005140462424606085,
  ],
  double: [
    ...[-0.3333333333333309, 0.13333333333298902, -0.05396825395143217, 0.02186948812307685],
    ...[-0.008863229567694081, 0.003592073022715484, -0.0014554938994069022, 0.0005885767397030665],
    ...[-0.00023483306814785243, 8.811682985880982e-05, -2.7060535373884736e-05, 4.797683299835073e-06],
  ],
};
/** (sinh(x) - x) / x³ in x², for |x| <= 1, to 2^-62, and to 2^-34. */
const SINH: Coefficients = {
  double: [
    ...[0.16666666666666669, 0.008333333333332915, 0.00019841269841589247, 2.7557319108484823e-06],
    ...[2.5052130675314047e-08, 1.6056687165290953e-10, 7.775687709593807e-13],
  ],
  rough: [0.16666666488006088, 0.008333350650012943, 0.00019836055785982687, 2.8175018933059814e-06],
};

interface Format {
  readonly bias: number;
  readonly mantissa: number;
  /** ln 2 in two parts; an integer exponent times the first is exact. */
  readonly ln2: readonly [number, number];
  /** A power of two that moves subnormal results into the range of normal numbers. */
  readonly scale: number;
  /** Where exp(x) underflows to zero, and where 1 / (1 + exp(-x)) is 1. */
  readonly low: number;
  readonly high: number;
}

const F32: Format = {
  bias: 127,
  mantissa: 23,
  ln2: [0.693359375, -2.12194440e-4],
  scale: 64,
  low: -104.5,
  high: 40,
};
const F64: Format = {
  bias: 1023,
  mantissa: 52,
  ln2: [6.93147180369123816490e-01, 1.90821492927058770002e-10],
  scale: 512,
  low: -746,
  high: 300,
};

const formatOf = (L: Lanes): Format => L.isNarrow ? F32 : F64;

/**
 * The parts of exp(direction x): 2^(n + shift), which wraps around where it is out of range, and direction r.
 */
function split(L: Lanes, x: Lane, shift: number, direction: 1 | -1 = 1): { power: Lane; r: Lane } {
  const { bias, ln2 } = formatOf(L);
  const subtract = direction === 1 ? "fnma" : "fma";
  const n = L.roundToInteger(x, direction * Math.LOG2E, bias + shift);
  const parts: readonly number[] = L.precision === "rough" ? [Math.LN2] : ln2;
  const r = parts.reduce<Lane>((rest, part) => L[subtract](n.number, L.constant(part), rest), x);
  return { power: L.powerOfTwo(n.bits), r };
}

/** exp(r) - 1 for small r. */
function smallExpm1(L: Lanes, r: Lane, coefficients: readonly number[]): Lane {
  const square = L.mul(r, r);
  return L.fma(square, pairedPolynomial(L, r, square, coefficients), r);
}

/**
 * 2^shift exp(x), for x such that this is in the range of normal numbers.
 *
 * @param error How much more x is than it should be: what it lost when it was rounded
 */
export function scaledExp(L: Lanes, x: Lane, shift: number, error?: Lane): Lane {
  const { power, r } = split(L, x, shift);
  const exact = error === undefined ? r : L.sub(r, error);
  return L.fma(smallExpm1(L, exact, coefficientsFor(L, EXP)), power, power);
}

/** Makes of 2^(n - scale), where n has the sign of x, a power that is in range, and what undoes the scaling. */
function unwrap(L: Lanes, x: Lane, power: Lane): { scaled: Lane; back: Lane } {
  // The upper bit of the exponent is worth 2 scale, and the number 2 is that bit alone.
  const bit = L.constant(2);
  const lift = L.and(L.shiftRight(x, 1), bit);
  return { scaled: L.addBits(power, lift), back: L.andNot(L.constant(2 ** formatOf(L).scale), lift) };
}

/** exp(x); what underflows to subnormal numbers is right too. */
export function exp(L: Lanes, x: Lane): Lane {
  if (L.precision === "rough") return scaledExp(L, clamp(L, x, -300, 300), 0);
  const { low, scale } = formatOf(L);
  const { power, r } = split(L, clamp(L, x, low, L.isNarrow ? 89 : 710), -scale);
  const { scaled, back } = unwrap(L, x, power);
  return L.mul(L.fma(smallExpm1(L, r, coefficientsFor(L, EXP)), scaled, scaled), back);
}

/** 2^x. */
export function exp2(L: Lanes, x: Lane): Lane {
  const { bias, scale } = formatOf(L);
  const rough = L.precision === "rough";
  const clamped = L.isNarrow
    ? clamp(L, x, -151, 129)
    : rough
    ? clamp(L, x, -400, 400)
    : clamp(L, x, -1076, 1025);
  const n = L.roundToInteger(clamped, 1, bias - (rough ? 0 : scale));
  const r = L.mul(L.sub(clamped, n.number), L.constant(Math.LN2));
  const power = L.powerOfTwo(n.bits);
  const part = smallExpm1(L, r, coefficientsFor(L, EXP));
  if (rough) return L.fma(part, power, power);
  const { scaled, back } = unwrap(L, x, power);
  return L.mul(L.fma(part, scaled, scaled), back);
}

/** exp(x) - 1. */
export function expm1(L: Lanes, x: Lane): Lane {
  const clamped = L.isNarrow ? clamp(L, x, -18, 89) : clamp(L, x, -38, 710);
  // Half of the result, as 2^n may overflow where the result does not.
  const { power, r } = split(L, clamped, -1);
  const part = smallExpm1(L, r, coefficientsFor(L, EXP));
  const half = L.fma(part, power, L.sub(power, L.constant(0.5)));
  const isTiny = L.lt(L.abs(x), L.constant(2 ** -(formatOf(L).mantissa + 2)));
  return L.select(isTiny, x, L.add(half, half));
}

/**
 * 1 / (1 + exp(-x)). The denominator is 2^n + 1 + 2^n (exp(r) - 1), whose first sum is exact where it matters, so
 * that it is rounded once; it is scaled down, as it may overflow where the result does not underflow.
 */
export function sigmoid(L: Lanes, x: Lane): Lane {
  const { scale, low, high } = formatOf(L);
  const { power, r } = split(L, clamp(L, x, low, high), -scale, -1);
  const one = L.constant(2 ** -scale);
  const coefficients = coefficientsFor(L, EXP).map((c, i) => i % 2 === 0 ? -c : c);
  return L.div(one, L.fnma(smallExpm1(L, r, coefficients), power, L.add(power, one)));
}

/** tanh(x): 1 - 2 / (exp(2 |x|) + 1), where the last bits of exp do not matter, or a polynomial below 0.7. */
export function tanh(L: Lanes, x: Lane): Lane {
  const size = L.abs(x);
  const small = oddPolynomial(L, size, L.mul(x, x), coefficientsFor(L, TANH));
  const bounded = L.quickMin(size, L.constant(L.isNarrow ? 9.02 : 19.1));
  const n = L.roundToInteger(bounded, 2 * Math.LOG2E, formatOf(L).bias);
  // Half of r and half of exp(r) - 1, so that nothing needs to be doubled.
  const halfR = L.fnma(n.number, L.constant(Math.LN2 / 2), bounded);
  const part = smallExpm1(L, halfR, coefficientsFor(L, EXP_IN_TANH).map((c, i) => c * 2 ** (i + 1)));
  const power = L.powerOfTwo(n.bits);
  const [half, one] = [L.constant(0.5), L.constant(1)];
  const rest = L.div(one, L.fma(part, power, L.fma(power, half, half)));
  return L.withSign(L.select(L.gt(size, L.constant(0.7)), L.sub(one, rest), small), x);
}

/** exp(|x|) / 4, or a little less in the way of scaling, and its inverse / 16. */
function quarterExp(L: Lanes, x: Lane): { grown: Lane; shrunk: Lane } {
  const grown = scaledExp(L, L.quickMin(L.abs(x), L.constant(L.precision === "rough" ? 300 : 710.6)), -2);
  return { grown, shrunk: L.div(L.constant(1 / 16), grown) };
}

/** The hyperbolic cosine, for doubles. */
export function cosh(L: Lanes, x: Lane): Lane {
  const { grown, shrunk } = quarterExp(L, x);
  const half = L.add(grown, shrunk);
  return L.add(half, half);
}

/** The hyperbolic sine, for doubles. */
export function sinh(L: Lanes, x: Lane): Lane {
  const { grown, shrunk } = quarterExp(L, x);
  const half = L.sub(grown, shrunk);
  const size = L.abs(x);
  const small = oddPolynomial(L, size, L.mul(x, x), coefficientsFor(L, SINH));
  return L.withSign(L.select(L.gt(size, L.constant(1)), L.add(half, half), small), x);
}

/** x to the power y, as `Math.pow` has it. */
export function pow(L: Lanes, x: Lane, y: Lane): Lane {
  const exponent = L.numberOf(y);
  const fixed = exponent === undefined ? undefined : fixedPower(L, x, exponent);
  if (fixed !== undefined) return fixed;
  if (L.numberOf(x) === 2) return exp2(L, y);
  return L.isNarrow ? inDouble(roughPower)(L, x, y) : L.call(hostFunction("pow", 2), [x, y]);
}

/** A power that is a product, a quotient or a root. */
function fixedPower(L: Lanes, x: Lane, exponent: number): Lane | undefined {
  if (exponent < 0 && Number.isInteger(exponent)) {
    const inverse = L.div(L.constant(1), x);
    return exponent >= -2 ? fixedPower(L, inverse, -exponent) : undefined;
  }
  const square = (): Lane => L.mul(x, x);
  switch (exponent) {
    case 0:
      return L.constant(1);
    case 1:
      return x;
    case 2:
      return square();
    case 3:
      return L.mul(square(), x);
    case 4:
      return L.mul(square(), square());
    case 0.5:
      return root(L, x);
    case -0.5:
      return L.div(L.constant(1), root(L, x));
    case 1.5:
      return L.mul(L.abs(x), root(L, x));
  }
  return undefined;
}

/** x^(1/2), which unlike the square root is 0 for -0 and infinite for -Infinity. */
function root(L: Lanes, x: Lane): Lane {
  const infinity = L.constant(Infinity);
  const result = L.sqrt(L.add(x, L.constant(0)));
  return L.select(L.eq(x, L.constant(-Infinity)), infinity, result);
}

/** x^y for doubles that will be float32. */
function roughPower(L: Lanes, ...[x, y]: Lane[]): Lane {
  const [zero, half, one] = [L.constant(0), L.constant(0.5), L.constant(1)];
  const size = exp(L, L.mul(y!, log(L, L.abs(x!))));
  const isInteger = L.eq(L.trunc(y!), y!);
  const halfY = L.mul(y!, half);
  const isOdd = L.and(isInteger, L.ne(L.trunc(halfY), halfY));
  const signed = L.xor(size, L.and(L.signOf(x!), isOdd));
  // Negative numbers have powers with integer exponents only; -Infinity counts as large, not as negative.
  const isNegative = L.and(L.lt(x!, zero), L.gt(x!, L.constant(-Infinity)));
  const real = L.select(L.andNot(isNegative, isInteger), L.constant(NaN), signed);
  return L.select(L.eq(y!, zero), one, real);
}

/** The cube root of doubles that will be float32. */
export function roughCubeRoot(L: Lanes, x: Lane): Lane {
  return L.withSign(exp(L, L.mul(log(L, L.abs(x)), L.constant(1 / 3))), x);
}

/** sqrt(x² + y²), infinite if an operand is, even beside NaN; extreme operands go to the host. */
export function hypot(L: Lanes, x: Lane, y: Lane): Lane {
  const squares = L.fma(x, x, L.mul(y, y));
  const isFinite = L.lt(squares, L.constant(Infinity));
  // Squares of what was float32 do not underflow.
  const isUsual = L.precision === "rough" ? isFinite : L.and(L.gt(squares, L.constant(1e-280)), isFinite);
  return L.rescue(L.sqrt(squares), L.not(isUsual), hostFunction("hypot", 2), [x, y]);
}
