import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readInteger, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import type { Callbacks, TrainedModel } from "./callback.ts";
import { Monitor, type MonitorOptions } from "./monitor.ts";

/**
 * Sets the learning rate before each epoch. It is a number in the optimizer's state, so that no step is compiled anew;
 * schedules of the optimizer count steps instead, and are multiplied by it.
 *
 * @param schedule The rate for an epoch, counted from 0, and the rate there is
 * @throws {TypeError} If the schedule is no function
 * @throws {RangeError} When called, if the rate is not a finite number from 0 up
 *
 * @example
 * ```ts
 * import { dense, learningRateScheduler, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 1 })]);
 * model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
 * const callbacks = learningRateScheduler((epoch, rate) => epoch < 2 ? rate : rate / 2);
 * await model.fit([[1], [2]], [1, 2], { epochs: 4, callbacks });
 * console.log(model.learningRate); // 0.0025
 * ```
 */
export function learningRateScheduler(schedule: (epoch: number, rate: number) => number): Callbacks {
  if (typeof schedule !== "function") {
    throw new TypeError(
      message`Cannot schedule learning rates by ${
        describeValue(schedule)
      }: pass a function of epoch and rate`,
    );
  }
  let model: TrainedModel | undefined;
  return {
    onTrainBegin: (trained) => void (model = trained),
    onEpochBegin(epoch) {
      if (model !== undefined) model.learningRate = schedule(epoch, model.learningRate);
    },
  };
}

/** Options of {@linkcode reduceLROnPlateau}. */
export interface PlateauOptions extends MonitorOptions {
  /** What counts as an improvement, 1e-4 by default. */
  readonly minDelta?: number;
  /** What the rate is multiplied by, 0.1 by default. */
  readonly factor?: number;
  /** After how many epochs without improvement, 10 by default. */
  readonly patience?: number;
  /** How many epochs to wait after a change before epochs count again, 0 by default. */
  readonly cooldown?: number;
  /** The least rate, 0 by default. */
  readonly minLearningRate?: number;
}

/**
 * Lowers the learning rate when a number has stopped improving. The rate is a number in the optimizer's state, so that
 * no step is compiled anew.
 *
 * @param options What to watch, and what to do
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range; when called, if the number is not recorded
 *
 * @example
 * ```ts
 * import { dense, reduceLROnPlateau, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 1 })]);
 * model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
 * const callbacks = reduceLROnPlateau({ monitor: "loss", factor: 0.5, patience: 1, minDelta: 1e6 });
 * await model.fit([[1], [2]], [1, 2], { epochs: 3, callbacks });
 * console.log(model.learningRate); // 0.0025
 * ```
 */
export function reduceLROnPlateau(options: PlateauOptions = {}): Callbacks {
  const name = "reduceLROnPlateau";
  const { factor, patience, cooldown, minLearningRate, ...watched } = readOptions(name, options, {
    monitor: "valLoss",
    minDelta: 1e-4,
    mode: undefined,
    factor: 0.1,
    patience: 10,
    cooldown: 0,
    minLearningRate: 0,
  });
  readNumber(name, "factor", factor, { min: 0, below: 1 });
  readNumber(name, "patience", patience, { min: 0 });
  readInteger(name, "the option cooldown", cooldown, 0);
  readNumber(name, "minLearningRate", minLearningRate, { min: 0, below: Infinity });
  const monitor = new Monitor("reduce the learning rate", watched);
  let model: TrainedModel | undefined;
  let waited = 0;
  let cooling = 0;
  return {
    onTrainBegin(trained, plan) {
      model = trained;
      monitor.reset(plan);
      waited = 0;
      cooling = 0;
    },
    onEpochEnd(epoch, logs) {
      if (model === undefined || monitor.skips(epoch, logs)) return;
      if (cooling > 0) {
        cooling--;
        waited = 0;
      }
      if (monitor.improves(logs)) {
        waited = 0;
        return;
      }
      if (cooling > 0 || ++waited < patience) return;
      const rate = model.learningRate;
      if (rate <= minLearningRate) return;
      model.learningRate = Math.max(rate * factor, minLearningRate);
      cooling = cooldown;
      waited = 0;
    },
  };
}
