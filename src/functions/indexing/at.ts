import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { checkOptions } from "../../_internal/readers/mod.ts";
import { broadcastShapes, sameShape, type Shape, sizeOf, stridesOf } from "../../array/shape.ts";
import { checkElements, elementsOf, isMask } from "../_operands.ts";
import { operation as op } from "../../primitives/mod.ts";
import { tape } from "../../tape/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { AxisIndex, IndexRange, Place } from "../../variable/signatures/indexing.ts";
import { type Operand, Variable } from "../../variable/variable.ts";

/**
 * A place inside an array, to be read or changed in a copy, as `x.at[...]` in JAX: Variables never change, so
 * `set` and `add` give a new one, through which derivatives by the array and by the values flow.
 *
 * Lists along neighbouring axes broadcast together and pick single positions, as in NumPy: `at(x, [0, 1], [2,
 * 3])` is the elements `[0, 2]` and `[1, 3]`.
 *
 * @param x At least as many axes as there are indices
 * @param indices For each of the first axes an integer, a range `{ start, stop, step }`, or a list of integers;
 *   axes without one are taken whole
 * @returns The place; `values` must broadcast to its shape and take the dtype of x
 * @throws {RangeError} If an index is not an integer or out of range, or there are more indices than axes
 * @throws {TypeError} If lists of indices stand along axes that are not neighbours
 *
 * @example
 * ```ts
 * import { at } from "@tapegrad/tapegrad";
 *
 * const x = [[1, 2, 3], [4, 5, 6]];
 * console.log(at(x, 1, 2).get().value); // 6
 * console.log(at(x, {}, { start: 1 }).set(0).value); // [[1, 0, 0], [4, 0, 0]]
 * console.log(at(x, [0, 0, 1]).add(10).value); // [[21, 22, 23], [14, 15, 16]]
 * ```
 */
export function at(x: Operand, ...indices: readonly AxisIndex[]): Place {
  const input = toVariable(x);
  const places = indices.some(isMaskIndex) ? expandMasks(input.shape, indices) : indices;
  return placeAt(input, places);
}

function placeAt(input: Variable, indices: readonly AxisIndex[]): Place {
  if (indices.length > input.rank) {
    throw new RangeError(
      message`Cannot index shape ${input.shape}: ${indices.length} indices are given for
      ${input.rank} axes`,
    );
  }
  const block = new Block(input, indices);
  const lists = new Lists(block, indices);
  const prepare = (values: Operand): Variable => {
    const added = toVariable(values, values instanceof Variable ? undefined : input.dtype);
    return (added.dtype === input.dtype ? added : added.cast(input.dtype)).broadcastTo(lists.shape);
  };
  return {
    get: () => lists.take(block.take(input)),
    set: (values) => {
      const given = prepare(values);
      return block.replace(input, lists.isEmpty ? given : lists.replace(block.take(input), given));
    },
    add: (values) => input.add(block.place(lists.place(prepare(values)))),
  };
}

/** The part of a place that integers and ranges name. */
class Block {
  /** The shape without the axes of integers. */
  readonly shape: Shape;
  /** For each axis of that shape the axis of the whole array. */
  readonly axes: readonly number[];
  readonly #whole: Shape;
  readonly #begin: number[] = [];
  readonly #size: number[] = [];
  readonly #step: number[] = [];

  constructor({ shape }: Variable, indices: readonly AxisIndex[]) {
    this.#whole = shape;
    shape.forEach((length, axis) => {
      const index = indices[axis];
      let [begin, size, step] = [0, length, 1];
      if (typeof index === "number") [begin, size] = [wrap(index, length, axis, shape), 1];
      else if (isRange(index)) [begin, size, step] = readRange(index, length);
      this.#begin.push(begin);
      this.#size.push(size);
      this.#step.push(step);
    });
    this.axes = shape.map((_, axis) => axis).filter((axis) => typeof indices[axis] !== "number");
    this.shape = this.axes.map((axis) => this.#size[axis]!);
  }

  get #isWhole(): boolean {
    return this.#whole.every((n, i) => this.#size[i] === n && this.#step[i] === 1);
  }

