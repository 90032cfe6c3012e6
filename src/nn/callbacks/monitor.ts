import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import type { Logs, TrainingPlan } from "./callback.ts";

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

/** Names of numbers that are better when they are larger, or arrays of them. */
const LARGER_IS_BETTER =
  /(accuracy|precision|recall|f1score|fbetascore|f1|auc|r2|r2score|similarity|iou|truepositives|truenegatives)(\[\d+\])*$/i;

/** Watches a number for improvements. */
export class Monitor {
  /** The key of the number. */
  readonly name: string;
  readonly #what: string;
  readonly #sign: number;
  readonly #minDelta: number;
  #plan: TrainingPlan | undefined;
  #best = Infinity;

  /**
   * Reads the options.
   *
   * @param what What can't be done if they are wrong, such as `"stop early"`
   * @throws {TypeError} If the number has no name
   * @throws {RangeError} If an option is out of range
   */
  constructor(what: string, { monitor = "valLoss", minDelta = 0, mode }: MonitorOptions) {
    if (typeof monitor !== "string" || monitor === "") {
      throw new TypeError(
        message`Cannot ${what}: monitor is ${describeValue(monitor)}, use the name of a number`,
      );
    }
    if (!(typeof minDelta === "number" && minDelta >= 0)) {
      throw new RangeError(message`Cannot ${what}: minDelta is ${describeValue(minDelta)}, use 0 or more`);
    }
    if (mode !== undefined && mode !== "min" && mode !== "max") {
      throw new RangeError(message`Cannot ${what}: mode is ${describeValue(mode)}, use "min" or "max"`);
    }
    this.name = monitor;
    this.#what = what;
    this.#minDelta = minDelta;
    this.#sign = (mode ?? (LARGER_IS_BETTER.test(monitor) ? "max" : "min")) === "min" ? 1 : -1;
  }

  /** Whether the number is one of validation, measured with the weights at the end of an epoch. */
  get isOfValidation(): boolean {
    return /^val[A-Z]/.test(this.name);
  }

  /** Forgets what was best. */
  reset(plan?: TrainingPlan): void {
    this.#best = Infinity;
    this.#plan = plan;
  }

  /**
   * Whether an epoch has no number to watch as it had no validation.
   *
   * @throws {RangeError} If the number is never recorded
   */
  skips(epoch: number, logs: Logs): boolean {
    if (logs[this.name] !== undefined) return false;
    const frequency = this.#plan?.validationFrequency ?? 1;
    if (this.isOfValidation && (epoch + 1) % frequency !== 0) return true;
    throw new RangeError(
      message`Cannot ${this.#what}: training records ${Object.keys(logs).join(", ")}, not ${this.name}`,
    );
  }

  /** Whether the number is better than all before; NaN never is. */
  improves(logs: Logs): boolean {
    const value = this.#sign * (logs[this.name] ?? NaN);
    const better = value < this.#best - this.#minDelta;
    if (better) this.#best = value;
    return better;
  }

  /** Whether the best number so far is better than another. */
  isBetterThan(baseline: number): boolean {
    return this.#best + this.#minDelta < this.#sign * baseline;
  }
}
