import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readFunction } from "../../_internal/readers/mod.ts";
import type { Shape } from "../../array/shape.ts";
import { where } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { type Factory, originOf, Registry } from "../core/registry.ts";
import {
  alongExamples,
  checkPerExample,
  isLoss,
  type Loss,
  losses,
  type LossFunction,
} from "../losses/loss.ts";
import { lossOf } from "../losses/resolve.ts";

/** What a metric keeps over the batches of an epoch, by name: float64, 0 at first. */
export type Totals = { readonly [name: string]: Variable };

/** What is measured beside the loss. It adds up totals over batches, so that it is exact for the whole epoch. */
export interface Metric {
  /** The key in histories. */
  readonly name: string;
  /**
   * The shapes of the totals, which may follow from the shape of the output for one example; single numbers, `[]`,
   * cost nothing to read, others are read at the end of an epoch.
   */
  readonly totals: TotalShapes | ((outputShape: Shape) => TotalShapes);
  /**
   * Adds a batch: a pure function of Variables, which is compiled with the step.
   *
   * @param weights `[batch]` or `[batch, steps]`: how much each example counts; undefined for 1
   */
  update(totals: Totals, labels: Variable, predictions: Variable, weights: Variable | undefined): Totals;
  /** What the totals give: a number, or an array, whose elements are recorded as `name[0]` or `name[0][1]`. */
  result(totals: Totals): Variable;
}

/** The shapes of totals, by name. */
export type TotalShapes = { readonly [name: string]: Shape };

/** The metrics, by name. */
export const metrics: Registry<Metric> = new Registry<Metric>("metric");

/**
 * Defines a metric under a name, so that it can be passed by name.
 *
 * @param name Its name, also in histories
 * @param make Takes options and returns totals, update and result; or the values of the examples, of which the metric
 *   is the mean
 * @returns A function that makes the metric
 * @throws {TypeError} If the name is taken
 *
 * @example
 * ```ts
 * import type { Variable } from "@tapegrad/tapegrad";
 * import { defineMetric } from "@tapegrad/tapegrad/nn";
 *
 * const within = defineMetric("example/within", ({ distance = 1 }: { distance?: number }) =>
 *   (labels: Variable, predictions: Variable) => labels.sub(predictions).abs().le(distance));
 * console.log(within({ distance: 0.5 }).name); // example/within
 * ```
 */
export function defineMetric<P extends object>(
  name: string,
  make: (options: P) => Omit<Metric, "name"> | LossFunction,
): Factory<P & { readonly name?: string }, Metric> {
  readFunction("defineMetric", "what makes the metric", make);
  return metrics.define(name, ({ name: own = name, ...options }: P & { readonly name?: string }): Metric => {
    const made = make(options as unknown as P);
    if (typeof made === "function") return meanMetric(own, made);
    const parts = { name: own, ...made };
    for (const part of ["update", "result"] as const) {
      readFunction(`the metric ${own}`, `its function ${part}`, parts[part]);
    }
    if (typeof parts.totals === "function" || isPlainObject(parts.totals)) return parts;
    throw new TypeError(
      message`Cannot apply the metric ${own}: its totals are ${
        describeValue(parts.totals)
      }, use an object of shapes`,
    );
  });
}

/** A metric that is the mean of a value of each example, or of a number for each batch. */
export function meanMetric(name: string, values: Loss["compute"]): Metric {
  return {
    name,
    totals: { sum: [], count: [] },
    update: (totals, labels, predictions, weights) => {
      const computed = values(labels, predictions);
      const [found, valid] = "valid" in computed ? [computed.values, computed.valid] : [computed];
      checkPerExample(name, found, labels, predictions);
      // One number for a batch counts as often as it has examples.
      if (found.rank === 0) {
        const rows = labels.shape[0] ?? 1;
        return addTotals(totals, { sum: found.mul(rows), count: rows });
      }
      const counted = alongExamples(weights, found);
      const counts = valid === undefined || counted === undefined ? valid ?? counted : counted.mul(valid);
      return counts === undefined
        ? addTotals(totals, { sum: found.sum(), count: found.size })
        : addTotals(totals, { sum: found.mul(counts).sum(), count: counts.broadcastTo(found.shape).sum() });
    },
    result: ({ sum, count }) => ratio(sum, count),
  };
}

/** Totals with what a batch adds to them, which may be in another dtype. */
export function addTotals(totals: Totals, more: { readonly [name: string]: Variable | number }): Totals {
  return Object.fromEntries(
    Object.entries(totals).map(([name, total]) => {
      const part = more[name] ?? 0;
      return [name, total.add(typeof part === "number" ? part : part.cast("float64"))];
    }),
  );
}

/** A quotient of totals. */
export function ratio(part: Variable | undefined, whole: Variable | undefined): Variable {
  if (part === undefined || whole === undefined) throw new TypeError("Cannot divide totals: one is missing");
  return part.div(whole);
}

/** A quotient of totals, 0 where the divisor is 0, as scores are where there is nothing to find. */
export function ratioOrZero(part: Variable, whole: Variable): Variable {
  const isZero = whole.eq(0);
  return where(isZero, 0, part.div(where(isZero, 1, whole)));
}

/** What models take as a metric. */
export type MetricArgument = string | LossFunction | Metric | Loss;

/**
 * Looks a metric up, or takes a function or a loss as one: the mean over all examples.
 *
 * @throws {RangeError} If there is none of that name
 */
export function metricOf(metric: MetricArgument): Metric {
  if (typeof metric === "function") return meanMetric(metric.name, lossOf(metric).compute);
  const isLossName = typeof metric === "string" && !metrics.has(metric) && losses.has(metric);
  if (isLossName || isLoss(metric)) {
    const loss = lossOf(metric);
    // A metric of the same name, such as the cosine itself for its negative.
    return metrics.has(loss.name)
      ? metrics.make(loss.name, originOf(loss)?.options)
      : meanMetric(loss.name, loss.compute);
  }
  return metrics.resolve(
    metric,
    (value) => typeof value === "object" && value !== null && "update" in value && "totals" in value,
  );
}
