import { message } from "../../_internal/message.ts";
import type { NdArray } from "../../array/nd_array.ts";
import type { BatchStream } from "./batch_stream.ts";
import { type Examples, sliceExamples } from "./data.ts";
import { GatheredRows } from "./gathered_rows.ts";

/** Where the batches of an epoch come from. */
export interface BatchSource {
  /** How many batches an epoch has, where that is known. */
  readonly steps: number | undefined;
  /**
   * The batches of one epoch.
   *
   * @param order The order of the examples; undefined for as they are
   * @param number Which epoch it is, counted from 0 over all trainings of the model
   */
  epoch(order: Uint32Array | undefined, number: number): Iterator<Examples> | AsyncIterator<Examples>;
  /** How many examples are to be put in order; undefined if the source has its own order. */
  readonly rows: number | undefined;
}

/** Batches of arrays. */
export function arraySource(examples: Examples, batchSize: number): BatchSource {
  const { rows } = examples;
  if (rows <= batchSize) {
    return { steps: 1, rows: undefined, epoch: () => [examples][Symbol.iterator]() };
  }
  function* batches(order: Uint32Array | undefined): Generator<Examples, void, unknown> {
    for (let start = 0; start < rows; start += batchSize) {
      const end = Math.min(rows, start + batchSize);
      yield order === undefined
        ? sliceExamples(examples, start, end)
        : takeExamples(examples, order.subarray(start, end));
    }
  }
  return { steps: Math.ceil(rows / batchSize), rows, epoch: batches };
}

function takeExamples({ x, y, weights }: Examples, rows: Uint32Array): Examples {
  const take = (array: NdArray): NdArray => new GatheredRows(array, rows);
  return { x: x.map(take), y: y.map(take), weights: weights && take(weights), rows: rows.length };
}

/**
 * Batches of an iterable, each read when it comes; the next one is asked for while a step runs.
 *
 * @param read Reads a batch
 * @param stepsPerEpoch Goes on in the same iteration from epoch to epoch, as many batches each
 */
export function iterableSource(
  title: string,
  stream: BatchStream,
  read: (batch: unknown) => Examples,
  stepsPerEpoch: number | undefined,
): BatchSource {
  async function* batches(_order: unknown, number: number): AsyncGenerator<Examples, void, unknown> {
    const iterator = stepsPerEpoch === undefined ? stream.start(number) : stream.goOn(number * stepsPerEpoch);
    let count = 0;
    let isFinished = false;
    try {
      let pending = iterator.next();
      while (true) {
        const result = await pending;
        if (result.done) {
          isFinished = true;
          break;
        }
        count++;
        const isLast = count === stepsPerEpoch;
        if (!isLast) {
          pending = iterator.next();
          // Whoever waits for it hears of an error; until then it is not an unhandled one.
          pending.catch(() => {});
        }
        yield read(result.value);
        if (isLast) return;
      }
    } finally {
      if (!isFinished && stepsPerEpoch === undefined) await iterator.return();
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
  return { steps: stepsPerEpoch ?? stream.size, rows: undefined, epoch: batches };
}
