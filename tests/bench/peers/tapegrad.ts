/** The cases in Tapegrad. */
import {
  type BlasChoice,
  categoricalCrossEntropy,
  compile,
  constant,
  conv2d,
  hvp,
  maxPool2d,
  NdArray,
  tape,
  useBlas,
  valueAndGrad,
  type Variable,
  variable,
} from "../../../mod.ts";
import { dense, sequential } from "../../../src/nn/mod.ts";
import { sgd } from "../../../src/optim/mod.ts";
import {
  ADAM,
  type Batch,
  type Classifier,
  convNetwork,
  deepConvNetwork as deepConvCase,
  fitted,
  iris,
  largeNetwork,
  type Layer,
  LEARNING_RATE,
  lstm as lstmCase,
  matrices,
  million,
  rosenbrock,
  smallNetwork,
  type Task,
  type Tasks,
  transformer as transformerCase,
} from "./cases.ts";
import { constants, deepConvNetwork, lstm, transformer, type Weights } from "./tapegrad_networks.ts";

/** What computes large products in the tasks that are made. */
let blas: BlasChoice = false;

const of = (data: Float32Array, ...shape: number[]): Variable => constant(new NdArray(data, shape));

function weightsOf(layers: readonly Layer[]): Weights {
  return Object.fromEntries(layers.flatMap(({ inputs, units, kernel, bias }, i) => [
    [`w${i}`, of(kernel, inputs, units)],
    [`b${i}`, of(bias, units)],
  ]));
}

const map = (f: (...leaves: Variable[]) => Variable, ...trees: Weights[]): Weights =>
  Object.fromEntries(Object.keys(trees[0]!).map((name) => [name, f(...trees.map((tree) => tree[name]!))]));

function logits(p: Weights, x: Variable, layers: number): Variable {
  let h = x;
  for (let i = 0; i < layers; i++) {
    h = h.matmul(p[`w${i}`]!).add(p[`b${i}`]!);
    if (i < layers - 1) h = h.relu();
  }
  return h;
}

type Loss = (p: Weights, x: Variable, y: Variable) => Variable;

/** Trains by plain gradient descent: one compiled function, whose weights stay where they are, or eagerly. */
function descent(
  start: Weights,
  { x, y }: { x: Variable; y: Variable },
  lossOf: Loss,
  eager = false,
): Task {
  const update = (p: Weights, x: Variable, y: Variable): readonly [Weights, Variable] => {
    const [loss, g] = valueAndGrad(lossOf)(p, x, y) as unknown as [Variable, Weights];
    return [map((w, g) => w.sub(g.mul(LEARNING_RATE)), p, g), loss];
  };
  const step = eager ? update : compile(update, { donate: [0], blas });
  let p = start;
  return {
    run() {
      const [next, loss] = step(p, x, y);
      p = next;
      return [loss.item()];
    },
  };
}

const inputs = ({ rows, x, y }: Batch, ...shape: number[]): { x: Variable; y: Variable } => ({
  x: of(x, rows, ...shape),
  y: of(y, rows, 10),
});

function adamNetwork(): Task {
  const { learningRate, beta1, beta2, epsilon } = ADAM;
  const { x, y } = inputs(largeNetwork.batch, 784);
  type State = { readonly p: Weights; readonly m: Weights; readonly v: Weights };
  const lossOf = (p: Weights, x: Variable, y: Variable): Variable =>
    categoricalCrossEntropy(y, logits(p, x, largeNetwork.layers.length));
  // The corrections of both means come from the number of the step.
  const step = compile((s: State, x: Variable, y: Variable, first: Variable, second: Variable) => {
    const [loss, g] = valueAndGrad(lossOf)(s.p, x, y) as unknown as [Variable, Weights];
    const m = map((m, g) => m.mul(beta1).add(g.mul(1 - beta1)), s.m, g);
    const v = map((v, g) => v.mul(beta2).add(g.square().mul(1 - beta2)), s.v, g);
    const p = map(
      (p, m, v) => p.sub(m.mul(first).div(v.mul(second).sqrt().add(epsilon)).mul(learningRate)),
      s.p,
      m,
      v,
    );
    return [{ p, m, v }, loss] as const;
  }, { donate: [0], blas });
  const p = weightsOf(largeNetwork.layers);
  const zeros = map((w) => of(new Float32Array(w.size), ...w.shape), p);
  let s: State = { p, m: zeros, v: zeros };
  let t = 0;
  const narrow = (value: number): Variable => constant(value, { dtype: "float32" });
  return {
    run() {
      t++;
      const [next, loss] = step(s, x, y, narrow(1 / (1 - beta1 ** t)), narrow(1 / (1 - beta2 ** t)));
      s = next;
      return [loss.item()];
    },
  };
}

