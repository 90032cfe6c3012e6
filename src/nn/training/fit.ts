import { message } from "../../_internal/message.ts";
import { checkOptions, readInteger } from "../../_internal/readers/mod.ts";
import type { Operand } from "../../variable/mod.ts";
import type { History, Logs, TrainedModel } from "../callbacks/callback.ts";
import { BatchStream } from "./batch_stream.ts";
import {
  type ClassWeight,
  type DataPlan,
  type Examples,
  isBatchIterable,
  readBatch,
  readExamples,
  sliceExamples,
  splitExamples,
} from "./data.ts";
import { train } from "./loop.ts";
import { checkFitOptions, type FitOptions } from "./options.ts";
import { arraySource, type BatchSource, iterableSource } from "./sources.ts";
import type { Trainer } from "./trainer.ts";
import { Turns, YIELD_EVERY } from "./turns.ts";

/** What fitting needs of a model. */
export interface FitTarget {
  readonly title: string;
  readonly model: TrainedModel;
  /** How many epochs were begun. */
  readonly epochs: number;
  /** Builds the model for examples if need be. */
  trainerFor(x: unknown): Trainer;
  dataPlan(): DataPlan;
}

/** Options of `evaluate`. */
export interface MeasureOptions {
  /** Examples at a time; 32 by default. */
  readonly batchSize?: number;
  /** How much each example counts, `[rows]`. */
  readonly sampleWeight?: Operand;
}

type Options = FitOptions<unknown, unknown>;

/** Trains on arrays, or on an iterable that takes the place of both. */
export async function fitModel(target: FitTarget, x: unknown, y: unknown, given?: Options): Promise<History> {
  const stream = isBatchIterable(x) ? new BatchStream(target.title, x) : undefined;
  const options = stream !== undefined && given === undefined ? y as Options | undefined : given;
  checkFitOptions(options as FitOptions<never, never> | undefined);
  try {
    return await fitOn(target, stream, x, y, options ?? {});
  } finally {
    await stream?.close();
  }
}

async function fitOn(
  target: FitTarget,
  stream: BatchStream | undefined,
  x: unknown,
  y: unknown,
  options: Options,
): Promise<History> {
  const { batchSize = 32, sampleWeight, classWeight, validationSplit } = options;
  const size = batchSize === "full" ? Infinity : batchSize;
  let source: BatchSource;
  let validation: BatchSource | undefined;
  let trainer: Trainer;
  if (stream !== undefined) {
    if (validationSplit !== undefined || sampleWeight !== undefined) {
      throw new TypeError(
        message`Cannot train ${target.title} on an iterable with ${
          validationSplit === undefined ? "sampleWeight" : "validationSplit"
        }: let it give batches with weights, and pass validationData`,
      );
    }
    trainer = target.trainerFor(readBatch(target.title, await stream.peek(target.epochs)).x);
    const read = batchReader(target, trainer, classWeight);
    source = iterableSource(target.title, stream, read, options.stepsPerEpoch);
  } else {
    trainer = target.trainerFor(x);
    let examples = readExamples(target.dataPlan(), trainer.plans, x, y, sampleWeight, classWeight);
    if (validationSplit !== undefined) {
      const parts = splitExamples(examples, validationSplit);
      examples = parts.training;
      validation = arraySource(parts.validation, options.validationBatchSize ?? size);
    }
    source = arraySource(examples, size);
  }
  validation ??= validationSource(target, trainer, options, size);
  return await train({
    model: target.model,
    steps: source.steps,
    nextBatches: () => trainer.nextBatches(source, options.shuffle ?? true),
    step: (batch, isFirst) => trainer.step(batch, isFirst, options.compile),
    logs: (totals, scalarsOnly) => trainer.logs(totals, scalarsOnly),
    validate: validation && ((turns) => trainer.measureSource(validation, turns, options.compile)),
  }, options as FitOptions);
}

function batchReader(
  target: FitTarget,
  trainer: Trainer,
  classWeight: ClassWeight | undefined,
): (batch: unknown) => Examples {
  const plan = target.dataPlan();
  return (batch) => {
    const { x, y, weights } = readBatch(target.title, batch);
    return readExamples(plan, trainer.plans, x, y, weights, classWeight);
  };
}

function validationSource(
  target: FitTarget,
  trainer: Trainer,
  { validationData, validationBatchSize }: Options,
  size: number,
): BatchSource | undefined {
  if (validationData === undefined) return undefined;
  if (!Array.isArray(validationData)) {
    const read = batchReader(target, trainer, undefined);
    const stream = new BatchStream(target.title, validationData as Iterable<unknown>);
    return iterableSource(target.title, stream, read, undefined);
  }
  const [x, y, weights] = validationData as unknown as readonly [unknown, unknown, Operand?];
  const examples = readExamples(target.dataPlan(), trainer.plans, x, y, weights, undefined);
  return arraySource(examples, validationBatchSize ?? size);
}

/** Measures an iterable of batches; undefined for arrays. */
export function evaluateIterable(
  trainer: Trainer,
  plan: DataPlan,
  x: unknown,
  y: unknown,
): Promise<Logs> | undefined {
  if (!isBatchIterable(x)) return undefined;
  checkOptions("evaluate", y, []);
  const read = (batch: unknown): Examples => {
    const parts = readBatch(plan.title, batch);
    return readExamples(plan, trainer.plans, parts.x, parts.y, parts.weights, undefined);
  };
  const source = iterableSource(plan.title, new BatchStream(plan.title, x), read, undefined);
  return trainer.measureSource(source, new Turns(YIELD_EVERY));
}

/** Measures arrays. */
export function evaluateArrays(
  trainer: Trainer,
  plan: DataPlan,
  x: unknown,
  y: unknown,
  options: MeasureOptions = {},
): Logs {
  checkOptions("evaluate", options, ["batchSize", "sampleWeight"]);
  const { batchSize = 32, sampleWeight } = options;
  if (batchSize !== Infinity) readInteger("evaluate", "the option batchSize", batchSize, 1);
  const examples = readExamples(plan, trainer.plans, x, y, sampleWeight, undefined);
  return trainer.measure(slices(examples, batchSize));
}

function* slices(examples: Examples, batchSize: number): Generator<Examples, void, unknown> {
  for (let start = 0; start < examples.rows; start += batchSize) {
    yield sliceExamples(examples, start, Math.min(examples.rows, start + batchSize));
  }
}
