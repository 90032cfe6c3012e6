import { assert, assertEquals } from "@std/assert";
import { constant, NdArray, type Variable } from "../../mod.ts";

/** An array in a fixture; numbers that JSON lacks are texts. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

/** The array of a fixture, in float64. */
export function toArray({ shape, data }: Values): NdArray {
  return new NdArray(Float64Array.from(data, Number), [...shape]);
}

/** The Variable of a fixture. */
export function toVariable(values: Values): Variable {
  return constant(toArray(values));
}

/** Checks shape and numbers, to a tolerance of the largest expected one. */
export function assertClose(found: NdArray, expected: Values, what: string, tolerance = 1e-10): void {
  assertEquals(found.shape, [...expected.shape], what);
  const numbers = expected.data.map(Number);
  const scale = Math.max(1, ...numbers.map(Math.abs).filter(Number.isFinite));
  found.data.forEach((x, i) => {
    const y = numbers[i]!;
    assert(
      Object.is(x, y) || Math.abs(Number(x) - y) <= tolerance * scale,
      `${what}[${i}] is ${x}, expected ${y}`,
    );
  });
}
