/** Trigonometric functions and their inverses. */
import { hostFunction } from "./host.ts";
import type { Lane, Lanes } from "./lanes.ts";
import { type Coefficients, coefficientsFor, oddPolynomial, polynomial } from "./polynomial.ts";

// x = n pi / 2 + r with |r| <= pi / 4, and sin(x) is one of ±sin(r) and ±cos(r). Products of n with the parts of
// pi / 2 are exact: always with fused multiply-add, else because the parts are short. Larger arguments, which are
// rare, go to the host one by one.

interface Reduction {
  readonly parts: readonly number[];
  /** The largest size of x that it is good for. */
  readonly bound: number;
}

const FUSED_F32: Reduction = {
  parts: [1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15],
  bound: 2 ** 17,
};
const PLAIN_F32: Reduction = {
  parts: [1.5703125, 0.0004839897155761719, -1.6298145055770874e-07, 6.07710062827671e-11],
  bound: 2 ** 14,
};
const FUSED_F64: Reduction = {
  parts: [1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33],
  bound: 2 ** 21,
};
const PLAIN_F64: Reduction = {
  parts: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
  bound: 2 ** 21,
};

/** (sin(r) - r) / r³ in r², to 2^-28 of sin(r), to 2^-58, and to 2^-37. */
const SIN: Coefficients = {
  single: [-0.16666655242443085, 0.008332187309861183, -0.00019517897453624755],
  double: [
    ...[-0.1666666666666663, 0.00833333333332184, -0.00019841269829358533, 2.7557313538518376e-06],
    ...[-2.5050734390407562e-08, 1.589543339110911e-10],
  ],
  rough: [-0.16666666640588232, 0.008333329280533186, -0.00019839304418206352, 2.7180464930071253e-06],
};
/** (cos(r) - 1 + r² / 2) / r⁴ in r², to 2^-33, to 2^-64, and to 2^-43. */
const COS: Coefficients = {
  single: [0.04166664555668831, -0.00138873013202101, 2.4430670237052254e-05],
  double: [
    ...[0.0416666666666666, -0.0013888888888874457, 2.4801587289652868e-05, -2.7557314393874776e-07],
    ...[2.0875728112325537e-09, -1.13598650969934e-11],
  ],
  rough: [0.041666666622475576, -0.001388888372247474, 2.4799511727127006e-05, -2.720954508774759e-07],
};

function reductionOf(L: Lanes): Reduction {
  if (L.isNarrow) return L.fused ? FUSED_F32 : PLAIN_F32;
  return L.fused ? FUSED_F64 : PLAIN_F64;
}

interface Reduced {
  /** n in its lowest bits. */
  readonly n: Lane;
  readonly isOdd: Lane;
  readonly r: Lane;
  /** r as a sum that is more exact. */
  readonly sum: () => [Lane, Lane];
}

function reduce(L: Lanes, x: Lane): Reduced {
  const n = L.roundToInteger(x, 2 / Math.PI);
  const subtract = (rest: Lane, part: number): Lane => L.fnma(n.number, L.constant(part), rest);
  const [first, second, ...last] = reductionOf(L).parts as [number, number, ...number[]];
  const exact = subtract(x, first);
  const rounded = subtract(exact, second);
  const one = L.bits(1);
  return {
    n: n.bits,
    isOdd: L.eqBits(L.and(n.bits, one), one),
    r: last.reduce(subtract, rounded),
    sum: () => {
      const low = last.reduce(subtract, subtract(L.sub(exact, rounded), second));
      if (L.fused) return [rounded, low];
      // Short parts leave more in the lower half than the last bit of the upper one.
      const r = L.add(rounded, low);
      return [r, L.add(L.sub(rounded, r), low)];
    },
  };
}

function sineOf(L: Lanes, r: Lane): Lane {
  return oddPolynomial(L, r, L.mul(r, r), coefficientsFor(L, SIN));
}

function cosineOf(L: Lanes, r: Lane): Lane {
  const square = L.mul(r, r);
  const fourth = L.mul(square, square);
  const parabola = L.fnma(square, L.constant(0.5), L.constant(1));
  return L.fma(fourth, polynomial(L, square, coefficientsFor(L, COS)), parabola);
}

