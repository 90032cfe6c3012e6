import { isNode } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { checkOptions, readBoolean, readText } from "../../_internal/readers/mod.ts";
import { readOptimizer } from "../../optim/optimizers/optimizer.ts";
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamW,
  asgd,
  lion,
  nadam,
  type Optimizer,
  radam,
  rmsprop,
  rprop,
  sgd,
} from "../../optim/mod.ts";
import type { BlasChoice } from "../../transforms/mod.ts";
import type { Loss, LossFunction } from "../losses/loss.ts";
import { lossOf } from "../losses/resolve.ts";
import { accuracyFor } from "../metrics/accuracy.ts";
import { type Metric, type MetricArgument, metricOf } from "../metrics/metric.ts";

/** The names of the optimizers, which stand for them with their default options. */
export type OptimizerName =
  | "sgd"
  | "adam"
  | "adamW"
  | "nadam"
  | "radam"
  | "rmsprop"
  | "adagrad"
  | "adadelta"
  | "adamax"
  | "lion"
  | "rprop"
  | "asgd";

const OPTIMIZERS: { readonly [K in OptimizerName]: (options?: never) => Optimizer } = {
  sgd,
  adam,
  adamW,
  nadam,
  radam,
  rmsprop,
  adagrad,
  adadelta,
  adamax,
  lion,
  rprop,
  asgd,
};

/** A loss by its name, made by its factory, or a function `(labels, predictions) => Variable`. */
export type LossArgument = LossName | LossFunction | Loss;

/** The names of losses; those of one's own are texts too. */
export type LossName =
  | "binaryCrossentropy"
  | "categoricalCrossentropy"
  | "sparseCategoricalCrossentropy"
  | "binaryFocalCrossentropy"
  | "categoricalFocalCrossentropy"
  | "meanSquaredError"
  | "mse"
  | "meanAbsoluteError"
  | "mae"
  | "meanAbsolutePercentageError"
  | "mape"
  | "meanSquaredLogarithmicError"
  | "msle"
  | "huber"
  | "logCosh"
  | "hinge"
  | "squaredHinge"
  | "categoricalHinge"
  | "klDivergence"
  | "poisson"
  | "cosineSimilarity"
  | (string & Record<never, never>);

/** The names of metrics; those of one's own are texts too. */
export type MetricName = "accuracy" | (string & Record<never, never>);

/** What a model is trained with. */
export interface CompileOptions {
  /** An optimizer, or the name of one with its defaults. */
  readonly optimizer: Optimizer | OptimizerName;
  /** A loss; of a model with several outputs one for all, or for each by the name of the output. */
  readonly loss: LossArgument | { readonly [output: string]: LossArgument } | readonly LossArgument[];
  /** How much the loss of each output counts; 1 by default. */
  readonly lossWeights?: { readonly [output: string]: number } | readonly number[];
  /** What else is measured: names, functions like a loss's, recorded under their names; for all outputs, or by output. */
  readonly metrics?: readonly MetricArgument[] | { readonly [output: string]: readonly MetricArgument[] };
  /** Metrics that sample and class weights apply to. */
  readonly weightedMetrics?: CompileOptions["metrics"];
  /**
   * Whether training, evaluation and prediction run compiled. By default training does, unless a loss, metric or
   * layer of yours reads values, and the others do after a few calls.
   */
  readonly compile?: boolean;
  /**
   * A native library for large matrix products and convolutions of what runs compiled: `"auto"` for the first of the
   * usual ones that the machine has (OpenBLAS, on macOS Accelerate, MKL), the name or path of one, or `false` (the
   * default) for none. Needs Deno with `--allow-ffi`. It belongs to the machine and not to the model, so it is not saved
   * with it.
   */
  readonly blas?: BlasChoice;
}

/** How one output is trained and measured. */
export interface OutputPlan {
  /** Empty for the only output. */
  readonly name: string;
  readonly loss: Loss;
  readonly weight: number;
  readonly metrics: readonly PlannedMetric[];
}

/** A metric, under its key in logs. */
export interface PlannedMetric {
  readonly key: string;
  readonly metric: Metric;
  /** Whether sample weights apply to it. */
  readonly isWeighted: boolean;
}

/** Options with names looked up; which output each belongs to is known when the model is built. */
export interface ReadCompileOptions {
  readonly optimizer: Optimizer;
  readonly compile: boolean | undefined;
  readonly blas: BlasChoice;
  /** As they were given. */
  readonly given: CompileOptions;
  /** Matches them with the outputs of the model, by name. */
  plan(outputs: readonly string[]): OutputPlan[];
}

/**
 * Reads what a model is trained with.
 *
 * @throws {TypeError} If an option is unknown or of a wrong type
 * @throws {RangeError} If a name is unknown, or two metrics have the same name
 */
