import type { Variable } from "../../variable/mod.ts";
import type { Factory } from "../core/registry.ts";
import { meanOfLast } from "./cross_entropies.ts";
import { defineLoss, type Loss } from "./loss.ts";

/** The square of the error, the mean along the last axis. */
export const meanSquaredError: Factory<Record<never, never>, Loss> = defineLoss(
  "meanSquaredError",
  () => (labels: Variable, predictions: Variable) => meanOfLast(predictions.sub(labels).square()),
);

/** The size of the error, the mean along the last axis. */
export const meanAbsoluteError: Factory<Record<never, never>, Loss> = defineLoss(
  "meanAbsoluteError",
  () => (labels: Variable, predictions: Variable) => meanOfLast(predictions.sub(labels).abs()),
);
