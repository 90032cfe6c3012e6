import type { Weights } from "../../optim/mod.ts";
import type { Operand } from "../../variable/mod.ts";

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
  /** The factor of the optimizer's learning rate, or the rate itself where that is a number; may be set. */
  learningRate: number;
  /** Copies of parameters and state, by path. Reading them takes time, as it copies. */
  getWeights(): Weights;
  /** Replaces weights by path. */
  setWeights(weights: { readonly [path: string]: Operand }): void;
}

/** How a training is to run. */
export interface TrainingPlan {
  /** The number of the epoch that ends it, if no callback does. */
  readonly epochs: number;
  /** Batches in each epoch; undefined for iterables, which may give any number. */
  readonly steps: number | undefined;
  /** After how many epochs validation data are measured; undefined where there are none. */
  readonly validationFrequency: number | undefined;
}

/** Functions that are called while training; training waits for those that return a promise. */
export interface Callbacks {
  /** Before the first epoch. */
  onTrainBegin?(model: TrainedModel, plan: TrainingPlan): void | Promise<void>;
  /** Before an epoch. */
  onEpochBegin?(epoch: number, logs: Logs): void | Promise<void>;
  /** Before a batch, counted from 0. */
  onBatchBegin?(batch: number): void | Promise<void>;
  /**
   * After the update of a batch, with its loss, and the metrics of the epoch so far; returning `false` ends the
   * training.
   */
  onBatchEnd?(batch: number, logs: Logs): void | false | Promise<void | false>;
  /** After an epoch; returning `false` ends the training. */
  onEpochEnd?(epoch: number, logs: Logs): void | false | Promise<void | false>;
  /** After the last epoch; not called when training throws. */
  onTrainEnd?(): void | Promise<void>;
  /**
   * When training throws: a loss that is no number, an abort, or an error of data or callbacks. `fit` throws it after
   * all callbacks have heard of it.
   */
  onTrainError?(error: unknown): void | Promise<void>;
}
