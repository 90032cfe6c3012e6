import { message } from "../../_internal/message.ts";
import { checkOptions } from "../../_internal/readers/mod.ts";
import type { Weights } from "../../optim/mod.ts";
import type { Callbacks, Logs, TrainedModel } from "./callback.ts";

/** Which number a callback watches. */
export interface MonitorOptions {
  /** The number to watch, `"valLoss"` by default. */
  readonly monitor?: string;
  /** What counts as an improvement, 0 by default. */
  readonly minDelta?: number;
  /**
   * Whether smaller (`"min"`) or larger (`"max"`) is better; by default larger for accuracies, precision, recall, F1,
   * AUC, R² and similarities.
   */
  readonly mode?: "min" | "max";
}

/** Options of {@linkcode earlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** How many epochs to wait for an improvement, 0 by default: the first epoch without one is the last. */
  readonly patience?: number;
  /** Whether training ends with the weights of the best epoch; false by default. */
  readonly restoreBestWeights?: boolean;
}

/** Names of numbers that are better when they are larger. */
const LARGER_IS_BETTER = /accuracy$|precision$|recall$|f1|auc$|r2|similarity$|iou$/i;

/** Watches a number for improvements. */
export class Monitor {
  readonly #name: string;
  readonly #sign: number;
  readonly #minDelta: number;
  #best = Infinity;

  /** Reads the options; throws a RangeError if one is out of range. */
  constructor(what: string, { monitor = "valLoss", minDelta = 0, mode }: MonitorOptions) {
    if (!(minDelta >= 0)) {
      throw new RangeError(message`Cannot ${what}: minDelta is ${String(minDelta)}, use 0 or more`);
    }
    if (mode !== undefined && mode !== "min" && mode !== "max") {
      throw new RangeError(message`Cannot ${what}: mode is ${JSON.stringify(mode)}, use "min" or "max"`);
    }
    this.#name = monitor;
    this.#minDelta = minDelta;
    this.#sign = (mode ?? (LARGER_IS_BETTER.test(monitor) ? "max" : "min")) === "min" ? 1 : -1;
  }

  /** Forgets what was best. */
  reset(): void {
    this.#best = Infinity;
  }

  /**
   * Whether the number is better than all before; NaN never is.
   *
   * @throws {RangeError} If it is not recorded
   */
  improves(logs: Logs): boolean {
    const value = logs[this.#name];
    if (value === undefined) {
      throw new RangeError(
        message`Cannot watch ${this.#name}: training records ${Object.keys(logs).join(", ")}`,
      );
    }
    const better = this.#sign * value < this.#best - this.#minDelta;
    if (better) this.#best = this.#sign * value;
    return better;
  }
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
  checkOptions("earlyStopping", options, ["monitor", "minDelta", "mode", "patience", "restoreBestWeights"]);
  const { patience = 0, restoreBestWeights = false } = options;
  if (!(patience >= 0)) {
    throw new RangeError(message`Cannot stop early: patience is ${String(patience)}, use 0 or more`);
  }
  const monitor = new Monitor("stop early", options);
  let waited = 0;
  let model: TrainedModel | undefined;
  let best: Weights | undefined;
  return {
    onTrainBegin(trained) {
      monitor.reset();
      waited = 0;
      model = trained;
      best = undefined;
    },
    onEpochEnd(_, logs) {
      if (monitor.improves(logs)) {
        waited = 0;
        if (restoreBestWeights) best = model?.getWeights();
        return;
      }
      if (++waited > patience) return false;
      return;
    },
    onTrainEnd() {
      if (best !== undefined) model?.setWeights(best);
      model = undefined;
    },
  };
}
