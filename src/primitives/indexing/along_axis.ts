import { message } from "../../_internal/message.ts";
import type { Shape } from "../../array/shape.ts";

/**
 * Checks that indices can name single elements along an axis: they have the array's lengths on all others.
 *
 * @throws {TypeError} If they have not
 */
export function checkAlong(operation: string, shape: Shape, indices: Shape, axis: number): void {
  const fits = shape.length === indices.length &&
    shape.every((length, i) => i === axis || length === indices[i]);
  if (fits) return;
  throw new TypeError(
    message`Cannot ${operation} along axis ${axis} of shape ${shape}: the indices have
    shape ${indices}, which must be the same on the other axes`,
  );
}

/**
 * Checks that there is one value for each index.
 *
 * @throws {TypeError} If there is not
 */
export function checkValues(operation: string, values: Shape, indices: Shape): void {
  if (values.length === indices.length && values.every((length, i) => length === indices[i])) return;
  throw new TypeError(
    message`Cannot ${operation}: shapes ${values} and ${indices} of values and indices
    differ`,
  );
}
