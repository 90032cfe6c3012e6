import { message } from "../../_internal/message.ts";
import { allocate, type DType } from "../../array/dtype.ts";
import { arrayFrom, NdArray } from "../../array/nd_array.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import { constant, type Operand, Variable } from "../../variable/mod.ts";

/** Examples `[rows, ...]` and labels `[rows, ...]`, in the model's dtype. */
export interface Examples {
  /** The examples. */
  readonly x: NdArray;
  /** The labels. */
  readonly y: NdArray;
}

/**
 * Reads examples for a model.
 *
 * @param model The model's name, for messages
 * @param expected The shape of one example; undefined when the model is yet to be built
 * @throws {TypeError} If they are no numbers, have no rows, or the wrong shape
 */
export function readExamples(model: string, x: Operand, dtype: DType, expected: Shape | undefined): NdArray {
  const array = readArray(x, dtype);
  if (array.shape.length === 0 || array.size === 0) {
    throw new TypeError(
      message`Cannot feed ${model} an array of shape ${array.shape}: expected [rows, ...]`,
    );
  }
  if (expected !== undefined && !sameShape(array.shape.slice(1), expected)) {
    throw new TypeError(
      message`Cannot feed ${model} an array of shape ${array.shape}: it takes
      ${[array.shape[0]!, ...expected]}`,
    );
  }
  return array;
}

/**
 * Reads labels for examples.
 *
 * @throws {TypeError} If they are no numbers, or of another number
 */
export function readLabels(model: string, y: Operand, dtype: DType, x: NdArray): NdArray {
  const labels = readArray(y, dtype);
  if (labels.shape[0] === x.shape[0]) return labels;
  throw new TypeError(
    message`Cannot feed ${model} examples of shape ${x.shape} with labels of shape
    ${labels.shape}: the numbers of rows differ`,
  );
}

function readArray(value: Operand, dtype: DType): NdArray {
  return (value instanceof Variable ? value.toArray() : arrayFrom(value)).cast(dtype);
}

/**
 * Takes a share of the rows off the end.
 *
 * @throws {RangeError} If either part would be empty
 */
export function splitExamples(
  { x, y }: Examples,
  share: number,
): { readonly training: Examples; readonly validation: Examples } {
  const rows = x.shape[0]!;
  const at = rows - Math.round(rows * share);
  if (at < 1 || at === rows) {
    throw new RangeError(
      message`Cannot train: validationSplit is ${share}, which leaves ${at} of ${rows}
      examples to train on and ${rows - at} to measure on`,
    );
  }
  const part = (from: number, to: number): Examples => ({ x: rowsOf(x, from, to), y: rowsOf(y, from, to) });
  return { training: part(0, at), validation: part(at, rows) };
}

/** One batch: the examples at positions `start` to `end` of an order. */
export function takeBatch(
  { x, y }: Examples,
  order: Uint32Array | undefined,
  start: number,
  end: number,
): { readonly x: Variable; readonly y: Variable } {
  if (order === undefined) return { x: constant(rowsOf(x, start, end)), y: constant(rowsOf(y, start, end)) };
  const chosen = order.subarray(start, end);
  return { x: constant(gatherRows(x, chosen)), y: constant(gatherRows(y, chosen)) };
}

/** Rows `from` to `to`, sharing the buffer. */
function rowsOf(x: NdArray, from: number, to: number): NdArray {
  const rows = x.shape[0]!;
  if (from === 0 && to === rows) return x;
  const width = x.size / rows;
  return new NdArray(x.data.subarray(from * width, to * width), [to - from, ...x.shape.slice(1)]);
}

function gatherRows(x: NdArray, rows: Uint32Array): NdArray {
  const width = x.size / x.shape[0]!;
  const out = allocate(x.dtype, rows.length * width);
  for (let i = 0, at = 0; i < rows.length; i++) {
    for (let c = 0, from = rows[i]! * width; c < width; c++) out[at++] = x.data[from++]!;
  }
  return new NdArray(out, [rows.length, ...x.shape.slice(1)]);
}
