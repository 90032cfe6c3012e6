import { readAxes } from "../../_internal/readers/mod.ts";
import { message } from "../../_internal/message.ts";
import { reducedShape, type Shape, sizeOf } from "../../array/shape.ts";
import type { ReductionArgument, ReductionOptions, Variable } from "../../variable/variable.ts";

/** The options that an axis or a list of axes stands for. */
export function readReduction<O extends ReductionOptions>(argument: number | readonly number[] | O): O {
  return (typeof argument === "number" || Array.isArray(argument) ? { axis: argument } : argument) as O;
}

/** A Variable with some axes joined into one. */
export interface FlattenedAxes {
  /** The same elements, with the axes as one. */
  readonly merged: Variable;
  /** That axis. */
  readonly axis: number;
  /** Gives a result without that axis the shape that was asked for. */
  restore(result: Variable): Variable;
}

/**
 * Joins the axes of a reduction, so that an operation along one axis can do it.
 *
 * @throws {RangeError} If x has no such axis
 */
export function flattenAxes(operation: string, x: Variable, argument: ReductionArgument): FlattenedAxes {
  const { axis, keepDims = false } = readReduction<ReductionOptions>(argument);
  const axes = readAxes(operation, axis, x.rank);
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const first = axes[0] ?? x.rank;
  const neighbours = axes.every((a, i) => a === first + i);
  const ordered = neighbours ? x : x.transpose([...kept, ...axes]);
  const at = neighbours ? first : kept.length;
  const lengths: Shape = kept.map((i) => x.shape[i]!);
  const count = sizeOf(axes.map((a) => x.shape[a]!));
  const merged = axes.length === 1 && neighbours
    ? x
    : ordered.reshape([...lengths.slice(0, at), count, ...lengths.slice(at)]);
  return {
    merged,
    axis: at,
    restore: (result) => keepDims ? result.reshape(reducedShape(x.shape, axes, true)) : result,
  };
}

/**
 * Checks a number that must be an integer in a range.
 *
 * @throws {RangeError} If it is not
 */
export function checkInteger(
  operation: string,
  what: string,
  value: number,
  low: number = -Infinity,
): number {
  if (Number.isInteger(value) && value >= low) return value;
  throw new RangeError(
    message`Cannot apply ${operation}: ${what} is ${value},
    ${low === -Infinity ? "it must be an integer" : `it must be an integer from ${low} up`}`,
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
