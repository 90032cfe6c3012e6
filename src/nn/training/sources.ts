import { message } from "../../_internal/message.ts";
import { allocate } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { type BatchIterable, type Examples, sliceExamples } from "./data.ts";

/** Where the batches of an epoch come from. */
export interface BatchSource {
  /** How many batches an epoch has, where that is known. */
  readonly steps: number | undefined;
  /**
   * The batches of one epoch. Buffers of a batch are written to again for the next but one.
   *
   * @param order The order of the examples; undefined for as they are
   */
  epoch(order: Uint32Array | undefined): Iterator<Examples> | AsyncIterator<Examples>;
  /** How many examples are to be put in order; undefined if the source has its own order. */
  readonly rows: number | undefined;
}

/** Batches of arrays: rows gathered into buffers that are used again. */
export function arraySource(examples: Examples, batchSize: number): BatchSource {
  const { rows } = examples;
  if (rows <= batchSize) {
    return { steps: 1, rows: undefined, epoch: () => [examples][Symbol.iterator]() };
  }
  const buffers = new Map<number, [Examples, Examples]>();
  function* batches(order: Uint32Array | undefined): Generator<Examples, void, unknown> {
    for (let start = 0, turn = 0; start < rows; start += batchSize, turn ^= 1) {
      const end = Math.min(rows, start + batchSize);
      if (order === undefined) {
        yield sliceExamples(examples, start, end);
        continue;
      }
      let pair = buffers.get(end - start);
      if (pair === undefined) {
        buffers.set(end - start, pair = [emptyLike(examples, end - start), emptyLike(examples, end - start)]);
      }
      const batch = pair[turn]!;
      gatherInto(batch, examples, order.subarray(start, end));
      yield batch;
    }
  }
  return { steps: Math.ceil(rows / batchSize), rows, epoch: batches };
}

function emptyLike({ x, y, weights }: Examples, rows: number): Examples {
  const empty = (array: NdArray): NdArray => {
    const shape = [rows, ...array.shape.slice(1)];
    return new NdArray(allocate(array.dtype, rows * (array.size / array.shape[0]!)), shape);
  };
  return { x: x.map(empty), y: y.map(empty), weights: weights && empty(weights), rows };
}

function gatherInto(to: Examples, from: Examples, rows: Uint32Array): void {
  from.x.forEach((array, i) => gatherRows(to.x[i]!, array, rows));
  from.y.forEach((array, i) => gatherRows(to.y[i]!, array, rows));
  if (from.weights !== undefined && to.weights !== undefined) gatherRows(to.weights, from.weights, rows);
}

/** Rows shorter than this are copied by a loop, which then is faster than `set`. */
const SHORT_ROW = 32;

/** Rows that are asked for together: their way from the memory to the processor overlaps, which takes a third off. */
const TOGETHER = 4;

/** Numbers of a cache line of 64 bytes, in float32. */
const LINE = 16;

/** Reads a number of each cache line of four rows. */
function touch(source: ArrayLike<number>, rows: Uint32Array, width: number): void {
  const [a, b, c, d] = [rows[0]! * width, rows[1]! * width, rows[2]! * width, rows[3]! * width];
  let sum = 0;
  for (let k = 0; k < width; k += LINE) {
    sum += source[a + k]! + source[b + k]! + source[c + k]! + source[d + k]!;
  }
  // A loop whose result nobody can see may be left out.
  _seen = sum;
}

/** What {@linkcode touch} read last. */
let _seen = 0;

function gatherRows(to: NdArray, from: NdArray, rows: Uint32Array): void {
  const width = from.size / from.shape[0]!;
  const [target, source] = [to.data, from.data];
  if (width >= SHORT_ROW) {
    for (let i = 0; i < rows.length; i += TOGETHER) {
      const some = rows.subarray(i, i + TOGETHER);
      if (some.length === TOGETHER) touch(source, some, width);
      some.forEach((row, k) => target.set(source.subarray(row * width, (row + 1) * width), (i + k) * width));
    }
    return;
  }
  for (let i = 0, at = 0; i < rows.length; i++) {
    for (let c = 0, start = rows[i]! * width; c < width; c++) target[at++] = source[start++]!;
  }
}

/**
 * Batches of an iterable, each read when it comes; the next one is asked for while a step runs.
 *
 * @param read Reads a batch
 * @param stepsPerEpoch Goes on in the same iteration from epoch to epoch, as many batches each
 */
export function iterableSource(
  title: string,
  iterable: BatchIterable,
  read: (batch: unknown) => Examples,
  stepsPerEpoch: number | undefined,
): BatchSource {
  let running: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  const start = (): AsyncIterator<unknown> | Iterator<unknown> =>
    Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  async function* batches(): AsyncGenerator<Examples, void, unknown> {
    const iterator = stepsPerEpoch === undefined ? start() : running ??= start();
    let count = 0;
    let finished = false;
    try {
      let pending = iterator.next();
      while (true) {
        const result = await pending;
        if (result.done) {
          finished = true;
          break;
        }
        count++;
        const isLast = count === stepsPerEpoch;
        if (!isLast) {
          pending = iterator.next();
          // Whoever waits for it hears of an error; until then it is not an unhandled one.
          if (pending instanceof Promise) pending.catch(() => {});
        }
        yield read(result.value);
        if (isLast) return;
      }
    } finally {
      if (!finished && stepsPerEpoch === undefined) await iterator.return?.();
    }
    if (count === 0) {
      throw new TypeError(
        message`Cannot train ${title}: the iterable gave no batch; a generator can be used once, pass something that
        starts anew for each epoch, or stepsPerEpoch`,
      );
    }
    if (stepsPerEpoch !== undefined) {
      throw new TypeError(
        message`Cannot train ${title}: the iterable ended after ${count} of ${stepsPerEpoch} batches of the epoch`,
      );
    }
  }
  return { steps: stepsPerEpoch, rows: undefined, epoch: batches };
}
