import { message } from "../../_internal/message.ts";
import type { ModelParameters } from "../layers/layer.ts";

/** Numbers by name: `loss`, `accuracy`, `valLoss`, `valAccuracy`. */
export type Logs = { [name: string]: number };

/** What training recorded. */
export interface History {
  /** The epochs, from 0. */
  readonly epoch: number[];
  /** One list for each number, with an entry per epoch. */
  readonly history: { [name: string]: number[] };
}

/** What callbacks may do with the model that is being trained. */
export interface TrainedModel {
  /** The parameters as they are. */
  readonly parameters: ModelParameters;
  /** Replaces them. */
  setParameters(parameters: ModelParameters): void;
}

/** Functions that are called while training; training waits for those that return a promise. */
export interface Callbacks {
  /** Before the first epoch. */
  onTrainBegin?(model: TrainedModel): void | Promise<void>;
  /** Before an epoch. */
  onEpochBegin?(epoch: number): void | Promise<void>;
  /** After the update of a batch, counted from 0, with what was measured on it. */
  onBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
  /** After an epoch; returning `false` ends the training. */
  onEpochEnd?(epoch: number, logs: Logs): void | false | Promise<void | false>;
  /** After the last epoch; not called when training throws. */
  onTrainEnd?(): void | Promise<void>;
}

/** Options of {@linkcode earlyStopping}. */
export interface EarlyStoppingOptions {
  /** The number to watch, `"valLoss"` by default. */
  readonly monitor?: string;
  /** How many epochs to wait for an improvement, 0 by default: the first epoch without one is the last. */
  readonly patience?: number;
  /** What counts as an improvement, 0 by default. */
  readonly minDelta?: number;
  /** Whether smaller (`"min"`) or larger is better; by default larger for names that end in accuracy. */
  readonly mode?: "min" | "max";
  /** Whether training ends with the parameters of the best epoch; false by default. */
  readonly restoreBestWeights?: boolean;
}

/**
 * Ends training when a number has stopped improving.
 *
 * @param options What to watch, and how patiently
 * @throws {RangeError} If patience or minDelta is negative; when called, if the number is not recorded
 *
 * @example
 * ```ts
 * import { earlyStopping } from "@tapegrad/tapegrad/nn";
 *
 * const stop = earlyStopping({ monitor: "loss", patience: 1 });
 * console.log([3, 4, 5].map((loss, epoch) => stop.onEpochEnd!(epoch, { loss }))); // [undefined, undefined, false]
 * ```
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callbacks {
  const { monitor = "valLoss", patience = 0, minDelta = 0, restoreBestWeights = false } = options;
  const { mode = /accuracy$/i.test(monitor) ? "max" : "min" } = options;
  for (const [name, value] of Object.entries({ patience, minDelta })) {
    if (!(value >= 0)) throw new RangeError(message`Cannot stop early: ${name} is ${value}, use 0 or more`);
  }
  if (mode !== "min" && mode !== "max") {
    throw new RangeError(message`Cannot stop early: mode is ${JSON.stringify(mode)}, use "min" or "max"`);
  }
  const sign = mode === "min" ? 1 : -1;
  let best = Infinity;
  let waited = 0;
  let model: TrainedModel | undefined;
  let bestParameters: ModelParameters | undefined;
  return {
    onTrainBegin(trained) {
      best = Infinity;
      waited = 0;
      model = trained;
      bestParameters = undefined;
    },
    onEpochEnd(_, logs) {
      const value = logs[monitor];
      if (value === undefined) {
        throw new RangeError(message`Cannot watch ${monitor}: training records
          ${Object.keys(logs).join(", ")}`);
      }
      if (sign * value < best - minDelta) {
        best = sign * value;
        waited = 0;
        if (restoreBestWeights) bestParameters = model?.parameters;
        return;
      }
      if (++waited > patience) return false;
      return;
    },
    onTrainEnd() {
      if (bestParameters !== undefined) model?.setParameters(bestParameters);
      model = undefined;
    },
  };
}
