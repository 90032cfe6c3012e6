import { describeValue } from "../format.ts";
import { message } from "../message.ts";
import { isList } from "./numbers.ts";

/**
 * Reads an axis, a negative one counted from the end.
 *
 * @returns From 0 to rank - 1
 * @throws {TypeError} If it is no number
 * @throws {RangeError} If the array has no such axis
 */
export function readAxis(operation: string, axis: unknown, rank: number): number {
  if (typeof axis !== "number") {
    throw new TypeError(
      message`Cannot apply ${operation} along axis ${
        describeValue(axis)
      }: an axis is an integer, negative ones
      count from the end`,
    );
  }
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new RangeError(
      message`Cannot apply ${operation} along axis ${axis}: the array has ${rank}
      ${rank === 1 ? "axis" : "axes"}${rank === 0 ? "" : `, use ${-rank} to ${rank - 1}`}`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/**
 * Reads one axis, a list of axes or undefined (all of them).
 *
 * @returns Ascending, from 0 to rank - 1
 * @throws {TypeError} If it is none of these
 * @throws {RangeError} If the array has no such axis, or one is named twice
 */
export function readAxes(operation: string, axis: unknown, rank: number): number[] {
  if (axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  const axes = readAxisList(operation, axis, rank).sort((a, b) => a - b);
  const twice = axes.find((a, i) => a === axes[i - 1]);
  if (twice !== undefined) {
    throw new RangeError(message`Cannot apply ${operation}: axis ${twice} is named twice`);
  }
  return axes;
}

/**
 * Reads one axis or a list of axes, in their order; one may be named twice.
 *
 * @throws {TypeError} If it is neither
 * @throws {RangeError} If the array has no such axis
 */
export function readAxisList(operation: string, axis: unknown, rank: number): number[] {
  if (!isList(axis)) return [readAxis(operation, axis, rank)];
  return Array.from(axis, (each) => readAxis(operation, each, rank));
}