function classifier({ weights, batch }: Classifier, lossOf: Loss): Task {
  return descent(constants(weights), constants(batch) as { x: Variable; y: Variable }, lossOf);
}

const smallLoss: Loss = (p, x, y) => categoricalCrossEntropy(y, logits(p, x, smallNetwork.layers.length));

function product(n: number, eager = false): Task {
  const [a, b] = matrices[n]!;
  const multiply = (x: Variable, y: Variable): Variable => x.matmul(y);
  const f = eager ? multiply : compile(multiply, { blas });
  const [x, y] = [of(a, n, n), of(b, n, n)];
  return { run: () => f(x, y).data };
}

function elementwise(): Task {
  const f = compile(
    valueAndGrad((x: Variable, w: Variable, b: Variable) =>
      x.mul(w).add(b).tanh().square().mul(x.sigmoid()).sum()
    ),
  );
  const x = of(million.x, million.x.length);
  const [w, b] = [million.w, million.b].map((c) => constant(c, { dtype: "float32" })) as [Variable, Variable];
  return {
    run() {
      const [value, gradient] = f(x, w, b);
      return [value.item() / x.size, ...gradient.data.subarray(0, 8)];
    },
  };
}

function rosenbrockOf(x: Variable): Variable {
  const n = x.size - 1;
  const [a, b] = [x.slice([0], [n]), x.slice([1], [n])];
  return b.sub(a.square()).square().mul(100).add(a.neg().add(1).square()).sum();
}

function curvature(): Task {
  const f = compile(hvp(rosenbrockOf));
  const [x, v] = [constant(rosenbrock.x), constant(rosenbrock.v)];
  return { run: () => f(x, v).data };
}

function convolution(): Task {
  const { filters, bias, dense, batch } = convNetwork;
  const start: Weights = {
    filters: of(filters, 3, 3, 1, 8),
    bias: of(bias, 8),
    w: of(dense.kernel, dense.inputs, dense.units),
    b: of(dense.bias, dense.units),
  };
  return descent(start, inputs(batch, 28, 28, 1), (p, x, y) => {
    const seen = maxPool2d(conv2d(x, p["filters"]!).add(p["bias"]!).relu(), 2);
    return categoricalCrossEntropy(y, seen.reshape([batch.rows, dense.inputs]).matmul(p["w"]!).add(p["b"]!));
  });
}

/** By a compiled step, as the peers do it. */
function flowers(): Task {
  const [x, y] = [of(iris.batch.x, iris.batch.rows, 4), of(iris.batch.y, iris.batch.rows, 1)];
  const lossOf = (p: Weights, x: Variable, y: Variable): Variable => {
    const scores = x.matmul(p["w0"]!).add(p["b0"]!).sigmoid().matmul(p["w1"]!).add(p["b1"]!);
    return scores.softplus().sub(scores.mul(y)).mean();
  };
  const step = compile((p: Weights, x: Variable, y: Variable) => {
    const [loss, g] = valueAndGrad(lossOf)(p, x, y) as unknown as [Variable, Weights];
    return [map((w, g) => w.sub(g.mul(iris.learningRate)), p, g), loss] as const;
  }, { donate: [0] });
  const start = weightsOf(iris.layers);
  return {
    run() {
      let p = start;
      return Array.from({ length: iris.epochs }, () => {
        const [next, loss] = step(p, x, y);
        p = next;
        return loss.item();
      });
    },
  };
}

/** By `model.fit`, with the accuracy of every epoch. */
function fittedFlowers(): Task {
  const model = sequential([
    dense({ units: 3, activation: "sigmoid" }),
    dense({ units: 1, activation: "sigmoid" }),
  ]).build([4]);
  model.compile({
    optimizer: sgd({ learningRate: iris.learningRate }),
    loss: "binaryCrossentropy",
    metrics: ["accuracy"],
  });
  const [x, y] = [of(iris.batch.x, iris.batch.rows, 4), of(iris.batch.y, iris.batch.rows)];
  const weights = Object.fromEntries(iris.layers.flatMap((l, i) => {
    const name = i === 0 ? "dense" : `dense_${i}`;
    return [[`${name}/kernel`, of(l.kernel, l.inputs, l.units)], [`${name}/bias`, of(l.bias, l.units)]];
  }));
  return {
    async run() {
      model.setWeights(weights);
      const { history } = await model.fit(x, y, { epochs: iris.epochs, batchSize: "full" });
      return history["loss"]!;
    },
  };
}

