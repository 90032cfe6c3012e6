import type { Lane, Lanes } from "./lanes.ts";
import { hostFunction } from "./host.ts";
import { type Coefficients, coefficientsFor, oddPolynomial } from "./polynomial.ts";

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
