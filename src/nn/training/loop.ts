import { randomOrder } from "../../_internal/threefry.ts";
import type { Key } from "../../random/mod.ts";
import { message } from "../../_internal/message.ts";
import type { Callbacks, History, Logs, TrainedModel } from "./history.ts";
import type { FitOptions } from "./options.ts";

/** What the training loop needs of a model and its data. */
export interface TrainingRun {
  /** For the callbacks. */
  readonly model: TrainedModel;
  /** The number of examples. */
  readonly rows: number;
  /** What `measure` and `validate` measure, the loss first. */
  readonly names: readonly string[];
  /** The order of the examples in the next epoch; undefined for as they are. */
  nextOrder(): Uint32Array | undefined;
  /** Measures the examples at positions `start` to `end` of the order, and finds the gradients. */
  measure(order: Uint32Array | undefined, start: number, end: number): readonly number[];
  /** Updates the parameters by the gradients found last. */
  update(): void;
  /** Measures the validation data, where there are any. */
  readonly validate: (() => readonly number[]) | undefined;
}

/** Goes through the epochs. It waits for nothing but promises that callbacks return. */
export async function train(run: TrainingRun, options: FitOptions): Promise<History> {
  const { epochs = 1, initialEpoch = 0, verbose = 0 } = options;
  const callbacks = [options.callbacks ?? []].flat() as Callbacks[];
  const batchCallbacks = callbacks.filter((callback) => callback.onBatchEnd !== undefined);
  const history: History = { epoch: [], history: {} };
  for (const callback of callbacks) {
    const pending = callback.onTrainBegin?.(run.model);
    if (pending !== undefined) await pending;
  }
  let stop = false;
  for (let epoch = initialEpoch; epoch < epochs && !stop; epoch++) {
    for (const callback of callbacks) {
      const pending = callback.onEpochBegin?.(epoch);
      if (pending !== undefined) await pending;
    }
    const passing = trainEpoch(run, epoch, batchSizeOf(run, options), batchCallbacks);
    const means = passing instanceof Promise ? await passing : passing;
    const logs = toLogs(run.names, means, "");
    if (run.validate !== undefined) Object.assign(logs, toLogs(run.names, run.validate(), "val"));
    history.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (history.history[name] ??= []).push(value);
    if (verbose === 1) console.log(describeEpoch(epoch, epochs, logs));
    for (const callback of callbacks) {
      const pending = callback.onEpochEnd?.(epoch, logs);
      if ((pending instanceof Promise ? await pending : pending) === false) stop = true;
    }
  }
  for (const callback of callbacks) {
    const pending = callback.onTrainEnd?.();
    if (pending !== undefined) await pending;
  }
  return history;
}

/** One epoch; a promise only if there are callbacks for batches. */
function trainEpoch(
  run: TrainingRun,
  epoch: number,
  batchSize: number,
  callbacks: readonly Callbacks[],
): number[] | Promise<number[]> {
  const order = run.nextOrder();
  const sums = run.names.map(() => 0);
  const trainBatch = (start: number): readonly number[] => {
    const end = Math.min(run.rows, start + batchSize);
    const measured = run.measure(order, start, end);
    checkLoss(measured[0]!, epoch, start / batchSize);
    run.update();
    for (let k = 0; k < sums.length; k++) sums[k]! += measured[k]! * (end - start);
    return measured;
  };
  if (callbacks.length > 0) return trainWithCallbacks();
  for (let start = 0; start < run.rows; start += batchSize) trainBatch(start);
  return sums.map((sum) => sum / run.rows);

  async function trainWithCallbacks(): Promise<number[]> {
    for (let start = 0; start < run.rows; start += batchSize) {
      const measured = trainBatch(start);
      for (const callback of callbacks) {
        const pending = callback.onBatchEnd!(start / batchSize, toLogs(run.names, measured, ""));
        if (pending !== undefined) await pending;
      }
    }
    return sums.map((sum) => sum / run.rows);
  }
}

function batchSizeOf({ rows }: TrainingRun, { batchSize = 32 }: FitOptions): number {
  return batchSize === "full" ? rows : Math.min(batchSize, rows);
}

/** Numbers by name, with a prefix such as `val` in camel case. */
export function toLogs(names: readonly string[], values: readonly number[], prefix: string): Logs {
  const logs: Logs = {};
  names.forEach((name, k) => {
    logs[prefix === "" ? name : prefix + name[0]!.toUpperCase() + name.slice(1)] = values[k]!;
  });
  return logs;
}

/**
 * Refuses to go on from a loss that is no number.
 *
 * @throws {RangeError} If it is NaN or infinite
 */
function checkLoss(loss: number, epoch: number, batch: number): void {
  if (Number.isFinite(loss)) return;
  throw new RangeError(
    message`Cannot go on training: the loss is ${loss} in epoch ${epoch}, batch ${batch};
    lower the learning rate, or look for missing or very large numbers in the data`,
  );
}

function describeEpoch(epoch: number, epochs: number, logs: Logs): string {
  const numbers = Object.entries(logs).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  return `Epoch ${epoch + 1}/${epochs}  ${numbers.join("  ")}`;
}

/** The numbers of rows in an order that depends on the key alone. */
export function orderOf(key: Key, rows: number): Uint32Array {
  const [high, low] = key.data as unknown as [number, number];
  return randomOrder(high, low, rows);
}
