/** Where the values of Variables stand on the tape. */
import { message } from "../_internal/message.ts";
import type { Value } from "../array/value.ts";
import { fullArray } from "../array/nd_array.ts";
import { isUnknownArray } from "../array/unknown_array.ts";
import { CONSTANT, tape } from "../tape/mod.ts";
import type { Variable } from "./variable.ts";

/** The value without the handle. */
export function plainValue(x: Variable): Value {
  return x.array ?? x.number;
}

/**
 * Whether a function is being recorded without the value of a Variable. Of single numbers that may be NaN for another
 * reason too: then what follows from it is NaN in any case.
 */
export function isUnknown({ row, array, number }: Variable): boolean {
  return array === null ? tape.withoutValues && row >= 0 && Number.isNaN(number) : isUnknownArray(array);
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
  if (x.row >= 0) {
    if (x.row < tape.length && tape.stamps[x.row] === x.stamp) return x.row < tape.barrier ? -1 : x.row;
    if (!x.trainable && x.state?.link === undefined) {
      throw new TypeError(
        message`Cannot use a stale Variable (${
          isUnknownArray(x.array) ? "inside a recorded function" : x.toString()
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
