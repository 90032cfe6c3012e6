/** What the playground and its worker tell each other. */
import type { Points } from "./points.ts";

/** A network and how it is trained. */
export interface Settings {
  /** Units of the hidden layers. */
  readonly hidden: readonly number[];
  readonly activation: "tanh" | "relu" | "sigmoid" | "gelu";
  readonly optimizer: "adam" | "sgd" | "rmsprop";
  readonly learningRate: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** Places a side at which units are looked at. */
export const GRID = 44;

/** To the worker. Answers carry the number of the network that they are about. */
export type Order =
  | { readonly kind: "network"; readonly network: number; readonly settings: Settings }
  | { readonly kind: "points"; readonly points: Points }
  | { readonly kind: "rate"; readonly learningRate: number }
  | { readonly kind: "run"; readonly epochsPerSecond: number }
  | { readonly kind: "pause" }
  | { readonly kind: "epoch" }
  | { readonly kind: "frame" };

/** From the worker, when it is asked for a frame. */
export interface Frame {
  readonly network: number;
  readonly epoch: number;
  readonly loss: number;
  /** The share of points that are taken for what they are. */
  readonly right: number;
  /** Losses of the epochs since the last frame. */
  readonly losses: readonly number[];
  /** What each unit gives at each place, layer by layer, the output last; each `GRID * GRID` numbers, row by row. */
  readonly maps: readonly (readonly Float32Array[])[];
  /** Weights `[inputs * units]` between layers. */
  readonly weights: readonly Float32Array[];
  /** Why training has stopped by itself. */
  readonly trouble: string | undefined;
}
