import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readFunction } from "../../_internal/readers/mod.ts";
import type { NdArray } from "../../array/nd_array.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import { Variable } from "../../variable/mod.ts";
import { type Factory, Registry } from "../core/registry.ts";
import { checkPredictions, type Domain } from "./domain.ts";
import { isLikeOutput, type LabelReader, likeOutput } from "./labels.ts";

export type { LabelReader };

/**
 * A loss of one's own: labels and predictions `[batch, ...]` in; one value for each example out, `[batch]` or
 * `[batch, steps]`, or a rank-0 Variable for the whole batch (which can't be weighted by example then).
 */
export type LossFunction = (labels: Variable, predictions: Variable) => Variable;

/** Losses where only some values count, such as those of labels that are not to be ignored. */
export interface PartialLosses {
  /** The losses. */
  readonly values: Variable;
  /** 1 for those that count, 0 for the others, of the same shape. */
  readonly valid: Variable;
}

/** What a loss is made of. */
export interface LossParts {
  /** The losses of the examples. */
  readonly compute: (labels: Variable, predictions: Variable) => Variable | PartialLosses;
  /** Checks labels; by default they have the shape of the output. */
  readonly readLabels?: LabelReader;
  /** Which predictions it is defined for; by default all. Outside of it the loss must be NaN. */
  readonly domain?: Domain;
}

/** A loss as models use it. */
export interface Loss {
  /** Its name, for messages and for metrics that depend on it. */
  readonly name: string;
  /** The losses of the examples, or one number. */
  readonly compute: (labels: Variable, predictions: Variable) => Variable | PartialLosses;
  /** Checks labels `[rows, ...]` for a model whose output is `[rows, ...outputShape]`. */
  readonly readLabels: (labels: NdArray, outputShape: Shape) => NdArray;
  /** Which predictions it is defined for; undefined for all. */
  readonly domain?: Domain;
}

/** The losses, by name. */
export const losses: Registry<Loss> = new Registry<Loss>("loss");

/**
 * Defines a loss under a name, so that it can be passed by name, and saved with a model.
 *
 * @param name Its name
 * @param make Takes options and returns the function of labels and predictions, with one value for each example; or
 *   an object with that and a function that checks labels, which by default have the shape of the output
 * @returns A function that makes the loss
 * @throws {TypeError} If the name is taken
 *
 * @example
 * ```ts
 * import type { Variable } from "@tapegrad/tapegrad";
 * import { defineLoss } from "@tapegrad/tapegrad/nn";
 *
 * const pinball = defineLoss("example/pinball", ({ quantile = 0.5 }: { quantile?: number }) =>
 *   (labels: Variable, predictions: Variable) => {
 *     const error = labels.sub(predictions);
 *     return error.mul(quantile).maximum(error.mul(quantile - 1)).mean({ axis: -1 });
 *   });
 * console.log(pinball({ quantile: 0.9 }).name); // example/pinball
 * ```
 */
export function defineLoss<P extends object>(
  name: string,
  make: (options: P) => LossParts["compute"] | LossParts,
): Factory<P, Loss> {
  readFunction("defineLoss", "what makes the loss", make);
  return losses.define(name, (options: P): Loss => {
    const made = make(options);
    const { compute, readLabels = likeOutput, ...rest }: LossParts = typeof made === "object" && made !== null
      ? made
      : { compute: made };
    readFunction(`the loss ${name}`, "what computes it", compute);
    readFunction(`the loss ${name}`, "what reads its labels", readLabels);
    const checked = (labels: Variable, predictions: Variable): Variable | PartialLosses => {
      checkSameShape(name, labels, predictions);
      return compute(labels, predictions);
    };
    return {
      name,
      compute: isLikeOutput(readLabels) ? checked : compute,
      readLabels: (labels, outputShape) => readLabels(name, labels, outputShape),
      ...rest,
    };
  });
}

/** A loss made of a function of one's own. */
export function lossOfFunction(f: LossFunction): Loss {
  const name = f.name || "loss";
  return { name, compute: f, readLabels: (labels, shape) => likeOutput(name, labels, shape) };
}

