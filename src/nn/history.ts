/** Numbers by name: `loss`, `accuracy`, `valLoss`, `valAccuracy`. */
export type Logs = { [name: string]: number };

/** What training recorded. */
export interface History {
  /** The epochs, from 0. */
  readonly epoch: number[];
  /** One list for each number, with an entry per epoch. */
  readonly history: { [name: string]: number[] };
}

/** Functions that are called while training; training waits for those that are async. */
export interface Callbacks {
  /** Before an epoch. */
  onEpochBegin?(epoch: number): void | Promise<void>;
  /** After an epoch; returning `false` ends the training. */
  onEpochEnd?(epoch: number, logs: Logs): void | false | Promise<void | false>;
}

/**
 * Ends training when a number has stopped falling.
 *
 * @param options.monitor The number to watch, `"valLoss"` by default
 * @param options.patience How many epochs to wait for an improvement, 0 by default
 * @param options.minDelta What counts as one, 0 by default
 *
 * @example
 * ```ts
 * import { earlyStopping } from "@tapegrad/tapegrad/nn";
 *
 * const stop = earlyStopping({ monitor: "loss", patience: 1 });
 * console.log([3, 4, 5].map((loss, epoch) => stop.onEpochEnd!(epoch, { loss }))); // [undefined, undefined, false]
 * ```
 */
export function earlyStopping(
  { monitor = "valLoss", patience = 0, minDelta = 0 }: {
    readonly monitor?: string;
    readonly patience?: number;
    readonly minDelta?: number;
  } = {},
): Callbacks {
  let best = Infinity;
  let waited = 0;
  return {
    onEpochEnd(_, logs) {
      const value = logs[monitor];
      if (value === undefined) {
        throw new RangeError(`Cannot watch ${monitor}: training records ${Object.keys(logs).join(", ")}`);
      }
      if (value < best - minDelta) {
        best = value;
        waited = 0;
        return;
      }
      if (++waited > patience) return false;
      return;
    },
  };
}
