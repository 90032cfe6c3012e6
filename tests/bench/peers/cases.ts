/** What is measured against other libraries: the data, the same for all, and what each case is. */
import { loadIris, standardScaler } from "../../../src/data/mod.ts";
import { randomNumbers } from "../../compiler/random_programs.ts";

/** Numbers that one call gives, for comparing with those of others. */
export type Result = ArrayLike<number>;

/** A case as one library runs it: each call takes the next step and reads its result. */
export interface Task {
  run(): Result | Promise<Result>;
}

/** The tasks of a library, by the name of the case; a case it can't run is missing. */
export type Tasks = { readonly [name: string]: () => Task | Promise<Task> };

/** A case. */
export interface Case {
  readonly name: string;
  /** What is printed of the seconds that one call takes. */
  readonly unit: "steps/s" | "GFLOP/s" | "ms" | "us" | "ns/row";
  /** How much one call does, in that unit: floating-point operations, or rows. */
  readonly amount?: number;
  /** How many calls are compared before anything is measured. */
  readonly checks: number;
  /** How far results may differ, as a share of the largest number. */
  readonly tolerance: number;
}

/** The cases, in the order of the table. */
export const cases: readonly Case[] = [
  { name: "MLP 784-128-10, batch 64, SGD", unit: "steps/s", checks: 20, tolerance: 1e-4 },
  { name: "MLP 784-512-512-10, batch 128, Adam", unit: "steps/s", checks: 5, tolerance: 1e-3 },
  ...[256, 512, 1024].map((n) => ({
    name: `matmul ${n}`,
    unit: "GFLOP/s" as const,
    amount: 2 * n ** 3,
    checks: 1,
    tolerance: 1e-5,
  })),
  // The peers lose this much in adding up a million numbers.
  { name: "value and gradient, a million elements", unit: "ms", checks: 1, tolerance: 1e-3 },
  { name: "Hessian-vector product, Rosenbrock 1000", unit: "us", checks: 1, tolerance: 1e-4 },
  { name: "conv net 28x28x1, batch 32, SGD", unit: "steps/s", checks: 10, tolerance: 1e-4 },
  { name: "conv net of 32 and 64 channels, batch 32, SGD", unit: "steps/s", checks: 3, tolerance: 1e-4 },
  { name: "transformer of 4 blocks, 8 rows of 64 x 128, SGD", unit: "steps/s", checks: 3, tolerance: 1e-4 },
  { name: "LSTM of 128 units, 32 rows of 50 steps, SGD", unit: "steps/s", checks: 3, tolerance: 1e-4 },
  { name: "fit, MLP 784-128-10, 20 batches of 64", unit: "steps/s", amount: 20, checks: 2, tolerance: 1e-4 },
  { name: "eager MLP 784-128-10, batch 64, SGD", unit: "steps/s", checks: 20, tolerance: 1e-4 },
  ...[64, 512].map((n) => ({
    name: `eager matmul ${n}`,
    unit: "GFLOP/s" as const,
    amount: 2 * n ** 3,
    checks: 1,
    tolerance: 1e-5,
  })),
  { name: "Iris, 30 epochs", unit: "ms", checks: 1, tolerance: 1e-4 },
  { name: "Iris, 30 epochs, model.fit", unit: "ms", checks: 1, tolerance: 1e-4 },
  { name: "scalar Rosenbrock 1000, value and gradient", unit: "us", checks: 1, tolerance: 1e-10 },
];

const next = randomNumbers(4);

/** Random numbers between -scale and scale. */
export function draw(size: number, scale: number): Float32Array {
  return Float32Array.from({ length: size }, () => scale * (2 * next() - 1));
}