/**
 * Says why a loss of predictions is NaN, if that is as they are none that it is defined for.
 *
 * @throws {RangeError} If they are
 */
export function explainLoss({ name, domain }: Loss, predictions: NdArray): void {
  if (domain !== undefined) checkPredictions(name, predictions, domain);
}

/** The mean along the last axis, for losses of each element; examples that are one number have no other axis. */
export function meanOfLast(values: Variable): Variable {
  return values.rank < 2 ? values : values.mean({ axis: -1 });
}

/** Whether a value is a loss that a factory made. */
export function isLoss(value: unknown): value is Loss {
  return typeof value === "object" && value !== null && "compute" in value && "readLabels" in value;
}

/** The mean loss of a batch, and how many values it is the mean of. */
export function meanLoss(
  { name, compute }: Loss,
  labels: Variable,
  predictions: Variable,
  weights: Variable | undefined,
  mask: Variable | undefined,
): Variable {
  const computed = compute(labels, predictions) as unknown;
  if (!(computed instanceof Variable) && !isPartial(computed)) {
    throw new TypeError(
      message`Cannot compute ${name}: it gives ${
        describeValue(computed)
      }, let it return a Variable computed from its
      arguments`,
    );
  }
  const values = "valid" in computed ? computed.values : computed;
  const valid = "valid" in computed ? computed.valid : undefined;
  checkPerExample(name, values, labels, predictions);
  if (values.rank === 0) {
    if (weights === undefined && mask === undefined) return values;
    throw new TypeError(
      message`Cannot weigh the loss ${name} by example: it gives one number for a batch, let it return one for each
      example`,
    );
  }
  const counted = product(valid, alongExamples(mask, values));
  const weighted = product(counted, alongExamples(weights, values));
  if (weighted === undefined) return values.mean();
  // The mean is over what counts; weights change its parts, not their number, as in Keras.
  const total = values.mul(weighted).sum();
  return counted === undefined
    ? total.div(values.size)
    : total.div(counted.broadcastTo(values.shape).sum().maximum(1e-30));
}

/**
 * Refuses values that are not one for each example (or its steps), such as broadcasting gives by mistake.
 *
 * @throws {TypeError} If they are not
 */
export function checkPerExample(
  name: string,
  values: Variable,
  labels: Variable,
  predictions: Variable,
): void {
  if (values.rank === 0 || values.shape[0] === predictions.shape[0]) {
    if (sameShape(values.shape, predictions.shape.slice(0, values.rank))) return;
    if (sameShape(values.shape, labels.shape.slice(0, values.rank))) return;
  }
  throw new TypeError(
    message`Cannot compute ${name}: for labels of shape ${labels.shape} and predictions of shape ${predictions.shape}
    it gives shape ${values.shape}, expected a number for each example`,
  );
}

/** Refuses to broadcast labels over predictions: class numbers beside a loss of each output, for example. */
function checkSameShape(name: string, labels: Variable, predictions: Variable): void {
  if (sameShape(labels.shape, predictions.shape)) return;
  throw new TypeError(
    message`Cannot compute ${name}: labels have shape ${labels.shape}, predictions ${predictions.shape}`,
  );
}

function isPartial(value: unknown): value is PartialLosses {
  return typeof value === "object" && value !== null && "valid" in value && "values" in value;
}

function product(a: Variable | undefined, b: Variable | undefined): Variable | undefined {
  return a === undefined ? b : b === undefined ? a : a.mul(b);
}

/** Weights `[batch]` or `[batch, steps]`, with axes of length 1 for those that the values have beyond. */
export function alongExamples(weights: Variable | undefined, values: Variable): Variable | undefined {
  if (weights === undefined) return undefined;
  const cast = weights.dtype === values.dtype ? weights : weights.cast(values.dtype);
  if (cast.rank >= values.rank) {
    // A mask of steps over losses of whole examples says nothing about these.
    return cast.rank === values.rank ? cast : undefined;
  }
  return cast.reshape([...cast.shape, ...values.shape.slice(cast.rank).map(() => 1)]);
}
