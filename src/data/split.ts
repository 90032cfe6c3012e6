import { message } from "../_internal/message.ts";
import { randomOrder, seedWords } from "../_internal/threefry.ts";
import { gatherArray } from "../array/strided_copy.ts";
import { NdArray } from "../array/nd_array.ts";

/** Examples and their labels, row by row. */
export interface Examples {
  /** Shape `[rows, ...]`. */
  readonly features: NdArray;
  /** Shape `[rows, ...]`. */
  readonly labels: NdArray;
}

/** How examples are split. */
export interface SplitOptions {
  /** The share of the examples to test on, more than 0 and less than 1; 0.25 by default. */
  readonly testFraction?: number;
  /** The same seed gives the same split; 0 by default. */
  readonly seed?: number;
  /** Whether each class is split in the same proportion, for labels of shape `[rows]` or `[rows, 1]`; true by default. */
  readonly stratify?: boolean;
}

/** The rows of an array with the given numbers. */
function takeRows(x: NdArray, rows: ArrayLike<number>): NdArray {
  return gatherArray(x, new NdArray(Float64Array.from(rows)), 0);
}

/** The number of rows that all arrays share. */
function countRows(operation: string, arrays: readonly NdArray[]): number {
  const count = arrays[0]?.shape[0];
  if (count === undefined || arrays.some((x) => x.shape[0] !== count)) {
    throw new TypeError(
      message`Cannot apply ${operation}: the arrays have shapes
      ${arrays.map((x) => x.shape)}, they need the same number of rows`,
    );
  }
  return count;
}

/**
 * Splits examples into a part to train on and a part to test on, in random order.
 *
 * @param examples Features and labels with the same number of rows
 * @param options Share, seed, and whether to keep the proportions of the classes
 * @throws {RangeError} If a part would be empty, testFraction is not between 0 and 1, or the seed is not an
 *   integer from 0 to 2^53 - 1
 * @throws {TypeError} If the numbers of rows differ
 *
 * @example
 * ```ts
 * import { loadIris, trainTestSplit } from "@tapegrad/tapegrad/data";
 *
 * const { train, test } = trainTestSplit(loadIris(), { testFraction: 0.2 });
 * console.log(train.features.shape, test.features.shape); // [120, 4] [30, 4]
 * ```
 */
export function trainTestSplit(
  { features, labels }: Examples,
  { testFraction = 0.25, seed = 0, stratify = true }: SplitOptions = {},
): { train: Examples; test: Examples } {
  const count = countRows("trainTestSplit", [features, labels]);
  if (!(testFraction > 0 && testFraction < 1)) {
    throw new RangeError(message`Cannot split with testFraction ${testFraction}: use more than 0 and less
      than 1`);
  }
  const order = randomOrder(...seedWords(seed), count);
  const groups = new Map<number, number[]>();
  for (const row of order) {
    const group = stratify && labels.size === count ? labels.data[row]! : 0;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [row]);
    else members.push(row);
  }
  const isTest = new Set<number>();
  for (const members of groups.values()) {
    members.slice(0, Math.round(members.length * testFraction)).forEach((row) => isTest.add(row));
  }
  const test = [...order].filter((row) => isTest.has(row));
  const train = [...order].filter((row) => !isTest.has(row));
  if (test.length === 0 || train.length === 0) {
    throw new RangeError(
      message`Cannot split ${count} rows with testFraction ${testFraction}: a part would
      be empty${stratify ? ", for labels that are no classes set stratify to false" : ""}`,
    );
  }
  const part = (rows: number[]): Examples => ({
    features: takeRows(features, rows),
    labels: takeRows(labels, rows),
  });
  return { train: part(train), test: part(test) };
}

/** How rows are put into batches. */
export interface BatchOptions {
  /** The number of rows in each batch. */
  readonly batchSize: number;
  /** Whether the rows are put in random order first; false by default. */
  readonly shuffle?: boolean;
  /** The same seed gives the same order; 0 by default. */
  readonly seed?: number;
  /** Whether a last, smaller batch is left out; false by default. */
  readonly dropLast?: boolean;
}

/**
 * Goes through arrays batch by batch, along the first axis.
 *
 * @param arrays Arrays with the same number of rows
 * @param options Batch size and order
 * @throws {RangeError} If the batch size is not an integer from 1 up
 * @throws {TypeError} If the numbers of rows differ
 *
 * @example
 * ```ts
 * import { batches, loadIris } from "@tapegrad/tapegrad/data";
 *
 * const { features, labels } = loadIris();
 * for (const [x, y] of batches([features, labels], { batchSize: 100 })) console.log(x!.shape, y!.shape);
 * ```
 */
export function* batches(
  arrays: readonly NdArray[],
  { batchSize, shuffle = false, seed = 0, dropLast = false }: BatchOptions,
): Generator<NdArray[], void, unknown> {
  const count = countRows("batches", arrays);
  if (!(Number.isInteger(batchSize) && batchSize >= 1)) {
    throw new RangeError(
      message`Cannot make batches of ${batchSize} rows: batchSize is an integer from 1 up`,
    );
  }
  const order = shuffle
    ? randomOrder(...seedWords(seed), count)
    : Uint32Array.from({ length: count }, (_, i) => i);
  for (let start = 0; start < count; start += batchSize) {
    if (dropLast && start + batchSize > count) return;
    const rows = order.subarray(start, start + batchSize);
    yield arrays.map((x) => takeRows(x, rows));
  }
}