/** The sign bit of every second pair of quarter turns. */
function signOfHalfTurns(L: Lanes, n: Lane): Lane {
  return L.signOf(L.shiftLeft(n, L.isNarrow ? 30 : 62));
}

/** Puts in the host's results for large arguments. */
function orHost(L: Lanes, result: Lane, name: string, x: Lane): Lane {
  const isLarge = L.gt(L.abs(x), L.constant(reductionOf(L).bound));
  return L.rescue(result, isLarge, hostFunction(name, 1), [x]);
}

/** Puts in small arguments themselves, among them -0, of which the polynomial makes 0. */
function orSelf(L: Lanes, result: Lane, x: Lane): Lane {
  return L.select(L.lt(L.abs(x), L.constant(L.isNarrow ? 2 ** -13 : 2 ** -27)), x, result);
}

/** The sine of an angle in radians. */
export function sin(L: Lanes, x: Lane): Lane {
  const { n, isOdd, r } = reduce(L, x);
  const result = L.xor(L.select(isOdd, cosineOf(L, r), sineOf(L, r)), signOfHalfTurns(L, n));
  return orHost(L, orSelf(L, result, x), "sin", x);
}

/** The cosine of an angle in radians. */
export function cos(L: Lanes, x: Lane): Lane {
  const { n, isOdd, r } = reduce(L, x);
  const sign = signOfHalfTurns(L, L.addBits(n, L.bits(1)));
  return orHost(L, L.xor(L.select(isOdd, sineOf(L, r), cosineOf(L, r)), sign), "cos", x);
}

/** The tangent of an angle in radians, for doubles. */
export function tan(L: Lanes, x: Lane): Lane {
  const { n, isOdd, r, sum } = reduce(L, x);
  const [s, c] = L.precision === "rough" ? [sineOf(L, r), cosineOf(L, r)] : exactParts(L, ...sum());
  const quotient = L.div(L.select(isOdd, c, s), L.select(isOdd, s, c));
  const result = L.xor(quotient, L.signOf(L.shiftLeft(n, 63)));
  return orHost(L, orSelf(L, result, x), "tan", x);
}

/** sin(r + low) and cos(r + low), each rounded little more than once, as their quotient is rounded again. */
function exactParts(L: Lanes, r: Lane, low: Lane): [Lane, Lane] {
  const square = L.mul(r, r);
  const sum = L.fma(L.mul(square, r), polynomial(L, square, coefficientsFor(L, SIN)), low);
  const [half, one] = [L.mul(square, L.constant(0.5)), L.constant(1)];
  const parabola = L.sub(one, half);
  const lost = L.fnma(r, low, L.sub(L.sub(one, parabola), half));
  const quartic = L.fma(L.mul(square, square), polynomial(L, square, coefficientsFor(L, COS)), lost);
  return [L.add(r, sum), L.add(parabola, quartic)];
}

/** (atan(t) - t) / t³ in t², for |t| <= tan(pi / 8), to 2^-59, and to 2^-30. */
const ATAN: Coefficients = {
  double: [
    ...[-0.333333333333332, 0.19999999999953819, -0.14285714280220632, 0.1111111078468867],
    ...[-0.09090897793441849, 0.07692060851930686, -0.06663111261151752, 0.05847941279332623],
    ...[-0.05039535705491208, 0.03807033361399744, -0.017913415225901067],
  ],
  rough: [
    ...[-0.3333331547152574, 0.199984871793018, -0.14243802960283164, 0.10595642283134539],
    -0.060824947902220976,
  ],
};
/** (asin(t) - t) / t³ in t², for |t| <= 1/2, to 2^-60, and to 2^-32. */
const ASIN: Coefficients = {
  double: [
    ...[0.16666666666666763, 0.07499999999970118, 0.044642857175279285, 0.03038194267509165],
    ...[0.02237221592344434, 0.017351594999112062, 0.013981026450809671, 0.011397214663736178],
    ...[0.010789828211161243, 0.003670039469465393, 0.021796378734847143, -0.021125497140855015],
    0.03270803922877397,
  ],
  rough: [
    ...[0.16666659852610477, 0.07500512148448324, 0.04451546826638234, 0.0318198395140893],
    ...[0.01439374301483528, 0.03757822254876704],
  ],
};

