import { formatShape } from "../_internal/format.ts";
import { arrayFrom, NdArray } from "../array/nd_array.ts";
import { grad } from "../transforms/mod.ts";
import { type ArrayLike, constant, type Variable } from "../variable/mod.ts";

/** How close derivatives must be. */
export interface CheckOptions {
  /** The step of the central differences, times the size of each number; 1e-5 by default. */
  readonly step?: number;
  /** The largest difference, times the larger of 1 and the derivative; 1e-6 by default. */
  readonly tolerance?: number;
}

/**
 * Compares the gradient of a function with central differences, number by number, in float64.
 *
 * @param f Takes one Variable for each input, returns a rank-0 Variable
 * @param inputs Numbers or arrays to check at, away from kinks
 * @throws {RangeError} If a derivative differs; the message names input, element and both values
 *
 * @example
 * ```ts
 * import type { Variable } from "@tapegrad/tapegrad";
 * import { checkGradients } from "@tapegrad/tapegrad/testing";
 *
 * checkGradients((x: Variable, y: Variable) => x.mul(y).sin().sum(), [[1, 2], 3]);
 * ```
 */
export function checkGradients(
  f: (...inputs: Variable[]) => Variable,
  inputs: readonly ArrayLike[],
  { step = 1e-5, tolerance = 1e-6 }: CheckOptions = {},
): void {
  const arrays = inputs.map((x) => arrayFrom(x, "float64"));
  const argnums = arrays.map((_, i) => i);
  const gradients = grad(f as (...args: never[]) => Variable, { argnums })(
    ...arrays.map((x) => constant(x)) as never,
  ) as unknown as Variable[];
  arrays.forEach((x, k) => {
    for (let i = 0; i < x.size; i++) {
      const h = step * Math.max(1, Math.abs(x.data[i]!));
      const at = (value: number): number => {
        const data = x.data.slice();
        data[i] = value;
        const moved = arrays.map((a, j) => constant(j === k ? new NdArray(data, x.shape) : a));
        return f(...moved).item();
      };
      const expected = (at(x.data[i]! + h) - at(x.data[i]! - h)) / (2 * h);
      const actual = gradients[k]!.toArray().data[i]!;
      if (!(Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)))) {
        throw new RangeError(
          `Wrong gradient by element ${i} of input ${k} (shape ${formatShape(x.shape)}): ` +
            `found ${actual}, central differences give ${expected}`,
        );
      }
    }
  });
}
