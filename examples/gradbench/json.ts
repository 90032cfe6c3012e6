import { NdArray } from "../../mod.ts";
import type { Output } from "./evaluation.ts";

/** Numbers that are written as one piece of text. */
const PIECE = 8192;

/**
 * Writes an output as JSON, in pieces: the whole can be longer than a string may be.
 *
 * @throws {RangeError} If a number is not finite, as JSON has no such number
 */
export function* writeJson(output: Output): Generator<string, void, unknown> {
  if (typeof output === "number") yield writeNumbers([output]);
  else if (output instanceof NdArray) yield* writeRows(output, 0, 0);
  else if (ArrayBuffer.isView(output)) yield* writeVector(output);
  else if (Array.isArray(output)) {
    yield "[";
    for (let i = 0; i < output.length; i++) {
      if (i > 0) yield ",";
      yield* writeJson(output[i]);
    }
    yield "]";
  } else {
    let before = "{";
    for (const [key, value] of Object.entries(output as { [key: string]: Output })) {
      yield `${before}${JSON.stringify(key)}:`;
      yield* writeJson(value);
      before = ",";
    }
    yield before === "{" ? "{}" : "}";
  }
}

/** Writes the part of an array that begins at `start`, from an axis on. */
function* writeRows({ data, shape }: NdArray, axis: number, start: number): Generator<string, void, unknown> {
  const size = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  if (axis >= shape.length - 1) {
    yield* writeVector(data.subarray(start, start + (shape[axis] ?? 1)));
    return;
  }
  yield "[";
  for (let i = 0; i < shape[axis]!; i++) {
    if (i > 0) yield ",";
    yield* writeRows(new NdArray(data, shape), axis + 1, start + i * size);
  }
  yield "]";
}

function* writeVector(data: Float64Array | Float32Array | Int32Array): Generator<string, void, unknown> {
  if (data.length <= PIECE) {
    yield `[${writeNumbers(data)}]`;
    return;
  }
  yield "[";
  for (let i = 0; i < data.length; i += PIECE) {
    yield (i > 0 ? "," : "") + writeNumbers(data.subarray(i, i + PIECE));
  }
  yield "]";
}

function writeNumbers(numbers: ArrayLike<number>): string {
  let text = "";
  for (let i = 0; i < numbers.length; i++) {
    const x = numbers[i]!;
    if (!Number.isFinite(x)) throw new RangeError(`Cannot write the output: it contains ${x}`);
    text += i > 0 ? `,${x}` : `${x}`;
  }
  return text;
}
