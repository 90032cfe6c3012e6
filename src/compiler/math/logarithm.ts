import type { Lane, Lanes } from "./lanes.ts";
import { type Coefficients, coefficientsFor, polynomial } from "./polynomial.ts";

// x = 2^k m with m between sqrt(1/2) and sqrt(2), so that log(x) = k ln 2 + log(1 + f) with f = m - 1. Subtracting
// the bits of sqrt(1/2) from those of x moves the places where the exponent changes to there.

/** (log(1 + f) - f + f² / 2) / f³ for float32, to 2^-27 of log(1 + f). */
const LOG_F32 = [
  ...[0.3333333134651184, -0.2500082850456238, 0.200012668967247, -0.166231170296669],
  ...[0.1420067697763443, -0.13161523640155792, 0.12769851088523865, -0.07641105353832245],
];
/** (log((1 + s) / (1 - s)) - 2 s) / s³ in s², to 2^-59, and to 2^-30. */
const LOG_OF_QUOTIENT: Coefficients = {
  double: [
    ...[0.6666666666666735, 0.3999999999940875, 0.28571428743910576, 0.2222219839896568],
    ...[0.18183574215646767, 0.15313777896231795, 0.14798861286082696],
  ],
  rough: [0.6666677705317485, 0.3997744935892822, 0.29874427560323713],
};

interface Format {
  readonly mantissa: number;
  readonly bias: number;
  /** The bits of 1 and of sqrt(1/2). */
  readonly one: bigint;
  readonly root: bigint;
  /** ln 2 in two parts; an exponent times the first is exact. */
  readonly ln2: readonly [number, number];
}

const F32: Format = {
  mantissa: 23,
  bias: 127,
  one: 0x3f800000n,
  root: 0x3f3504f3n,
  ln2: [0.693359375, -2.12194440e-4],
};
const F64: Format = {
  mantissa: 52,
  bias: 1023,
  one: 0x3ff0000000000000n,
  root: 0x3fe6a09e667f3bcdn,
  ln2: [6.93147180369123816490e-01, 1.90821492927058770002e-10],
};

const formatOf = (L: Lanes): Format => L.isNarrow ? F32 : F64;

/** The bits of x moved so that the upper ones hold k and the bias. */
function moveExponent(L: Lanes, x: Lane): Lane {
  const { one, root } = formatOf(L);
  return L.addBits(x, L.bits(one - root));
}

/** k as a number, of what {@linkcode moveExponent} gives. */
function exponentOf(L: Lanes, moved: Lane, offset: Lane): Lane {
  const { mantissa } = formatOf(L);
  const biased = L.shiftRight(moved, mantissa);
  return L.sub(L.fromInteger(biased), offset);
}

/** m - 1, of what {@linkcode moveExponent} gives. */
function fractionOf(L: Lanes, moved: Lane): Lane {
  const { mantissa, root } = formatOf(L);
  const low = L.and(moved, L.bits((1n << BigInt(mantissa)) - 1n));
  return L.sub(L.addBits(low, L.bits(root)), L.constant(1));
}

interface Series {
  readonly s: Lane;
  /** f² / 2. */
  readonly halfSquare: Lane;
  readonly rest: Lane;
}

/** log(1 + f) = f - f² / 2 + s rest, with s = f / (2 + f). */
function seriesOf(L: Lanes, f: Lane): Series {
  const s = L.div(f, L.add(f, L.constant(2)));
  const z = L.mul(s, s);
  const halfSquare = L.mul(L.mul(f, f), L.constant(0.5));
  const rest = L.fma(z, polynomial(L, z, coefficientsFor(L, LOG_OF_QUOTIENT)), halfSquare);
  return { s, halfSquare, rest };
}

/** k ln 2 + log(1 + f). */
function logOf(L: Lanes, k: Lane, f: Lane): Lane {
  const [high, low] = formatOf(L).ln2.map((part) => L.constant(part)) as [Lane, Lane];
  if (L.isNarrow) {
    const square = L.mul(f, f);
    const cubic = L.mul(L.mul(square, f), polynomial(L, f, LOG_F32));
    return L.fma(k, high, L.add(f, L.fnma(square, L.constant(0.5), L.fma(k, low, cubic))));
  }
  const { s, halfSquare, rest } = seriesOf(L, f);
  if (L.precision === "rough") {
    return L.fma(k, L.constant(Math.LN2), L.fma(s, rest, L.sub(f, halfSquare)));
  }
  return L.fma(k, high, L.sub(f, L.sub(halfSquare, L.fma(s, rest, L.mul(k, low)))));
}

/** Puts in what a logarithm is where its argument is not a positive finite number. */
function atEdges(L: Lanes, result: Lane, x: Lane, zero: number): Lane {
  const pole = L.select(L.eq(x, L.constant(zero)), L.constant(-Infinity), L.constant(NaN));
  const upper = L.select(L.lt(x, L.constant(Infinity)), result, x);
  return L.select(L.gt(x, L.constant(zero)), upper, pole);
}

