import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import type { DType } from "../../array/dtype.ts";
import { adadelta, adagrad, adam, adamax, adamW, type Optimizer, rmsprop, sgd } from "../../optim/mod.ts";
import type { Operand } from "../../variable/mod.ts";
import type { Callbacks } from "./history.ts";
import type { LossFunction, LossName } from "../losses.ts";
import type { MetricName } from "../metrics.ts";

/** Options of {@linkcode sequential}. */
export interface SequentialOptions {
  /** Shown in the summary and in messages; `"sequential"` by default. */
  readonly name?: string;
  /** The same seed gives the same start weights and shuffles; 0 by default. */
  readonly seed?: number;
  /** float32 by default. */
  readonly dtype?: DType;
}

/** The names of the optimizers, which stand for them with their default options. */
export type OptimizerName = "sgd" | "adam" | "adamW" | "rmsprop" | "adagrad" | "adadelta" | "adamax";

/** What a model is trained with. */
export interface CompileOptions {
  /** An optimizer, or the name of one with its defaults. */
  readonly optimizer: Optimizer | OptimizerName;
  /** The name of a loss, or a function `(labels, predictions) => Variable`. */
  readonly loss: LossName | LossFunction;
  /** What else is measured: `"accuracy"`, or functions like a loss's, recorded under their names. */
  readonly metrics?: readonly (MetricName | LossFunction)[];
  /**
   * Whether training, evaluation and prediction run compiled. By default they do unless they are over before a
   * compiler would be done, or the loss is a function of yours.
   */
  readonly compile?: boolean;
}

/** How a model is trained. */
export interface FitOptions {
  /** How many times to go through the data; 1 by default. */
  readonly epochs?: number;
  /** The epoch to start with, for going on with a training; 0 by default. */
  readonly initialEpoch?: number;
  /** Examples in each step, 32 by default; `Infinity` or `"full"` for all. */
  readonly batchSize?: number | "full";
  /** Examples and labels to measure on after each epoch. */
  readonly validationData?: readonly [Operand, Operand];
  /** The share of the examples, from the end, to measure on instead of training on them. */
  readonly validationSplit?: number;
  /** Whether the examples are put in a new order each epoch; true by default. */
  readonly shuffle?: boolean;
  /** Called before and after training, epochs and batches. */
  readonly callbacks?: Callbacks | readonly Callbacks[];
  /** Whether steps run compiled; by default as the model was compiled. */
  readonly compile?: boolean;
  /** 1 prints a line per epoch, 0 (the default) nothing. */
  readonly verbose?: 0 | 1;
}

const OPTIMIZERS: { readonly [K in OptimizerName]: () => Optimizer } = {
  sgd,
  adam,
  adamW,
  rmsprop,
  adagrad,
  adadelta,
  adamax,
};

/**
 * Looks an optimizer up, or takes one.
 *
 * @throws {RangeError} If there is none of that name
 */
export function optimizerOf(optimizer: CompileOptions["optimizer"]): Optimizer {
  if (typeof optimizer === "string" && Object.hasOwn(OPTIMIZERS, optimizer)) return OPTIMIZERS[optimizer]();
  if (typeof optimizer === "object" && typeof optimizer?.update === "function") return optimizer;
  throw new RangeError(
    message`Unknown optimizer: ${describeValue(optimizer)}, use one of
    ${Object.keys(OPTIMIZERS).join(", ")}, or what the function of that name gives`,
  );
}

/**
 * Checks the numbers of {@linkcode FitOptions}.
 *
 * @throws {RangeError} If one is out of range, or validation data are given in two ways
 */
export function checkFitOptions(options: FitOptions): void {
  const { epochs = 1, initialEpoch = 0, batchSize = 32, validationSplit, validationData } = options;
  checkCount("epochs", epochs);
  if (batchSize !== Infinity && batchSize !== "full") checkCount("batchSize", batchSize);
  if (!(Number.isInteger(initialEpoch) && initialEpoch >= 0 && initialEpoch < epochs)) {
    throw new RangeError(
      message`Cannot train: initialEpoch is ${initialEpoch}, use an integer from 0 up,
      less than epochs, ${epochs}`,
    );
  }
  if (validationSplit === undefined) return;
  if (!(validationSplit > 0 && validationSplit < 1)) {
    throw new RangeError(message`Cannot train: validationSplit is ${validationSplit}, use more than 0, less
      than 1`);
  }
  if (validationData !== undefined) {
    throw new RangeError("Cannot train: use either validationData or validationSplit, both are given");
  }
}

function checkCount(name: string, value: number | string): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return;
  throw new RangeError(message`Cannot train: ${name} is ${value}, use an integer from 1 up`);
}
