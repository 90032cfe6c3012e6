import type { Variable } from "../../variable/mod.ts";

/**
 * The square root of what is never negative, with derivative 0 at 0 instead of infinity: where a gradient is
 * exactly 0, the derivative through an update stays finite.
 */
export function root(x: Variable): Variable {
  const isZero = x.eq(0);
  return isZero.where(0, isZero.where(1, x).sqrt());
}
