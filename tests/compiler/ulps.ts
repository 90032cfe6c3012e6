import type { LaneFunction } from "./math/lane_function.ts";

/** How far results are from the exact ones at worst, in units in the last place, and where. */
export interface Deviation {
  readonly ulps: number;
  readonly x: number;
  readonly actual: number;
  readonly expected: number;
}

/** The distance of neighbouring numbers around a number. */
function spacing(x: number, mantissa: number, smallest: number): number {
  const size = Math.abs(x);
  if (size < smallest) return smallest * 2 ** -mantissa;
  const exponent = Math.floor(Math.log2(size));
  // Just below a power of two the logarithm may be rounded up.
  return 2 ** ((2 ** exponent > size ? exponent - 1 : exponent) - mantissa);
}

/** The distance from an exact float32 result in units in its last place; overflow is right within half a unit. */
export function ulpsF32(actual: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(actual, rounded) || (actual !== actual && exact !== exact)) {
    return Number.isFinite(exact) && Number.isFinite(rounded)
      ? Math.abs(actual - exact) / spacing(exact, 23, 2 ** -126)
      : 0;
  }
  if (!Number.isFinite(actual) || !Number.isFinite(rounded) || actual === rounded) return Infinity;
  return Math.abs(actual - exact) / spacing(exact, 23, 2 ** -126);
}

/** The distance from a float64 result in units in its last place. */
export function ulpsF64(actual: number, expected: number): number {
  if (Object.is(actual, expected) || actual === expected) return 0;
  return Math.abs(actual - expected) / spacing(expected, 52, 2 ** -1022);
}

/** Compares a function of float32 with one of float64, over every `stride`-th float32 there is. */
export function sweepF32(
  compiled: LaneFunction,
  exact: (x: number) => number,
  { stride = 1, from = 0, to = 2 ** 32 }: { stride?: number; from?: number; to?: number } = {},
): Deviation {
  const input = compiled.inputs[0] as Float32Array;
  const output = compiled.output;
  const bits = new Uint32Array(input.buffer, input.byteOffset, input.length);
  let worst: Deviation = { ulps: 0, x: 0, actual: 0, expected: 0 };
  for (let start = from; start < to;) {
    for (let i = 0; i < bits.length; i++) bits[i] = start + i * stride;
    compiled.run(bits.length);
    for (let i = 0; i < bits.length; i++) {
      const [x, actual] = [input[i]!, output[i]!];
      const expected = exact(x);
      const quick = Math.abs(actual - expected);
      // Most results are the nearest number, which needs no closer look.
      if (quick <= 2 ** -26 * Math.abs(expected) && Math.abs(expected) > 2 ** -126) continue;
      const ulps = ulpsF32(actual, expected);
      if (ulps > worst.ulps) worst = { ulps, x, actual, expected };
    }
    start += bits.length * stride;
  }
  return worst;
}
