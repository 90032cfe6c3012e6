import { message } from "../../_internal/message.ts";
import type { NdArray } from "../../array/nd_array.ts";
import { where } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";

/** How far rounding may take a probability out of its range. */
const TOLERANCE = 1e-5;

/** Which predictions a loss is defined for. */
export interface Domain {
  /** The smallest. */
  readonly min: number;
  /** The largest. */
  readonly max: number;
  /** What predictions outside are not. */
  readonly what: string;
  /** How a model comes to give such predictions. */
  readonly remedy: (loss: string) => string;
}

const orLogits = (activation: string) => (loss: string): string =>
  `end it with activation: "${activation}", or pass ${loss}({ fromLogits: true })`;

/** What a sigmoid gives. */
export const YES_OR_NO: Domain = { min: 0, max: 1, what: "no probability", remedy: orLogits("sigmoid") };

/** What a softmax gives. */
export const DISTRIBUTION: Domain = { min: 0, max: 1, what: "no probability", remedy: orLogits("softmax") };

/** What is compared with counts. */
export const RATES: Domain = {
  min: 0,
  max: Infinity,
  what: "no rate",
  remedy: () => 'end it with activation: "softplus" or "exponential"',
};

/**
 * Predictions as they are within the domain, NaN outside. A compiled step can't throw, but one whose loss is NaN
 * changes nothing and is looked at by {@linkcode checkPredictions}.
 */
export function nanOutside(predictions: Variable, { min, max }: Domain): Variable {
  const above = predictions.ge(min - TOLERANCE);
  const inside = max === Infinity ? above : above.mul(predictions.le(max + TOLERANCE));
  return where(inside, predictions, NaN);
}

/**
 * Says what is wrong with predictions that are not in the domain of a loss.
 *
 * @throws {RangeError} If one is outside
 */
export function checkPredictions(
  loss: string,
  predictions: NdArray,
  { min, max, what, remedy }: Domain,
): void {
  const wrong = predictions.data.find((p) => Number(p) < min - TOLERANCE || Number(p) > max + TOLERANCE);
  if (wrong === undefined) return;
  throw new RangeError(
    message`Cannot compute ${loss}: the model predicts ${String(wrong)}, which is ${what}; ${remedy(loss)}`,
  );
}
