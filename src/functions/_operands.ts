/** What functions check of their operands. */
import { message } from "../_internal/message.ts";
import { askForValues } from "../array/deferred_array.ts";
import type { NdArray } from "../array/nd_array.ts";
import { checkRange, type ElementRange } from "../array/range.ts";
import { operation } from "../primitives/mod.ts";
import { tape } from "../tape/mod.ts";
import { apply } from "../variable/apply.ts";
import { isUnknown } from "../variable/rows.ts";
import { Variable } from "../variable/variable.ts";

/**
 * Checks the number of axes.
 *
 * @param layout What the axes are, such as `[batch, length, channels]`
 * @throws {TypeError} If there are more or fewer
 */
export function checkLayout(operation: string, x: Variable, layout: string): void {
  if (x.rank === layout.split(",").length) return;
  throw new TypeError(
    message`Cannot apply ${operation}: the operand has shape ${x.shape}, expected
    ${layout}, reshape it`,
  );
}

/**
 * Checks that an array has matrices along its last two axes.
 *
 * @throws {TypeError} If it has fewer axes
 */
export function checkMatrices(operation: string, x: Variable): [rows: number, columns: number] {
  if (x.rank >= 2) return x.shape.slice(-2) as [number, number];
  throw new TypeError(
    message`Cannot apply ${operation}: shape ${x.shape} has no matrices, at least two axes
    are needed`,
  );
}

/**
 * Checks every element of an operand, now and in each later call of a function that is being traced.
 *
 * @returns The operand to go on with
 * @throws {RangeError} If an element is not in the range
 */
export function checkElements(x: Variable, range: ElementRange): Variable {
  if (!isUnknown(x)) checkRange(elementsOf(x), range);
  return tape.isTracing && x.row >= 0 ? apply(operation.checked, [x], range) : x;
}

/** The elements, to check them; not a read that a compiled function must know of. */
export function elementsOf(x: Variable): ArrayLike<number> & Iterable<number> {
  if (x.array === null && isUnknown(x)) askForValues();
  return x.array?.data ?? [x.number];
}

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