const QUARTER_PI = [0.7853981633974483, 3.061616997868383e-17] as const;

/** The angle of (y, x) for y, x >= 0, by a turn of 0, pi / 4 or pi / 2 to the nearest of three directions. */
function firstQuadrant(L: Lanes, y: Lane, x: Lane): Lane {
  const isSteep = L.gt(y, L.mul(x, L.constant(1 + Math.SQRT2)));
  const isFlat = L.lt(y, L.mul(x, L.constant(Math.SQRT2 - 1)));
  const numerator = L.select(isFlat, y, L.select(isSteep, L.neg(x), L.sub(y, x)));
  const denominator = L.select(isFlat, x, L.select(isSteep, y, L.add(y, x)));
  const t = L.div(numerator, denominator);
  const angle = oddPolynomial(L, t, L.mul(t, t), coefficientsFor(L, ATAN));
  const [high, low] = QUARTER_PI.map((part) => {
    const turn = L.select(isSteep, L.constant(2 * part), L.constant(part));
    return L.andNot(turn, isFlat);
  }) as [Lane, Lane];
  return L.add(high, L.precision === "rough" ? angle : L.add(angle, low));
}

/** The arc tangent, for doubles. */
export function atan(L: Lanes, x: Lane): Lane {
  const size = L.abs(x);
  // A bound keeps infinity out of the quotient; beyond it the result does not change.
  const bounded = L.quickMin(size, L.constant(2 ** 60));
  return L.withSign(firstQuadrant(L, bounded, L.constant(1)), x);
}

/** The angle of the point (x, y), for doubles; points that are extremely near or far go to the host. */
export function atan2(L: Lanes, y: Lane, x: Lane): Lane {
  const [height, width] = [L.abs(y), L.abs(x)];
  const angle = firstQuadrant(L, height, width);
  const opposite = L.sub(L.constant(Math.PI), L.sub(angle, L.constant(1.2246467991473532e-16)));
  const isLeft = L.lt(x, L.constant(0));
  const result = L.withSign(L.select(isLeft, opposite, angle), y);
  const far = L.max(height, width);
  const isUsual = L.and(L.gt(far, L.constant(1e-280)), L.lt(far, L.constant(1e300)));
  return L.rescue(result, L.not(isUsual), hostFunction("atan2", 2), [y, x]);
}

/** asin(t) for |x| <= 1/2, and else asin(t) with t = sqrt((1 - |x|) / 2), from which the angle follows. */
function smallAsin(L: Lanes, x: Lane): { isLarge: Lane; angle: Lane } {
  const [half, size] = [L.constant(0.5), L.abs(x)];
  const isLarge = L.gt(size, half);
  const rest = L.fnma(size, half, half);
  const square = L.select(isLarge, rest, L.mul(x, x));
  const t = L.select(isLarge, L.sqrt(rest), size);
  return { isLarge, angle: oddPolynomial(L, t, square, coefficientsFor(L, ASIN)) };
}

const HALF_PI = [1.5707963267948966, 6.123233995736766e-17] as const;

/** The arc sine, for doubles. */
export function asin(L: Lanes, x: Lane): Lane {
  const { isLarge, angle } = smallAsin(L, x);
  const [high, low] = [L.constant(HALF_PI[0]), L.constant(HALF_PI[1])];
  const complement = L.sub(high, L.sub(L.add(angle, angle), low));
  return L.withSign(L.select(isLarge, complement, angle), x);
}

/** The arc cosine, for doubles. */
export function acos(L: Lanes, x: Lane): Lane {
  const { isLarge, angle } = smallAsin(L, x);
  const [high, low] = [L.constant(HALF_PI[0]), L.constant(HALF_PI[1])];
  const twice = L.add(angle, angle);
  const isNegative = L.lt(x, L.constant(0));
  const opposite = L.sub(L.constant(Math.PI), L.sub(twice, L.constant(2 * HALF_PI[1])));
  const middle = L.sub(high, L.sub(L.xor(angle, L.signOf(x)), low));
  return L.select(isLarge, L.select(isNegative, opposite, twice), middle);
}
