// Functions of plain numbers that JavaScript's Math lacks. Formulas call them by the names they have here.
export { erf, erfc, erfinv } from "./error_function.ts";
export { lgamma, polygamma } from "./gamma_function.ts";
export { sincDerivative } from "./sinc.ts";

/** The logistic function. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The nearest integer, a half to the even one; keeps the sign of zero. */
export function round(x: number): number {
  // Above 2^52 there are no fractions; below, adding it leaves no room for them.
  const size = Math.abs(x);
  return size < 2 ** 52 ? Math.sign(x) * ((size + 2 ** 52) - 2 ** 52) : x;
}

/** The remainder with the sign of the divisor, as in Python. */
export function mod(x: number, y: number): number {
  const rest = x % y;
  if (rest === 0) return y < 0 ? -0 : 0;
  return rest < 0 !== y < 0 ? rest + y : rest;
}

/** sqrt(x² + y²) without overflow or underflow on the way; infinite if an operand is, even beside NaN. */
export function hypot(x: number, y: number): number {
  const squares = x * x + y * y;
  if (squares > 1e-290 && squares < Infinity) return Math.sqrt(squares);
  const large = Math.max(Math.abs(x), Math.abs(y));
  if (large === 0) return 0;
  if (Math.abs(x) === Infinity || Math.abs(y) === Infinity) return Infinity;
  const scale = large > 1 ? 2 ** -600 : 2 ** 600;
  return Math.sqrt((x * scale) ** 2 + (y * scale) ** 2) / scale;
}
