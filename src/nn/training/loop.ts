import { message } from "../../_internal/message.ts";
import type { Callbacks, History, Logs, TrainedModel } from "../callbacks/callback.ts";
import { keyFor } from "./compile_options.ts";
import type { Examples } from "./data.ts";
import type { FitOptions } from "./options.ts";
import { plainLines, type Progress, progressBar } from "./progress.ts";
import type { StepResult } from "./runner.ts";
import type { TrainingState } from "./step.ts";
import { Turns, YIELD_EVERY } from "./turns.ts";

/** What the training loop needs of a model and its data. */
export interface TrainingRun {
  /** For the callbacks. */
  readonly model: TrainedModel;
  /** How many batches an epoch has, where that is known. */
  readonly steps: number | undefined;
  /** The batches of the next epoch. */
  nextBatches(): Iterator<Examples> | AsyncIterator<Examples>;
  /** Takes a step; the first of an epoch starts to count anew. */
  step(batch: Examples, isFirst: boolean): StepResult;
  /** What totals say. */
  logs(totals: TrainingState["totals"], scalarsOnly: boolean): Logs;
  /** Measures the validation data, where there are any. */
  readonly validate: ((turns: Turns) => Promise<Logs>) | undefined;
}

type Options = Pick<
  FitOptions,
  "epochs" | "initialEpoch" | "verbose" | "signal" | "yieldEvery" | "callbacks" | "validationFrequency"
>;

/** What is called while training. */
interface Listeners {
  readonly all: readonly Callbacks[];
  readonly batchBegin: readonly Callbacks[];
  readonly batchEnd: readonly Callbacks[];
}

/** Goes through the epochs, and tells callbacks how it ended. */
export async function train(run: TrainingRun, options: Options): Promise<History> {
  const { epochs = 1, signal, validationFrequency = 1 } = options;
  const all = [options.callbacks ?? []].flat() as Callbacks[];
  signal?.throwIfAborted();
  const plan = {
    epochs,
    steps: run.steps,
    validationFrequency: run.validate === undefined ? undefined : validationFrequency,
  };
  try {
    for (const callback of all) await callback.onTrainBegin?.(run.model, plan);
    const history = await runEpochs(run, options, {
      all,
      batchBegin: all.filter((callback) => callback.onBatchBegin !== undefined),
      batchEnd: all.filter((callback) => callback.onBatchEnd !== undefined),
    });
    for (const callback of all) await callback.onTrainEnd?.();
    return history;
  } catch (error) {
    for (const callback of all) await callback.onTrainError?.(error);
    throw error;
  }
}

async function runEpochs(run: TrainingRun, options: Options, listeners: Listeners): Promise<History> {
  const { epochs = 1, initialEpoch = 0, signal, validationFrequency = 1 } = options;
  const { all } = listeners;
  const turns = new Turns(options.yieldEvery ?? YIELD_EVERY);
  const history: History = { epoch: [], history: {} };
  let stop = false;
  let last: Logs = {};
  for (let epoch = initialEpoch; epoch < epochs && !stop; epoch++) {
    for (const callback of all) {
      const pending = callback.onEpochBegin?.(epoch, last);
      if (pending !== undefined) await pending;
    }
    const progress = await progressOf(options, epoch, epochs, run.steps);
    const logs: Logs = {};
    try {
      const trained = await trainEpoch(run, epoch, listeners, turns, signal, progress);
      Object.assign(logs, trained.logs);
      stop = trained.stop;
      if (run.validate !== undefined && (epoch + 1) % validationFrequency === 0) {
        for (const [name, value] of Object.entries(await run.validate(turns))) {
          logs[keyFor("val", name)] = value;
        }
        signal?.throwIfAborted();
      }
    } catch (error) {
      // A bar that is not stopped goes on drawing, and keeps the program from ending.
      await progress?.stop();
      throw error;
    }
    history.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (history.history[name] ??= []).push(value);
    if (progress !== undefined) await progress.end(logs);
    for (const callback of all) {
      const pending = callback.onEpochEnd?.(epoch, logs);
      if ((pending instanceof Promise ? await pending : pending) === false) stop = true;
    }
    last = logs;
  }
  return history;
}

function progressOf(
  { verbose = 0 }: Options,
  epoch: number,
  epochs: number,
  steps: number | undefined,
): Promise<Progress> | Progress | undefined {
  return verbose === 0
    ? undefined
    : verbose === 1
    ? progressBar(epoch, epochs, steps)
    : plainLines(epoch, epochs);
}

/** One epoch: its numbers, and whether a callback ended the training. */
async function trainEpoch(
  run: TrainingRun,
  epoch: number,
  listeners: Listeners,
  turns: Turns,
  signal: AbortSignal | undefined,
  progress: Progress | undefined,
): Promise<{ readonly logs: Logs; readonly stop: boolean }> {
  const batches = run.nextBatches();
  let result: StepResult | undefined;
  let batch = 0;
  try {
    while (true) {
      const pending = batches.next();
      const next = pending instanceof Promise ? await pending : pending;
      if (next.done) break;
      for (const callback of listeners.batchBegin) {
        const begun = callback.onBatchBegin?.(batch);
        if (begun !== undefined) await begun;
      }
      result = run.step(next.value, batch === 0);
      const stop = listeners.batchEnd.length > 0 && await endBatch(run, listeners, batch, result);
      if (stop) return { logs: run.logs(result.totals, false), stop };
      checkLoss(result.loss, epoch, batch);
      progress?.update(++batch);
      if (progress === undefined) batch++;
      signal?.throwIfAborted();
      if (turns.isDue) {
        await turns.take();
        signal?.throwIfAborted();
      }
    }
  } finally {
    await batches.return?.();
  }
  if (result === undefined) throw new TypeError("Cannot train: there is no batch");
  return { logs: run.logs(result.totals, false), stop: false };
}

async function endBatch(
  run: TrainingRun,
  { batchEnd }: Listeners,
  batch: number,
  { loss, totals }: StepResult,
): Promise<boolean> {
  const logs = { ...run.logs(totals, true), loss };
  let stop = false;
  for (const callback of batchEnd) {
    const pending = callback.onBatchEnd?.(batch, logs);
    if ((pending instanceof Promise ? await pending : pending) === false) stop = true;
  }
  return stop;
}

/**
 * Refuses to go on from a loss that is no number.
 *
 * @throws {RangeError} If it is NaN or infinite
 */
function checkLoss(loss: number, epoch: number, batch: number): void {
  if (Number.isFinite(loss)) return;
  throw new RangeError(
    message`Cannot go on training: the loss is ${loss} in epoch ${epoch}, batch ${batch}; lower the learning rate,
    or look for missing or very large numbers in the data`,
  );
}
