/** Where the values of Variables stand on the tape. */
import { message } from "../_internal/message.ts";
import type { Value } from "../array/value.ts";
import { fullArray } from "../array/nd_array.ts";
import { askForValues, isUnknownArray } from "../array/deferred_array.ts";
import { CONSTANT, tape } from "../tape/mod.ts";
import type { Variable } from "./variable.ts";

/**
 * The value without the handle.
 *
 * @throws {TypeError} If it is left over from a function that was recorded without values
 */
export function plainValue(x: Variable): Value {
  return x.array ?? knownNumber(x);
}

/** The number of a Variable of rank 0, which is not left over from a function that was recorded without values. */
export function knownNumber(x: Variable): number {
  if (Number.isNaN(x.number) && isLeftUnknown(x)) askForValues();
  return x.number;
}

/**
 * Whether a function is being recorded without the value of a Variable. Of single numbers that may be NaN for another
 * reason too: then what follows from it is NaN in any case.
 */
export function isUnknown({ row, array, number }: Variable): boolean {
  return array === null ? tape.withoutValues && row >= 0 && Number.isNaN(number) : isUnknownArray(array);
}

/** Whether a Variable is left over from a function that was recorded without its value. */
export function isLeftUnknown({ row, stamp, array, number }: Variable): boolean {
  if (array !== null) return isUnknownArray(array);
  return row >= 0 && stamp % 2 === 1 && Number.isNaN(number) &&
    (row >= tape.length || tape.stamps[row] !== stamp);
}

/** Zeros of a Variable's shape and dtype. */
export function zerosLike(x: Variable): Value {
  return x.array === null ? 0 : fullArray(x.array.shape, 0, x.dtype);
}

/**
 * The row of a Variable, -1 if derivatives by it are not wanted. A trainable one is put on the tape when it
 * is first used.
 *
 * @throws {TypeError} If its row has been dropped from the tape
 */
export function rowOf(x: Variable): number {
  const { row } = x;
  // Whatever drops rows begins a new generation, so that a handle of this one is good.
  if (row >= 0 && x.stamp === tape.generation) return row < tape.barrier ? -1 : row;
  return row < 0 && x.state === null ? -1 : findRow(x);
}

/** The row of a Variable of an earlier generation, or of one that is not on the tape yet. */
function findRow(x: Variable): number {
  if (x.row >= 0) {
    if (x.row < tape.length && tape.stamps[x.row] === x.stamp) return x.row < tape.barrier ? -1 : x.row;
    if (!x.trainable && x.state?.link === undefined) {
      throw new TypeError(
        message`Cannot use a stale Variable (${
          isLeftUnknown(x) ? "inside a recorded function" : x.toString()
        }): its row was dropped from
        the tape by ${
          tape.drops.find(x.row, x.stamp) ?? "a walk"
        }; compute it again after that, keep the tape with
        backward({ retainTape: true }), or read it with .value`,
      );
    }
  }
  if (x.state === null || !tape.recording) return -1;
  if (!x.state.trainable) return linkRow(x, x.state.link);
  x.row = tape.ownedLeaf(x, plainValue(x), x.dtype);
  x.stamp = tape.generation;
  return x.row;
}

/** Records a Variable that has a link; -1 for any other. */
function linkRow(x: Variable, link: (() => Variable) | undefined): number {
  if (link === undefined) return -1;
  const linked = link();
  x.row = linked.row;
  x.stamp = linked.stamp;
  return x.row;
}

/** The row to record for an operand: its own, or a fresh leaf for a constant. */
export function operandRow(x: Variable, row: number): number {
  return row >= 0 ? row : tape.leaf(CONSTANT, plainValue(x), x.dtype, x.name);
}
