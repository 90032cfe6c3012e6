/** Which arrays came of comparisons: as indices their ones and zeros mean "take" and "leave", not positions. */
import { message } from "../_internal/message.ts";
import type { NdArray } from "../array/nd_array.ts";
import { Variable } from "../variable/variable.ts";

const masks = new WeakSet<NdArray>();

/** Notes that an array is a mask. */
export function asMask(x: Variable): Variable {
  if (x.array !== null) masks.add(x.array);
  return x;
}

/** Whether a value is an array that came of a comparison. */
export function isMask(x: unknown): x is Variable & { readonly array: NdArray } {
  return x instanceof Variable && x.array !== null && masks.has(x.array);
}

/**
 * Refuses a mask where positions are wanted.
 *
 * @throws {TypeError} If it is one
 */
export function refuseMask(operation: string, indices: unknown): void {
  if (!isMask(indices)) return;
  throw new TypeError(
    message`Cannot apply ${operation} with a mask of shape ${indices.shape} for indices: use at(x, mask).get() to
    take what it marks, or where() and maskedFill() to keep the shape`,
  );
}
