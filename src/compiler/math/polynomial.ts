import type { Lane, Lanes } from "../lanes.ts";

/** c[0] + c[1] x + c[2] x² + …, by Horner's scheme. */
export function polynomial(L: Lanes, x: Lane, coefficients: readonly number[]): Lane {
  let sum = L.constant(coefficients.at(-1)!);
  for (let i = coefficients.length - 2; i >= 0; i--) sum = L.fma(sum, x, L.constant(coefficients[i]!));
  return sum;
}
