import type { Lane, Lanes } from "./lanes.ts";
import { hostFunction } from "./host.ts";
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