/** By `model.fit` in batches, without shuffling; the loss of the epoch. */
function fittedNetwork(): Task {
  const model = sequential([
    dense({ units: 128, activation: "relu" }),
    dense({ units: 10, activation: "softmax" }),
  ]).build([784]);
  model.compile({ optimizer: sgd({ learningRate: LEARNING_RATE }), loss: "categoricalCrossentropy", blas });
  const [first, second] = smallNetwork.layers as [Layer, Layer];
  model.setWeights({
    "dense/kernel": of(first.kernel, 784, 128),
    "dense/bias": of(first.bias, 128),
    "dense_1/kernel": of(second.kernel, 128, 10),
    "dense_1/bias": of(second.bias, 10),
  });
  const [x, y] = [of(fitted.x, fitted.rows, 784), of(fitted.y, fitted.rows, 10)];
  return {
    async run() {
      const { history } = await model.fit(x, y, { batchSize: fitted.size, shuffle: false });
      return history["loss"]!;
    },
  };
}

/** The Rosenbrock function written with single numbers. */
function scalarRosenbrock(x: readonly Variable[]): Variable {
  let sum: Variable = constant(0);
  for (let i = 0; i + 1 < x.length; i++) {
    const a = x[i]!.neg().add(1);
    const b = x[i + 1]!.sub(x[i]!.mul(x[i]!));
    sum = sum.add(a.mul(a)).add(b.mul(b).mul(100));
  }
  return sum;
}

/** How many rows the scalar Rosenbrock function records, the inputs included. */
export function scalarRows(): number {
  tape.clear();
  scalarRosenbrock(Array.from(rosenbrock.x, (x) => variable(x)));
  const rows = tape.length;
  tape.clear();
  return rows;
}

function scalars(): Task {
  const n = rosenbrock.x.length;
  const f = compile(
    valueAndGrad((x: Variable) =>
      scalarRosenbrock(Array.from({ length: n }, (_, i) => x.slice([i], [1]).reshape([])))
    ),
  );
  const x = constant(rosenbrock.x);
  return {
    run() {
      const [value, gradient] = f(x);
      return [value.item(), ...gradient.data.subarray(0, 8)];
    },
  };
}

/** The same in plain JavaScript, value and gradient by hand: what there is to reach. */
function plainScalars(): Task {
  const { x } = rosenbrock;
  return {
    run() {
      const gradient = new Float64Array(x.length);
      let sum = 0;
      for (let i = 0; i + 1 < x.length; i++) {
        const a = 1 - x[i]!;
        const b = x[i + 1]! - x[i]! * x[i]!;
        sum += a * a + 100 * b * b;
        gradient[i]! += -2 * a - 400 * x[i]! * b;
        gradient[i + 1]! += 200 * b;
      }
      return [sum, ...gradient.subarray(0, 8)];
    },
  };
}

export const plainTasks: Tasks = { "scalar Rosenbrock 1000, value and gradient": plainScalars };

export const tapegradTasks: Tasks = {
  "MLP 784-128-10, batch 64, SGD": () =>
    descent(weightsOf(smallNetwork.layers), inputs(smallNetwork.batch, 784), smallLoss),
  "MLP 784-512-512-10, batch 128, Adam": adamNetwork,
  "matmul 256": () => product(256),
  "matmul 512": () => product(512),
  "matmul 1024": () => product(1024),
  "value and gradient, a million elements": elementwise,
  "Hessian-vector product, Rosenbrock 1000": curvature,
  "conv net 28x28x1, batch 32, SGD": convolution,
  "conv net of 32 and 64 channels, batch 32, SGD": () => classifier(deepConvCase, deepConvNetwork),
  "transformer of 4 blocks, 8 rows of 64 x 128, SGD": () => classifier(transformerCase, transformer),
  "LSTM of 128 units, 32 rows of 50 steps, SGD": () => classifier(lstmCase, lstm),
  "fit, MLP 784-128-10, 20 batches of 64": fittedNetwork,
  "eager MLP 784-128-10, batch 64, SGD": () =>
    descent(weightsOf(smallNetwork.layers), inputs(smallNetwork.batch, 784), smallLoss, true),
  "eager matmul 64": () => product(64, true),
  "eager matmul 512": () => product(512, true),
  "Iris, 30 epochs": flowers,
  "Iris, 30 epochs, model.fit": fittedFlowers,
  "scalar Rosenbrock 1000, value and gradient": scalars,
};

/** Those of them that multiply matrices, by the native library of the machine. */
export const nativeTasks: Tasks = Object.fromEntries(
  Object.entries(tapegradTasks).filter(([name]) => /MLP|matmul|conv|transformer|LSTM/.test(name)).map((
    [name, make],
  ) => [name, async () => {
    blas = "auto";
    try {
      const { run } = await make();
      return name.startsWith("eager") ? { run: () => natively(run) } : { run };
    } finally {
      blas = false;
    }
  }]),
);

/** Runs something while also products outside of compiled functions go by the library. */
function natively<R>(run: () => R): R {
  useBlas("auto");
  try {
    return run();
  } finally {
    useBlas(false);
  }
}