export function readCompileOptions(options: CompileOptions): ReadCompileOptions {
  if (options === undefined) {
    throw new TypeError("Cannot compile a model: there are no options, pass { optimizer, loss }");
  }
  checkOptions("compile", options, [
    "optimizer",
    "loss",
    "lossWeights",
    "metrics",
    "weightedMetrics",
    "compile",
    "blas",
  ]);
  if (options.compile !== undefined) readBoolean("compile", "the option compile", options.compile);
  const blas = readBlas(options);
  const lossFor = byOutput("loss", options.loss, isLossArgument, lossOf);
  const weightFor = byOutput("lossWeights", options.lossWeights, () => false, readLossWeight);
  const metricsFor = byOutput("metrics", options.metrics, isMetricList, lookUp);
  const weightedFor = byOutput("weightedMetrics", options.weightedMetrics, isMetricList, lookUp);
  const plan = (outputs: readonly string[]): OutputPlan[] => {
    const taken = new Set(["loss"]);
    return outputs.map((name, index) => {
      const loss = lossFor(outputs, index);
      if (loss === undefined) {
        throw new TypeError(message`Cannot train the output ${name}: there is no loss for it`);
      }
      if (outputs.length > 1) taken.add(keyFor(name, "loss"));
      const planned = (isWeighted: boolean, list: readonly Measured[] = []): PlannedMetric[] =>
        list.map((make) => {
          const metric = make(loss);
          return { key: takeKey(taken, metric, outputs.length > 1 ? name : ""), metric, isWeighted };
        });
      return {
        name: outputs.length > 1 ? name : "",
        loss,
        weight: weightFor(outputs, index) ?? 1,
        metrics: [
          ...planned(false, metricsFor(outputs, index)),
          ...planned(true, weightedFor(outputs, index)),
        ],
      };
    });
  };
  // Mistakes with a single output show at once.
  if (isLossArgument(options.loss)) plan([""]);
  return { optimizer: optimizerOf(options.optimizer), compile: options.compile, blas, given: options, plan };
}

/** The library is looked for when something is compiled. */
function readBlas({ blas = false, compile }: CompileOptions): BlasChoice {
  if (blas !== false) readText("compile", "the option blas", blas);
  if (blas !== false && compile === false) {
    throw new TypeError(
      "Cannot compile a model with blas and compile: false: the library computes what runs compiled; leave out one of " +
        "them, or call useBlas()",
    );
  }
  return blas;
}

/** A metric, once the loss is known. */
type Measured = (loss: Loss) => Metric;

function lookUp(list: readonly MetricArgument[]): Measured[] {
  if (!Array.isArray(list)) {
    throw new TypeError(message`Cannot read metrics: found ${describeValue(list)}, pass a list of them`);
  }
  return list.map((metric) => {
    if (metric === "accuracy") return accuracyFor;
    const found = metricOf(metric);
    return () => found;
  });
}

/** Anything but lists by the names of outputs; what is no list at all is refused when it is read. */
function isMetricList(value: unknown): boolean {
  return Array.isArray(value) || typeof value !== "object";
}

function isLossArgument(value: unknown): boolean {
  return typeof value !== "object" || value === null || "compute" in value;
}

function readLossWeight(value: number): number {
  if (typeof value === "number" && value >= 0 && value < Infinity) return value;
  throw new RangeError(
    message`Cannot weigh a loss by ${describeValue(value)}: use a finite number from 0 up`,
  );
}

/** Reads something that is given once for all outputs, or for each by name or position. */
function byOutput<G, R>(
  option: string,
  given: G | { readonly [output: string]: G } | readonly G[] | undefined,
  isOne: (value: unknown) => boolean,
  read: (value: G) => R,
): (outputs: readonly string[], index: number) => R | undefined {
  if (given === undefined && option !== "loss") return () => undefined;
  if (isOne(given)) {
    const one = read(given as G);
    return () => one;
  }
  if (!isNode(given)) {
    throw new TypeError(
      message`Cannot read the option ${option}: found ${
        describeValue(given)
      }, give one for each output, by name or in
      a list`,
    );
  }
  const entries = new Map(
    Object.entries(given as { readonly [output: string]: G }).map((
      [name, value],
    ) => [name, read(value)]),
  );
  return (outputs, index) => {
    const names = outputs.map((name, i) => Array.isArray(given) ? String(i) : name);
    const unknown = [...entries.keys()].find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new TypeError(
        message`Cannot read the option ${option}: there is no output ${unknown}, use ${names.join(", ")}`,
      );
    }
    return entries.get(names[index] ?? "");
  };
}

/** The key of a metric in logs; throws a RangeError if it has none or it is taken. */
function takeKey(taken: Set<string>, metric: Metric, output: string): string {
  const key = keyFor(output, metric.name);
  if (metric.name === "" || taken.has(key)) {
    throw new RangeError(
      message`Cannot measure ${metric.name || "a function"}: ${
        metric.name === "" ? "it has no name to record it by" : `the name ${key} is taken`
      }`,
    );
  }
  taken.add(key);
  return key;
}

/** A name with a prefix, in camel case: `valLoss`, `priceAccuracy`. */
export function keyFor(prefix: string, name: string): string {
  return prefix === "" ? name : prefix + name.slice(0, 1).toUpperCase() + name.slice(1);
}

/**
 * The function that makes an optimizer of options.
 *
 * @throws {RangeError} If there is none of that name
 */
export function optimizerNamed(name: unknown): (options?: unknown) => Optimizer {
  if (typeof name === "string" && Object.hasOwn(OPTIMIZERS, name)) {
    return OPTIMIZERS[name as OptimizerName] as (options?: unknown) => Optimizer;
  }
  throw new RangeError(
    message`Unknown optimizer: ${describeValue(name)}, use one of ${
      Object.keys(OPTIMIZERS).join(", ")
    }, or what the function of that name gives`,
  );
}

/**
 * Looks an optimizer up, or takes one.
 *
 * @throws {RangeError} If there is none of that name
 */
export function optimizerOf(optimizer: CompileOptions["optimizer"]): Optimizer {
  if (typeof optimizer === "object" && optimizer !== null) return readOptimizer("a model", optimizer);
  return optimizerNamed(optimizer)();
}
