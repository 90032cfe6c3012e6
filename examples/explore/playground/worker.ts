/** Trains the network of the playground, through the models that everybody uses. */
import { constant, type Variable } from "../../../mod.ts";
import { dense, type Functional, input, model } from "../../../src/nn/mod.ts";
import { adam, type Optimizer, rmsprop, sgd } from "../../../src/optim/mod.ts";
import { type Frame, GRID, type Order, type Settings } from "./messages.ts";
import type { Points } from "./points.ts";

const OPTIMIZERS: {
  readonly [name in Settings["optimizer"]]: (options: { learningRate: number }) => Optimizer;
} = {
  adam,
  sgd,
  rmsprop,
};

/** All places of a map, `[GRID * GRID, 2]`, the upper left one first. */
const PLACES = constant(Float32Array.from({ length: 2 * GRID * GRID }, (_, i) => {
  const [column, line] = [(i >> 1) % GRID, Math.floor((i >> 1) / GRID)];
  return i % 2 === 0 ? 2 * (column + 0.5) / GRID - 1 : 1 - 2 * (line + 0.5) / GRID;
})).reshape([GRID * GRID, 2]);

let points: Points = { x: [], y: [], label: [] };
let settings: Settings;
let network = 0;
let trained: Functional<Variable, Variable>;
/** The same layers, of which all results are given out. */
let inner: Functional<Variable, readonly Variable[]>;
let epoch = 0;
let loss = NaN;
let losses: number[] = [];
let trouble: string | undefined;
/** Epochs a second; 0 while pausing. */
let pace = 0;
let isBusy = false;

function build(): void {
  const x = input({ shape: [2] });
  const results = [];
  let h = x;
  for (const units of settings.hidden) {
    h = dense({ units, activation: settings.activation }).apply(h);
    results.push(h);
  }
  const y = dense({ units: 1, activation: "sigmoid" }).apply(h);
  results.push(y);
  trained = model({ inputs: x, outputs: y, seed: settings.seed }) as never;
  inner = model({ inputs: x, outputs: results, seed: settings.seed }) as never;
  trained.build();
  inner.build();
  trained.compile({
    optimizer: OPTIMIZERS[settings.optimizer]({ learningRate: settings.learningRate }),
    loss: "binaryCrossentropy",
  });
  [epoch, loss, losses, trouble] = [0, NaN, [], undefined];
  if (points.x.length > 0) loss = trained.evaluate(...examples())["loss"]!;
}

function examples(): [x: Variable, y: Variable] {
  const x = Float32Array.from(
    { length: 2 * points.x.length },
    (_, i) => (i % 2 === 0 ? points.x : points.y)[i >> 1]!,
  );
  return [
    constant(x).reshape([points.x.length, 2]),
    constant(Float32Array.from(points.label)).reshape([-1, 1]),
  ];
}

/** Trains for some epochs. */
async function train(count: number): Promise<void> {
  if (points.x.length === 0 || trouble !== undefined) return;
  const mine = network;
  try {
    const { history } = await trained.fit(...examples(), {
      batchSize: settings.batchSize,
      epochs: epoch + count,
      initialEpoch: epoch,
      yieldEvery: 5,
      // Another network, or a pause, ends this one's training.
      callbacks: { onEpochEnd: () => mine === network && (pace > 0 || count === 1) ? undefined : false },
    });
    if (mine !== network) return;
    const found = history["loss"]!;
    epoch += found.length;
    loss = found.at(-1)!;
    losses.push(...found);
    if (!Number.isFinite(loss)) trouble = "the loss is not finite";
  } catch (error) {
    trouble = error instanceof Error ? error.message : String(error);
  }
}

/** How long it may train before messages get their turn, in milliseconds. */
const SLICE = 12;

/** Trains until it is told to pause. */
async function run(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  let due = performance.now();
  let each = SLICE; // milliseconds an epoch takes
  while (pace > 0 && trouble === undefined && points.x.length > 0) {
    const count = Math.max(1, Math.min(Math.floor(SLICE / each), Math.round(pace * SLICE / 1000)));
    const begun = performance.now();
    await train(count);
    each = 0.7 * each + 0.3 * Math.max(0.02, (performance.now() - begun) / count);
    due = Math.max(due + 1000 * count / pace, performance.now() - 50);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
  isBusy = false;
}

function frame(): Frame {
  const weights = trained.getWeights();
  inner.setWeights(weights);
  const layers = inner.predict(PLACES);
  const maps = (Array.isArray(layers) ? layers : [layers]).map((layer: Variable) => {
    const [places, units] = layer.shape as [number, number];
    const { data } = layer;
    return Array.from({ length: units }, (_, unit) => {
      const map = new Float32Array(places);
      for (let i = 0; i < places; i++) map[i] = data[i * units + unit]!;
      return map;
    });
  });
  let right = NaN;
  if (points.x.length > 0) {
    const taken = trained.predict(examples()[0]).data;
    right = points.label.filter((label, i) => (taken[i]! > 0.5 ? 1 : 0) === label).length /
      points.label.length;
  }
  const kernels = Object.entries(weights).filter(([name]) => name.endsWith("/kernel"))
    .map(([, kernel]) => Float32Array.from(kernel.data));
  const answer = { network, epoch, loss, right, losses, maps, weights: kernels, trouble };
  losses = [];
  return answer;
}

const queue: Order[] = [];
let isHandling = false;

addEventListener("message", async ({ data }: MessageEvent<Order>) => {
  queue.push(data);
  if (isHandling) return;
  isHandling = true;
  for (let order = queue.shift(); order !== undefined; order = queue.shift()) {
    if (order.kind === "network") {
      network = order.network;
      settings = order.settings;
      build();
    } else if (order.kind === "points") points = order.points;
    else if (order.kind === "rate") {
      settings = { ...settings, learningRate: order.learningRate };
      trained.learningRate = order.learningRate;
    } else if (order.kind === "run") {
      pace = order.epochsPerSecond;
      run();
    } else if (order.kind === "pause") pace = 0;
    else if (order.kind === "epoch") await train(1);
    else {
      const answer = frame();
      const buffers = [...answer.maps.flat(), ...answer.weights].map(({ buffer }) => buffer as ArrayBuffer);
      (self as unknown as { postMessage(data: unknown, transfer: ArrayBuffer[]): void }).postMessage(
        answer,
        buffers,
      );
    }
  }
  isHandling = false;
});
