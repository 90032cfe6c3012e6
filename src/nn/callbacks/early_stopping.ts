import { readInteger, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import type { Weights } from "../../optim/mod.ts";
import type { Callbacks, TrainedModel } from "./callback.ts";
import { Monitor, type MonitorOptions } from "./monitor.ts";

/** Options of {@linkcode earlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /**
   * After how many epochs without improvement training ends, as in Keras; 0, the default, and 1 for the first one.
   */
  readonly patience?: number;
  /** Training ends after `patience` epochs that are no better than it, too; by default there is no such number. */
  readonly baseline?: number;
  /** The epoch to start watching at, 0 by default. */
  readonly startFromEpoch?: number;
  /**
   * Whether training ends, also by throwing, with the weights of the best epoch; false by default. These are the
   * weights that were measured: for numbers of validation those at the end of the epoch, for numbers of training those
   * before its last update.
   */
  readonly restoreBestWeights?: boolean;
}

/**
 * Ends training when a number has stopped improving.
 *
 * @param options What to watch, and how patiently
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range; when called, if the number is not recorded
 *
 * @example
 * ```ts
 * import { earlyStopping } from "@tapegrad/tapegrad/nn";
 *
 * const stop = earlyStopping({ monitor: "loss", patience: 2 });
 * console.log([3, 4, 5].map((loss, epoch) => stop.onEpochEnd!(epoch, { loss }))); // [undefined, undefined, false]
 * ```
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callbacks {
  const { patience, baseline, startFromEpoch, restoreBestWeights, ...watched } = readOptions(
    "earlyStopping",
    options,
    {
      monitor: "valLoss",
      minDelta: 0,
      mode: undefined,
      patience: 0,
      baseline: undefined,
      startFromEpoch: 0,
      restoreBestWeights: false,
    },
  );
  readNumber("earlyStopping", "patience", patience, { min: 0 });
  readInteger("earlyStopping", "the option startFromEpoch", startFromEpoch, 0);
  if (baseline !== undefined) readNumber("earlyStopping", "baseline", baseline);
  const monitor = new Monitor("stop early", watched);
  const kept = new BestWeights(monitor.isOfValidation);
  let waited = 0;
  return {
    onTrainBegin(model, plan) {
      monitor.reset(plan);
      waited = 0;
      if (restoreBestWeights) kept.begin(model, plan?.steps);
    },
    // Waiting for each batch takes time, and validation is measured after the last.
    ...restoreBestWeights && !monitor.isOfValidation
      ? { onBatchBegin: (batch) => kept.beforeBatch(batch) }
      : {},
    onEpochEnd(epoch, logs) {
      const measured = kept.endEpoch();
      if (epoch < startFromEpoch || monitor.skips(epoch, logs)) return;
      waited++;
      const isBetter = monitor.improves(logs);
      if (restoreBestWeights && (isBetter || !kept.hasAny)) kept.keep(measured);
      if (isBetter) {
        if (baseline === undefined || monitor.isBetterThan(baseline)) waited = 0;
        return;
      }
      if (waited >= patience && epoch > 0) return false;
      return;
    },
    onTrainEnd: () => kept.restore(),
    onTrainError: () => kept.restore(),
  };
}

/** The weights that the best number was measured with. */
class BestWeights {
  readonly #isOfValidation: boolean;
  #model: TrainedModel | undefined;
  #best: Weights | undefined;
  /** Before the last update of the epoch. */
  #before: Weights | undefined;
  /** Batches in an epoch; of iterables known after the first. */
  #steps: number | undefined;
  #batches = 0;

  constructor(isOfValidation: boolean) {
    this.#isOfValidation = isOfValidation;
  }

  get hasAny(): boolean {
    return this.#best !== undefined;
  }

  begin(model: TrainedModel, steps: number | undefined): void {
    this.#model = model;
    this.#steps = steps;
    this.#best = undefined;
    this.#before = undefined;
    this.#batches = 0;
  }

  beforeBatch(batch: number): void {
    this.#batches = batch + 1;
    if (this.#batches === this.#steps) this.#before = this.#model?.getWeights();
  }

  /** The weights that the numbers of training came from at last; undefined for those that the model has. */
  endEpoch(): Weights | undefined {
    const before = this.#before;
    this.#before = undefined;
    if (this.#batches > 0) this.#steps = this.#batches;
    return before;
  }

  keep(measured: Weights | undefined): void {
    this.#best = (this.#isOfValidation ? undefined : measured) ?? this.#model?.getWeights();
  }

  restore(): void {
    if (this.#best !== undefined) this.#model?.setWeights(this.#best);
    this.#model = undefined;
    this.#best = undefined;
  }
}
