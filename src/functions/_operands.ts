/** What functions check of their operands. */
import { message } from "../_internal/message.ts";
import type { Variable } from "../variable/variable.ts";

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

/** The elements of indices, to check them; not a read that a compiled function must know of. */
export function elementsOf(x: Variable): ArrayLike<number> & Iterable<number> {
  return x.array?.data ?? [x.number];
}
