import type { Lane, Lanes } from "./lanes.ts";

/** Coefficients from the constant upwards, as many as each precision needs. */
export type Coefficients = Partial<Readonly<Record<Lanes["precision"], readonly number[]>>>;

/** The coefficients for the precision of a builder. */
export function coefficientsFor(L: Lanes, coefficients: Coefficients): readonly number[] {
  return coefficients[L.precision] ?? coefficients.double!;
}

/** c[0] + c[1] x + c[2] x² + …, by Horner's scheme. */
export function polynomial(L: Lanes, x: Lane, coefficients: readonly number[]): Lane {
  let sum = L.constant(coefficients.at(-1)!);
  for (let i = coefficients.length - 2; i >= 0; i--) sum = L.fma(sum, x, L.constant(coefficients[i]!));
  return sum;
}

/** The same from x and x², by pairs of terms: half as many steps wait for each other. */
export function pairedPolynomial(L: Lanes, x: Lane, square: Lane, coefficients: readonly number[]): Lane {
  const pair = (i: number): Lane => {
    const [even, odd] = [coefficients[i]!, coefficients[i + 1]];
    return odd === undefined ? L.constant(even) : L.fma(L.constant(odd), x, L.constant(even));
  };
  let i = (coefficients.length - 1) & ~1;
  let sum = pair(i);
  while ((i -= 2) >= 0) sum = L.fma(sum, square, pair(i));
  return sum;
}

/** x + x³ (c[0] + c[1] x² + …), given x². */
export function oddPolynomial(L: Lanes, x: Lane, square: Lane, coefficients: readonly number[]): Lane {
  return L.fma(L.mul(square, x), polynomial(L, square, coefficients), x);
}

/** Keeps x between two bounds, and NaN as it is. */
export function clamp(L: Lanes, x: Lane, low: number, high: number): Lane {
  return L.quickMax(L.quickMin(x, L.constant(high)), L.constant(low));
}

/** A function of float32 by one of doubles, whose results are rounded. */
export function inDouble(
  builder: (L: Lanes, ...operands: Lane[]) => Lane,
): (L: Lanes, ...operands: Lane[]) => Lane {
  return (L, ...operands) => {
    const [low, high] = ([0, 1] as const).map((half) =>
      builder(L.double, ...operands.map((operand) => L.widen(operand, half)))
    );
    return L.narrow(low!, high!);
  };
}