/** Examples with their classes as rows of 0 and 1. */
export interface Batch {
  readonly rows: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

function batch(rows: number, features: number, classes: number): Batch {
  const y = new Float32Array(rows * classes);
  for (let i = 0; i < rows; i++) y[i * classes + Math.floor(next() * classes)] = 1;
  return { rows, x: draw(rows * features, 1), y };
}

/** A dense layer. */
export interface Layer {
  readonly inputs: number;
  readonly units: number;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

function layer(inputs: number, units: number): Layer {
  return {
    inputs,
    units,
    kernel: draw(inputs * units, Math.sqrt(6 / (inputs + units))),
    bias: draw(units, 0.1),
  };
}

/** A network of dense layers, with relu between them. */
export interface Network {
  readonly layers: readonly Layer[];
  readonly batch: Batch;
}

export const LEARNING_RATE = 0.05;
export const ADAM = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

export const smallNetwork: Network = { layers: [layer(784, 128), layer(128, 10)], batch: batch(64, 784, 10) };
export const largeNetwork: Network = {
  layers: [layer(784, 512), layer(512, 512), layer(512, 10)],
  batch: batch(128, 784, 10),
};

/** Square matrices to multiply, by their size. */
export const matrices: { readonly [n: number]: readonly [Float32Array, Float32Array] } = Object.fromEntries(
  [64, 256, 512, 1024].map((n) => [n, [draw(n * n, 1), draw(n * n, 1)]]),
);

/** For `sum(tanh(x * w + b) ** 2 * sigmoid(x))`, with the gradient by x; compared as the mean. */
export const million: { readonly x: Float32Array; readonly w: number; readonly b: number } = {
  x: draw(1_000_000, 3),
  w: Math.fround(0.8),
  b: Math.fround(0.1),
};

/** A point and a direction. */
export const rosenbrock: { readonly x: Float64Array; readonly v: Float64Array } = {
  x: Float64Array.from({ length: 1000 }, (_, i) => Math.fround(Math.sin(i))),
  v: Float64Array.from({ length: 1000 }, (_, i) => Math.fround(Math.cos(i))),
};

/** 3x3 filters to 8 channels, pooled by 2x2, then a dense layer of 13 x 13 x 8 inputs, in this order. */
export const convNetwork: {
  readonly filters: Float32Array;
  readonly bias: Float32Array;
  readonly dense: Layer;
  readonly batch: Batch;
} = {
  filters: draw(3 * 3 * 8, 0.4),
  bias: draw(8, 0.1),
  dense: layer(13 * 13 * 8, 10),
  batch: batch(32, 28 * 28, 10),
};

/** Two kinds of flowers, standardized, as a network of 4-3-1 units sees them. */
export const iris: Network & { readonly epochs: number; readonly learningRate: number } = {
  batch: readIris(),
  layers: [layer(4, 3), layer(3, 1)],
  epochs: 30,
  learningRate: 1,
};

function readIris(): Batch {
  const { features, labels } = loadIris({ classes: ["setosa", "versicolor"] });
  const x = standardScaler().fitTransform(features);
  return { rows: x.shape[0]!, x: Float32Array.from(x.data), y: Float32Array.from(labels.data) };
}

/** Arrays by name. */
export type Tensors = {
  readonly [name: string]: { readonly shape: readonly number[]; readonly data: Float32Array };
};

/** Weights and one batch, `x` and `y`, of a network that classifies. */
export interface Classifier {
  readonly weights: Tensors;
  readonly batch: Tensors;
}

function tensors(scale: number, shapes: { readonly [name: string]: readonly number[] }): Tensors {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { shape, data: draw(shape.reduce((a, b) => a * b, 1), scale) },
    ]),
  );
}

function classified(shape: readonly number[]): Tensors {
  const { rows, x, y } = batch(shape[0]!, shape.slice(1).reduce((a, b) => a * b, 1), 10);
  return { x: { shape, data: x }, y: { shape: [rows, 10], data: y } };
}

/** The sizes of the transformer: `features / heads` for each head, four times the features between. */
export const transformerSizes = { blocks: 4, heads: 4, steps: 64, features: 128 } as const;

/**
 * Blocks `x + attention(norm(x))` and `x + gelu(norm(x) up) down`, without scale and offset of the norm; the mean over
 * the steps goes into a dense layer.
 */
export const transformer: Classifier = {
  weights: {
    ...Object.assign(
      {},
      ...Array.from({ length: transformerSizes.blocks }, (_, i) =>
        tensors(0.1, {
          [`query${i}`]: [128, 128],
          [`key${i}`]: [128, 128],
          [`value${i}`]: [128, 128],
          [`merge${i}`]: [128, 128],
          [`up${i}`]: [128, 512],
          [`upBias${i}`]: [512],
          [`down${i}`]: [512, 128],
          [`downBias${i}`]: [128],
        })),
    ),
    ...tensors(0.1, { w: [128, 10], b: [10] }),
  },
  batch: classified([8, 64, 128]),
};

/** Gates in the order input, forget, candidate, output; the last hidden state goes into a dense layer. */
export const lstm: Classifier & { readonly steps: number; readonly units: number } = {
  weights: tensors(0.08, { kernel: [32, 512], recurrent: [128, 512], bias: [512], w: [128, 10], b: [10] }),
  batch: classified([32, 50, 32]),
  steps: 50,
  units: 128,
};

/** 3 x 3 filters without padding, to 32 and to 64 channels, with relu; pooled by 2 x 2, then a dense layer. */
export const deepConvNetwork: Classifier = {
  weights: {
    ...tensors(0.3, { filters: [3, 3, 1, 32], bias: [32] }),
    ...tensors(0.06, { filters2: [3, 3, 32, 64], bias2: [64], w: [12 * 12 * 64, 10], b: [10] }),
  },
  batch: classified([32, 28, 28, 1]),
};

/** What a model is fitted to, batch by batch, from the weights of the small network. */
export const fitted: Batch & { readonly size: number } = { ...batch(1280, 784, 10), size: 64 };