/** k and f of a positive x. */
function reduce(L: Lanes, x: Lane): { k: Lane; f: Lane } {
  const { mantissa, bias } = formatOf(L);
  // What was float32 is never subnormal as a double.
  const isRough = L.precision === "rough";
  const isSubnormal = L.lt(x, L.constant(2 ** (1 - bias)));
  const normal = isRough ? x : L.select(isSubnormal, L.mul(x, L.constant(2 ** mantissa)), x);
  const moved = moveExponent(L, normal);
  const offset = L.constant(bias);
  const k = exponentOf(
    L,
    moved,
    isRough ? offset : L.select(isSubnormal, L.constant(bias + mantissa), offset),
  );
  return { k, f: fractionOf(L, moved) };
}

/** The natural logarithm. */
export function log(L: Lanes, x: Lane): Lane {
  const { k, f } = reduce(L, x);
  return atEdges(L, logOf(L, k, f), x, 0);
}

/** log(1 + x). */
export function log1p(L: Lanes, x: Lane): Lane {
  const { mantissa, bias } = formatOf(L);
  const moved = moveExponent(L, L.add(x, L.constant(1)));
  // f = (1 + x) / 2^k - 1 without the rounding of 1 + x; the factor 4 keeps 2^-k in range.
  const power = L.bits((BigInt(2 * bias + 2)) << BigInt(mantissa));
  const exponentBits = L.andNot(moved, L.bits((1n << BigInt(mantissa)) - 1n));
  const inverse = L.subBits(power, exponentBits);
  const quarter = L.constant(0.25);
  const f = L.fma(L.mul(x, quarter), inverse, L.fma(inverse, quarter, L.constant(-1)));
  const result = logOf(L, exponentOf(L, moved, L.constant(bias)), f);
  const isTiny = L.lt(L.abs(x), L.constant(2 ** -(mantissa + 2)));
  return atEdges(L, L.select(isTiny, x, result), x, -1);
}

/** log(x) / log(base) for doubles, from the base's constants. */
function logarithmToBase(
  L: Lanes,
  x: Lane,
  /** 1 / log(base) and log(2) / log(base), each in two parts. */
  { inverse, step }: { inverse: readonly [number, number]; step: readonly [number, number] },
): Lane {
  if (L.precision === "rough") return L.mul(log(L, x), L.constant(inverse[0] + inverse[1]));
  const { k, f } = reduce(L, x);
  const { s, rest, halfSquare } = seriesOf(L, f);
  // The upper half of the digits of f - f² / 2, so that products with short constants are exact.
  const high = L.and(L.sub(f, halfSquare), L.bits(-1n << 32n));
  const low = L.fma(s, rest, L.sub(L.sub(f, high), halfSquare));
  const main = L.mul(high, L.constant(inverse[0]));
  const whole = L.mul(k, L.constant(step[0]));
  const sum = L.add(whole, main);
  const lost = L.add(L.sub(whole, sum), main);
  const corrections = L.fma(
    L.add(low, high),
    L.constant(inverse[1]),
    L.fma(low, L.constant(inverse[0]), L.fma(k, L.constant(step[1]), lost)),
  );
  return atEdges(L, L.add(sum, corrections), x, 0);
}

/** The logarithm to base 2, for doubles. */
export function log2(L: Lanes, x: Lane): Lane {
  return logarithmToBase(L, x, {
    inverse: [1.44269504072144627571e+00, 1.67517131648865118353e-10],
    step: [1, 0],
  });
}

/** The logarithm to base 10, for doubles. */
export function log10(L: Lanes, x: Lane): Lane {
  return logarithmToBase(L, x, {
    inverse: [4.34294481878168880939e-01, 2.50829467116452752298e-11],
    step: [3.01029995663611771306e-01, 3.69423907715893078616e-13],
  });
}

// The inverse hyperbolic functions, for doubles. Beyond 2^60 the 1 under the root does not count, and squares may
// overflow.

/** asinh(x) = log(x + sqrt(x² + 1)). */
export function asinh(L: Lanes, x: Lane): Lane {
  const size = L.abs(x);
  const square = L.mul(x, x);
  const one = L.constant(1);
  const excess = L.add(size, L.div(square, L.add(one, L.sqrt(L.add(square, one)))));
  const finite = L.select(L.lt(size, L.constant(Infinity)), excess, size);
  return L.withSign(logOfSum(L, size, L.precision === "rough" ? finite : excess), x);
}

/** acosh(x) = log(x + sqrt(x² - 1)). */
export function acosh(L: Lanes, x: Lane): Lane {
  const one = L.constant(1);
  const t = L.sub(x, one);
  const excess = L.add(t, L.sqrt(L.mul(t, L.add(x, one))));
  return L.select(L.lt(x, one), L.constant(NaN), logOfSum(L, x, excess));
}

/** log(1 + excess), or log(2 size) where size is large. */
function logOfSum(L: Lanes, size: Lane, excess: Lane): Lane {
  if (L.precision === "rough") return log1p(L, excess);
  const isLarge = L.gt(size, L.constant(2 ** 60));
  const logarithm = log1p(L, L.select(isLarge, size, excess));
  return L.add(logarithm, L.and(isLarge, L.constant(Math.LN2)));
}

/** atanh(x) = log((1 + x) / (1 - x)) / 2. */
export function atanh(L: Lanes, x: Lane): Lane {
  const size = L.abs(x);
  const excess = L.div(L.add(size, size), L.sub(L.constant(1), size));
  return L.withSign(L.mul(log1p(L, excess), L.constant(0.5)), x);
}
