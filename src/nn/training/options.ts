import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { checkOptions, readBoolean, readFunction } from "../../_internal/readers/mod.ts";
import type { Operand } from "../../variable/mod.ts";
import type { Callbacks } from "../callbacks/callback.ts";
import { type BatchIterable, type ClassWeight, isBatchIterable } from "./data.ts";

/** How a model is trained. */
export interface FitOptions<X = Operand, Y = Operand> {
  /** How many times to go through the data; 1 by default. */
  readonly epochs?: number;
  /** The epoch to start with, for going on with a training; 0 by default. */
  readonly initialEpoch?: number;
  /** Examples in each step, 32 by default; `Infinity` or `"full"` for all. Iterables give batches as they are. */
  readonly batchSize?: number | "full";
  /** For iterables: how many batches make an epoch; by default all. */
  readonly stepsPerEpoch?: number;
  /** Examples and labels (and weights) to measure on after each epoch, or an iterable of batches. */
  readonly validationData?:
    | readonly [X, Y]
    | readonly [X, Y, Operand]
    | BatchIterable;
  /** The share of the examples, from the end, to measure on instead of training on them. */
  readonly validationSplit?: number;
  /** How many examples are measured at a time; by default as in training. */
  readonly validationBatchSize?: number;
  /** Measures after every so many epochs; 1 by default. */
  readonly validationFrequency?: number;
  /** Whether the examples are put in a new order each epoch; true by default. */
  readonly shuffle?: boolean;
  /** How much each example counts, `[rows]`. */
  readonly sampleWeight?: Operand;
  /** How much the examples of each class count, by its number; 1 by default. */
  readonly classWeight?: ClassWeight;
  /** Called before and after training, epochs and batches. */
  readonly callbacks?: Callbacks | readonly Callbacks[];
  /** Whether steps run compiled; by default as the model was compiled. */
  readonly compile?: boolean;
  /** Milliseconds of work after which timers and network get a turn; 16 by default, Infinity for never. */
  readonly yieldEvery?: number;
  /** Ends training: `fit` throws its reason, and the model can be trained on from there. */
  readonly signal?: AbortSignal;
  /** 1 prints a line per epoch, with a bar on a terminal, 2 lines only, 0 (the default) nothing. */
  readonly verbose?: 0 | 1 | 2;
}

const NAMES = [
  "epochs",
  "initialEpoch",
  "batchSize",
  "stepsPerEpoch",
  "validationData",
  "validationSplit",
  "validationBatchSize",
  "validationFrequency",
  "shuffle",
  "sampleWeight",
  "classWeight",
  "callbacks",
  "compile",
  "yieldEvery",
  "signal",
  "verbose",
];

const CALLBACKS = [
  "onTrainBegin",
  "onEpochBegin",
  "onBatchBegin",
  "onBatchEnd",
  "onEpochEnd",
  "onTrainEnd",
  "onTrainError",
];

/**
 * Checks {@linkcode FitOptions}.
 *
 * @throws {TypeError} If one is unknown
 * @throws {RangeError} If one is out of range, or validation data are given in two ways
 */
export function checkFitOptions(options: FitOptions<never, never> = {}): void {
  checkOptions("fit", options, NAMES);
  for (const name of ["shuffle", "compile"] as const) {
    if (options[name] !== undefined) readBoolean("fit", `the option ${name}`, options[name]);
  }
  const { signal } = options;
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.throwIfAborted !== "function") {
    throw new TypeError(
      message`Cannot train: signal is ${describeValue(signal)}, use that of an AbortController`,
    );
  }
  const { callbacks = [], validationData } = options;
  for (const callback of [callbacks].flat()) checkCallbacks(callback);
  if (validationData !== undefined && !Array.isArray(validationData) && !isBatchIterable(validationData)) {
    throw new TypeError(
      message`Cannot train: validationData is ${
        describeValue(validationData)
      }, use [x, y], [x, y, weights] or an
      iterable of batches`,
    );
  }
  const { epochs = 1, initialEpoch = 0, batchSize = 32, validationSplit } = options;
  checkCount("epochs", epochs);
  if (batchSize !== Infinity && batchSize !== "full") checkCount("batchSize", batchSize);
  for (const name of ["stepsPerEpoch", "validationBatchSize", "validationFrequency"] as const) {
    if (options[name] !== undefined) checkCount(name, options[name]);
  }
  const { yieldEvery = 0, verbose = 0 } = options;
  if (typeof yieldEvery !== "number" || !(yieldEvery >= 0)) {
    throw new RangeError(
      message`Cannot train: yieldEvery is ${describeValue(yieldEvery)}, use milliseconds from 0 up`,
    );
  }
  if (![0, 1, 2].includes(verbose)) {
    throw new RangeError(message`Cannot train: verbose is ${describeValue(verbose)}, use 0, 1 or 2`);
  }
  if (!(Number.isInteger(initialEpoch) && initialEpoch >= 0 && initialEpoch < epochs)) {
    throw new RangeError(
      message`Cannot train: initialEpoch is ${initialEpoch}, use an integer from 0 up, less than epochs, ${epochs}`,
    );
  }
  if (validationSplit === undefined) return;
  if (typeof validationSplit !== "number" || !(validationSplit > 0 && validationSplit < 1)) {
    throw new RangeError(
      message`Cannot train: validationSplit is ${
        describeValue(validationSplit)
      }, use more than 0, less than 1`,
    );
  }
  if (validationData !== undefined) {
    throw new RangeError("Cannot train: use either validationData or validationSplit, both are given");
  }
}

function checkCallbacks(callbacks: unknown): void {
  if (callbacks === undefined) {
    throw new TypeError(
      "Cannot train: one of the callbacks is undefined, use an object such as { onEpochEnd }",
    );
  }
  checkOptions("callbacks", callbacks, CALLBACKS);
  for (const [name, callback] of Object.entries(callbacks as object)) {
    if (callback !== undefined) readFunction("fit", `the callback ${name}`, callback);
  }
}

function checkCount(name: string, value: unknown): void {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return;
  throw new RangeError(message`Cannot train: ${name} is ${describeValue(value)}, use an integer from 1 up`);
}