  get #isDense(): boolean {
    return this.#step.every((step, i) => step === 1 || this.#size[i]! <= 1);
  }

  take(x: Variable): Variable {
    const [begin, size, step] = [this.#begin, this.#size, this.#step];
    const part = this.#isWhole
      ? x
      : this.#isDense
      ? apply(op.slice, [x], { begin, size })
      : apply(op.stridedSlice, [x], { begin, size, step });
    return this.shape.length === x.rank ? part : part.reshape(this.shape);
  }

  place(values: Variable): Variable {
    const part = values.reshape(this.#size);
    const [begin, step, shape] = [this.#begin, this.#step, this.#whole];
    if (this.#isWhole) return part;
    return this.#isDense
      ? apply(op.place, [part], { begin, shape })
      : apply(op.stridedPlace, [part], { begin, step, shape });
  }

  replace(x: Variable, values: Variable): Variable {
    const part = values.reshape(this.#size);
    return this.#isWhole ? part : apply(op.assignSlice, [x, part], { begin: this.#begin, step: this.#step });
  }
}

/** The part of a place that lists of indices name, inside a block. */
class Lists {
  /** The shape of the place. */
  readonly shape: Shape;
  /** The lists as one list of positions along the merged axes; null where there is none. */
  readonly #positions: Variable | null = null;
  readonly #axis: number = 0;
  readonly #merged: Shape;
  readonly #block: Shape;

  constructor(block: Block, indices: readonly AxisIndex[]) {
    this.#block = this.#merged = this.shape = block.shape;
    const found = block.axes.map((axis, i) => ({ axis: i, list: indices[axis] }))
      .filter(({ list }) => list !== undefined && !isRange(list));
    if (found.length === 0) return;
    const first = this.#axis = found[0]!.axis;
    const rest = first + found.length;
    if (found.at(-1)!.axis !== rest - 1) {
      throw new TypeError(
        message`Cannot index axes
        ${found.map(({ axis }) => block.axes[axis]).join(" and ")} by lists: they are not neighbours,
        transpose first`,
      );
    }
    const lists = found.map(({ axis, list }) => readList(list as Operand, block.shape, axis));
    const common = broadcastShapes("at", ...lists.map((list) => list.shape));
    const positions = lists.reduce((sum, list, i) => sum.mul(block.shape[first + i]!).add(list))
      .broadcastTo(common);
    const [before, after] = [block.shape.slice(0, first), block.shape.slice(rest)];
    this.#positions = positions;
    this.#merged = [...before, sizeOf(block.shape.slice(first, rest)), ...after];
    this.shape = [...before, ...common, ...after];
  }

  get isEmpty(): boolean {
    return this.#positions === null;
  }

  take(part: Variable): Variable {
    return this.#positions === null
      ? part
      : part.reshape(this.#merged).gather(this.#positions, { axis: this.#axis });
  }

  place(values: Variable): Variable {
    if (this.#positions === null) return values;
    const attributes = { axis: this.#axis, shape: this.#merged };
    return apply(op.scatterAdd, [values, this.#positions], attributes).reshape(this.#block);
  }

  replace(part: Variable, values: Variable): Variable {
    const positions = this.#positions!;
    const axis = this.#axis;
    const flat = this.#merged.map((n, i) => i === axis ? positions.size : n);
    const each = positions.reshape(flat.map((n, i) => i === axis ? n : 1)).broadcastTo(flat);
    const operands = [part.reshape(this.#merged), each, values.reshape(flat)];
    return apply(op.assignAlongAxis, operands, { axis }).reshape(this.#block);
  }
}

function isRange(index: AxisIndex | undefined): index is IndexRange {
  return isPlainObject(index);
}

/** Counts a negative index from the end. */
function wrap(index: number, length: number, axis: number, shape: Shape): number {
  if (Number.isInteger(index) && index >= -length && index < length) {
    return index < 0 ? index + length : index;
  }
  throw new RangeError(
    message`Cannot index axis ${axis} of shape ${shape} at ${index}:
    ${length === 0 ? "it has no elements" : `indices are integers from ${-length} to ${length - 1}`}`,
  );
}

/** Begin, size and step of a range; bounds outside the axis are brought to its ends, as in Python. */
function readRange(range: IndexRange, length: number): [number, number, number] {
  checkOptions("at", range, ["start", "stop", "step"]);
  const { start, stop, step = 1 } = range;
  const whole = (n: number | undefined): boolean => n === undefined || Number.isInteger(n);
  if (![start, stop, step].every(whole) || step === 0) {
    throw new RangeError(
      message`Cannot take the range from ${describeValue(start)} to
      ${describeValue(stop)} in steps of ${describeValue(step)}: the numbers must be integers, the step not
      0`,
    );
  }
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const bound = (n: number): number => Math.min(high, Math.max(low, n < 0 ? n + length : n));
  const from = start === undefined ? (step > 0 ? low : high) : bound(start);
  const to = stop === undefined ? (step > 0 ? high : low) : bound(stop);
  const size = Math.max(0, Math.ceil((to - from) / step));
  return size === 0 ? [0, 0, 1] : [from, size, step];
}

/** A list of indices without negative ones. */
function readList(list: Operand, shape: Shape, axis: number): Variable {
  const indices = toVariable(list);
  const length = shape[axis]!;
  let isNegative = false;
  for (const index of elementsOf(indices)) if (wrap(index, length, axis, shape) !== index) isNegative = true;
  // A tracked list can have other values when a compiled function runs again.
  const isTracked = indices.row >= 0;
  if (!isNegative && !isTracked) return indices;
  const where = ` along axis ${axis}`;
  const range = { operation: "at", what: "index", where, min: -length, max: length - 1, isInteger: true };
  const checked = isTracked ? checkElements(indices, range) : indices;
  return checked.lt(0).where(checked.add(length), checked);
}

/** Whether an index says of each element whether it is taken: a comparison, or true and false in a list. */
function isMaskIndex(index: AxisIndex): index is Variable | readonly boolean[] {
  return isMask(index) ||
    (Array.isArray(index) && index.length > 0 && index.every((each) => typeof each === "boolean"));
}

/** Lists of positions, one for each axis of a mask, in place of masks. */
function expandMasks(shape: Shape, indices: readonly AxisIndex[]): AxisIndex[] {
  let axis = 0;
  return indices.flatMap((index): AxisIndex[] => {
    if (!isMaskIndex(index)) {
      axis++;
      return [index];
    }
    const mask = toVariable(index instanceof Variable ? index : index.map(Number));
    const lengths = shape.slice(axis, axis + mask.rank);
    axis += mask.rank;
    if (!sameShape(mask.shape, lengths)) {
      throw new RangeError(
        message`Cannot index by a mask of shape ${mask.shape}: the axes it stands for have the lengths ${lengths}`,
      );
    }
    if (tape.isTracing && mask.row >= 0) {
      throw new TypeError(
        "Cannot index by a mask in a function that is traced: how much it takes differs from call to call, use " +
          "where() or maskedFill(), which keep the shape",
      );
    }
    const data = elementsOf(mask);
    const taken = Array.from(data, (_, i) => i).filter((i) => data[i] !== 0);
    return stridesOf(mask.shape).map((stride, k) =>
      Float64Array.from(taken, (i) => Math.floor(i / stride) % mask.shape[k]!)
    );
  });
}
