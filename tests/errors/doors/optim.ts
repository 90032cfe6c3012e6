/** Good arguments for optimizers, schedules and solvers. */
import { constant, square, sub, sum, type Variable } from "../../../mod.ts";
import * as o from "../../../src/optim/mod.ts";
import { type Probe, probe, type Probes } from "./probe.ts";

type Call = (...args: never[]) => unknown;

const common = {
  learningRate: 0.1,
  weightDecay: 0.01,
  decoupledWeightDecay: false,
  excludeFromWeightDecay: ["b"],
  clipValue: 1,
};
const moments = { ...common, beta1: 0.9, beta2: 0.99, epsilon: 1e-7 };

/** Two steps of an optimizer. */
function steps(optimizer: o.Optimizer): unknown {
  const parameters = { w: constant([1, 2]), b: constant(3) };
  const gradients = { w: [0.1, 0.2], b: 0.3 };
  const one = optimizer.update(gradients, optimizer.init(parameters), parameters);
  return optimizer.update(gradients, one.state, one.parameters);
}

const optimizer = (make: unknown, options: Record<string, unknown>): Probe =>
  probe(((options: never) => steps((make as (o: never) => o.Optimizer)(options))) as Call, () => [options]);

const schedule = (make: unknown, ...args: readonly unknown[]): Probe =>
  probe(
    ((...args: never[]) => (make as (...args: never[]) => o.NumberSchedule)(...args)(constant(3))) as Call,
    () => args,
  );

const stops = {
  maxIterations: 9,
  gradientTolerance: 1e-8,
  valueTolerance: 1e-8,
  stepTolerance: 1e-8,
  callback: () => false,
};
const adam = o.adam();
const start = { w: constant([1, 2]), b: constant(3) };

/** What one's own optimizer does is not looked into, nor its options. */
const ONES_OWN = { takes: ["argument 0, options", "argument 1, options"], skips: ["a function"] };

/** By name. */
export const optim: Probes = {
  adadelta: optimizer(o.adadelta, { ...common, rho: 0.9, epsilon: 1e-7 }),
  adagrad: optimizer(o.adagrad, {
    ...common,
    learningRateDecay: 0.1,
    initialAccumulatorValue: 0.1,
    epsilon: 1e-7,
  }),
  adam: optimizer(o.adam, { ...moments, amsgrad: true }),
  adamW: optimizer(o.adamW, { ...moments, amsgrad: true }),
  adamax: optimizer(o.adamax, moments),
  asgd: optimizer(o.asgd, { ...common, lambda: 1e-4, alpha: 0.75, averageAfter: 1 }),
  lion: optimizer(o.lion, { ...common, beta1: 0.9, beta2: 0.99 }),
  nadam: optimizer(o.nadam, { ...moments, momentumDecay: 0.004 }),
  radam: optimizer(o.radam, moments),
  rmsprop: optimizer(o.rmsprop, { ...common, rho: 0.9, epsilon: 1e-7, momentum: 0.5, centered: true }),
  rprop: optimizer(o.rprop, {
    learningRate: 0.1,
    globalClipNorm: 1,
    shrink: 0.5,
    growth: 1.2,
    minimumStep: 1e-6,
    maximumStep: 1,
  }),
  sgd: optimizer(o.sgd, { ...common, momentum: 0.9, dampening: 0, nesterov: true }),
  accumulate: probe(
    ((optimizer: never, every: never) => steps(o.accumulate(optimizer, every))) as Call,
    () => [adam, 2],
    ONES_OWN,
  ),
  movingAverage: probe(
    ((optimizer: never, options: never) => steps(o.movingAverage(optimizer, options))) as Call,
    () => [o.adam(), { momentum: 0.9 }],
    ONES_OWN,
  ),
  groups: probe(
    ((entries: never) => steps(o.groups(entries))) as Call,
    () => [[["w", o.adam()], [/.*/, o.sgd()]]],
  ),
  "groups: one entry": probe(
    ((pattern: never, optimizer: never) => steps(o.groups([[pattern, optimizer]]))) as Call,
    () => [/.*/, o.sgd()],
    ONES_OWN,
  ),
  averagedParameters: probe(
    o.averagedParameters as Call,
    () => [start, o.movingAverage(o.adam()).init(start)],
    { takes: ["argument 0"] },
  ),
  clipByGlobalNorm: probe(o.clipByGlobalNorm as Call, () => [start, 1], { takes: ["argument 0"] }),
  clipByNorm: probe(o.clipByNorm as Call, () => [start, 1], { takes: ["argument 0"] }),
  clipByValue: probe(o.clipByValue as Call, () => [start, 1], { takes: ["argument 0"] }),
  makeOptimizer: probe(
    ((name: never, options: never, definition: never) =>
      steps(o.makeOptimizer(name, options, definition))) as Call,
    () => ["mine", 0.1, {
      slots: ["m"],
      starts: { m: 0 },
      numbers: [],
      scalars: (_step: Variable, rate: Variable) => ({ rate }),
      update: (p: Variable, g: Variable, { m }: { m: Variable }, { rate }: { rate: Variable }) => [
        p.sub(g.mul(rate)),
        { m },
      ],
    }],
  ),
  "adam().init": probe(adam.init as Call, () => [start], { takes: ["argument 0"] }),
  "adam().update": probe(adam.update as Call, () => [start, adam.init(start), start]),
  constantRate: schedule(o.constantRate, 0.1),
  exponentialDecay: schedule(o.exponentialDecay, 0.1, { factor: 0.9, every: 2 }),
  inverseTimeDecay: schedule(o.inverseTimeDecay, 0.1, { factor: 0.9, every: 2, staircase: true }),
  linearDecay: schedule(o.linearDecay, 0.1, { steps: 9, minimum: 0.01 }),
  piecewise: schedule(o.piecewise, { boundaries: [2, 4], rates: [3, 2, 1] }),
  polynomialDecay: schedule(o.polynomialDecay, 0.1, { steps: 9, minimum: 0.01, power: 2, cycle: true }),
  stepDecay: schedule(o.stepDecay, 0.1, { every: 3, factor: 0.5 }),
  cyclic: schedule(o.cyclic, 0.1, { maximum: 1, up: 4, down: 4, mode: "exponential", factor: 0.9 }),
  sequence: schedule(o.sequence, [[0.1, 2], [0.2, 3]]),
  "sequence: one part": probe(
    ((rate: never, steps: never) => o.sequence([[rate, steps], [0.1, 2]])(constant(3))) as Call,
    () => [0.1, 2],
  ),
  warmup: schedule(o.warmup, 0.1, { steps: 4, from: 0.01 }),
  cosineDecay: schedule(o.cosineDecay, 0.1, { steps: 9, minimum: 0.01 }),
  cosineRestarts: schedule(o.cosineRestarts, 0.1, { steps: 9, factor: 2, decay: 0.5, minimum: 0.01 }),
  oneCycle: schedule(o.oneCycle, 0.1, {
    steps: 9,
    rise: 0.3,
    startDivisor: 25,
    endDivisor: 1e4,
    shape: "linear",
    threePhases: true,
  }),
  "a schedule": probe(o.constantRate(0.1) as Call, () => [3]),
  minimize: probe(o.minimize as Call, () => [(x: Variable) => sum(square(sub(x, 3))), [1, 2], {
    method: "lbfgs",
    historySize: 5,
    ...stops,
  }]),
  leastSquares: probe(o.leastSquares as Call, () => [(x: Variable) => sub(x, 3), [1, 2], stops]),
};
