import { readInteger, readList, readOptions } from "../_internal/readers/mod.ts";
import { randomOrder, seedWords, threefry } from "../_internal/threefry.ts";
import { message } from "../_internal/message.ts";
import type { NdArray } from "../array/nd_array.ts";
import { countRows, readRows, type Rows, takeRows } from "./rows.ts";

/** How rows are put into batches. */
export interface BatchOptions {
  /** The number of rows in each batch. */
  readonly batchSize: number;
  /** Whether the rows are put in random order first, another one each time the batches are gone through; false by default. */
  readonly shuffle?: boolean;
  /** The same seed gives the same orders; 0 by default. */
  readonly seed?: number;
  /** Whether a last, smaller batch is left out; false by default. */
  readonly dropLast?: boolean;
}

/**
 * Goes through arrays batch by batch, along the first axis. What is returned can be gone through again, for the next
 * epoch: shuffled rows are then in a new order.
 *
 * @param arrays Arrays with the same number of rows; nested arrays of numbers and Variables will do
 * @param options Batch size and order
 * @throws {RangeError} If the batch size is not an integer from 1 up, or the seed not one from 0 up
 * @throws {TypeError} If the numbers of rows differ, or an option is unknown
 *
 * @example
 * ```ts
 * import { batches, loadIris } from "@tapegrad/tapegrad/data";
 *
 * const { features, labels } = loadIris();
 * const all = batches([features, labels], { batchSize: 100, shuffle: true });
 * for (let epoch = 0; epoch < 2; epoch++) {
 *   for (const [x, y] of all) console.log(x!.shape, y!.shape);
 * }
 * ```
 */
export function batches(arrays: readonly Rows[], options: BatchOptions): Iterable<NdArray[]> {
  const read = readList("batches", "the list of arrays", arrays, 1).map((x) => readRows("batches", x));
  const { batchSize, shuffle, seed, dropLast } = readOptions("batches", options, {
    batchSize: 0,
    shuffle: false,
    seed: 0,
    dropLast: false,
  });
  const count = countRows("batches", read);
  if (!(Number.isInteger(batchSize) && batchSize >= 1)) {
    throw new RangeError(
      message`Cannot make batches of ${batchSize} rows: batchSize is an integer from 1 up`,
    );
  }
  readInteger("batches", "the option seed", seed, 0);
  let epoch = 0;
  return {
    *[Symbol.iterator]() {
      const order = shuffle ? epochOrder(seed, epoch++, count) : inOrder(count);
      for (let start = 0; start < count; start += batchSize) {
        if (dropLast && start + batchSize > count) return;
        const rows = order.subarray(start, start + batchSize);
        yield read.map((x) => takeRows(x, rows));
      }
    },
  };
}

/** The numbers from 0 to count - 1. */
export function inOrder(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

/** The order of rows in an epoch, which depends on the seed and the epoch alone. */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  return randomOrder(...epoch === 0 ? seedWords(seed) : epochKey(seed, epoch), count);
}

/** The key of what is drawn in an epoch: of a counter that draws (second word 0) do not use. */
export function epochKey(seed: number, epoch: number): [number, number] {
  return threefry(...seedWords(seed), epoch, 0xfffffffd);
}
