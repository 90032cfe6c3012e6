import { message } from "../_internal/message.ts";
import { randomOrder, seedWords } from "../_internal/threefry.ts";
import { readInteger, readOptions } from "../_internal/readers/mod.ts";
import type { NdArray } from "../array/nd_array.ts";
import { countRows, readRows, type Rows, takeRows } from "./rows.ts";

/** Examples and their labels, row by row. */
export interface Examples {
  /** Shape `[rows, ...]`. */
  readonly features: NdArray;
  /** Shape `[rows, ...]`. */
  readonly labels: NdArray;
}

/** Examples as they are given: nested arrays of numbers and Variables will do as well. */
export interface ExampleRows {
  /** Shape `[rows, ...]`. */
  readonly features: Rows;
  /** Shape `[rows, ...]`. */
  readonly labels: Rows;
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
  examples: ExampleRows,
  options?: SplitOptions,
): { train: Examples; test: Examples } {
  const { testFraction, seed, stratify } = readOptions("trainTestSplit", options, {
    testFraction: 0.25,
    seed: 0,
    stratify: true,
  });
  const read = readExamples("trainTestSplit", examples);
  const count = read.labels.shape[0]!;
  if (!(typeof testFraction === "number" && testFraction > 0 && testFraction < 1)) {
    throw new RangeError(
      message`Cannot split with testFraction ${testFraction}: use more than 0 and less than 1`,
    );
  }
  const order = shuffledRows("trainTestSplit", seed, count);
  const isTest = new Set<number>();
  for (const members of groupRows(order, read.labels, stratify)) {
    members.slice(0, Math.round(members.length * testFraction)).forEach((row) => isTest.add(row));
  }
  const { left, right } = divide(read, order, isTest);
  if (right.labels.shape[0] === 0 || left.labels.shape[0] === 0) {
    throw new RangeError(
      message`Cannot split ${count} rows with testFraction ${testFraction}: a part would
      be empty${stratify ? ", for labels that are no classes set stratify to false" : ""}`,
    );
  }
  return { train: left, test: right };
}

/** How examples are divided for cross-validation. */
export interface KFoldOptions {
  /** The number of parts; 5 by default. */
  readonly folds?: number;
  /** The same seed gives the same parts; 0 by default. */
  readonly seed?: number;
  /** Whether each class is divided evenly, for labels of shape `[rows]` or `[rows, 1]`; true by default. */
  readonly stratify?: boolean;
}

/**
 * Divides examples into parts for cross-validation: each part once to test on, the others to train on.
 *
 * @param examples Features and labels with the same number of rows
 * @param options The number of parts, seed, and whether to keep the proportions of the classes
 * @returns One pair for each part
 * @throws {RangeError} If folds is not an integer from 2 to the number of rows, or the seed not one from 0 up
 * @throws {TypeError} If the numbers of rows differ, or an option is unknown
 *
 * @example
 * ```ts
 * import { kFold, loadIris } from "@tapegrad/tapegrad/data";
 *
 * for (const { train, test } of kFold(loadIris(), { folds: 5 })) {
 *   console.log(train.features.shape, test.features.shape); // [120, 4] [30, 4]
 * }
 * ```
 */
export function kFold(examples: ExampleRows, options?: KFoldOptions): { train: Examples; test: Examples }[] {
  const { folds, seed, stratify } = readOptions("kFold", options, { folds: 5, seed: 0, stratify: true });
  const read = readExamples("kFold", examples);
  const count = read.labels.shape[0]!;
  readInteger("kFold", "the option folds", folds, 2, count);
  const order = shuffledRows("kFold", seed, count);
  // Dealt out like cards, class after class, so that no part has more than one row above another.
  const dealt = groupRows(order, read.labels, stratify).flat();
  return Array.from({ length: folds }, (_, fold) => {
    const { left, right } = divide(read, order, new Set(dealt.filter((_, i) => i % folds === fold)));
    return { train: left, test: right };
  });
}

function readExamples(operation: string, examples: ExampleRows): Examples {
  const { features, labels } = (examples ?? {}) as Partial<ExampleRows>;
  if (features === undefined || labels === undefined) {
    throw new TypeError(
      message`Cannot apply ${operation} to ${examples}: expected an object with features and labels`,
    );
  }
  const read = { features: readRows(operation, features), labels: readRows(operation, labels) };
  countRows(operation, [read.features, read.labels]);
  return read;
}

function shuffledRows(operation: string, seed: number, count: number): Uint32Array {
  readInteger(operation, "the option seed", seed, 0);
  return randomOrder(...seedWords(seed), count);
}

/** The rows class by class, in their order; all in one group if they are not told apart. */
function groupRows(order: Uint32Array, labels: NdArray, stratify: boolean): number[][] {
  const groups = new Map<number, number[]>();
  const isByClass = stratify && labels.size === order.length;
  for (const row of order) {
    const group = isByClass ? labels.data[row]! : 0;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [row]);
    else members.push(row);
  }
  return [...groups.values()];
}

/** The examples outside and inside of a set of rows. */
function divide(
  { features, labels }: Examples,
  order: Uint32Array,
  inside: ReadonlySet<number>,
): { left: Examples; right: Examples } {
  const part = (rows: Uint32Array): Examples => ({
    features: takeRows(features, rows),
    labels: takeRows(labels, rows),
  });
  return {
    left: part(order.filter((row) => !inside.has(row))),
    right: part(order.filter((row) => inside.has(row))),
  };
}
