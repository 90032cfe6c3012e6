/** The cases in TensorFlow.js, on its WebAssembly backend with one thread. All is float32; there are no filter gradients. */
import * as tf from "npm:@tensorflow/tfjs@4.22.0";
import { setThreadsCount, setWasmPaths } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
import {
  ADAM,
  type Batch,
  type Classifier,
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
  type Tensors,
} from "./cases.ts";

setWasmPaths(
  decodeURIComponent(new URL("./", import.meta.resolve("npm:@tensorflow/tfjs-backend-wasm@4.22.0")).pathname),
);
setThreadsCount(1);
await tf.setBackend("wasm");
await tf.ready();
if (tf.getBackend() !== "wasm") {
  throw new TypeError("Cannot compare: TensorFlow.js has no WebAssembly backend here");
}

interface Dense {
  readonly kernel: tf.Variable;
  readonly bias: tf.Variable;
}

const variablesOf = (layers: readonly Layer[]): Dense[] =>
  layers.map(({ inputs, units, kernel, bias }) => ({
    kernel: tf.variable(tf.tensor2d(kernel, [inputs, units])),
    bias: tf.variable(tf.tensor1d(bias)),
  }));

function logits(layers: readonly Dense[], x: tf.Tensor): tf.Tensor {
  return layers.reduce((h, { kernel, bias }, i) => {
    const scores = tf.add(tf.matMul(h as tf.Tensor2D, kernel as unknown as tf.Tensor2D), bias);
    return i < layers.length - 1 ? tf.relu(scores) : scores;
  }, x);
}

function training(layers: readonly Layer[], { rows, x, y }: Batch, optimizer: tf.Optimizer): Task {
  const variables = variablesOf(layers);
  const [xs, ys] = [tf.tensor2d(x, [rows, layers[0]!.inputs]), tf.tensor2d(y, [rows, 10])];
  return {
    run() {
      const loss = optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(ys, logits(variables, xs)) as tf.Scalar,
        true,
      )!;
      const value = loss.dataSync();
      loss.dispose();
      return value;
    },
  };
}

type Weights = Readonly<Record<string, tf.Variable>>;

/** Trains a classifier by plain gradient descent. */
function classifier({ weights, batch }: Classifier, scoresOf: (p: Weights, x: tf.Tensor) => tf.Tensor): Task {
  const of = ({ data, shape }: Tensors[string]): tf.Tensor => tf.tensor(data, [...shape]);
  const variables = Object.fromEntries(
    Object.entries(weights).map(([name, w]) => [name, tf.variable(of(w))]),
  );
  const [x, y] = [of(batch["x"]!), of(batch["y"]!)];
  const optimizer = tf.train.sgd(LEARNING_RATE);
  return {
    run() {
      const loss = optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(y, scoresOf(variables, x)) as tf.Scalar,
        true,
      )!;
      const value = loss.dataSync();
      loss.dispose();
      return value;
    },
  };
}

/** `x` is `[B, T, features]`. */
function lstmScores(p: Weights, x: tf.Tensor): tf.Tensor {
  const multiply = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D);
  const rows = x.shape[0]!;
  let hidden: tf.Tensor = tf.zeros([rows, lstmCase.units]);
  let cell: tf.Tensor = hidden;
  for (const step of tf.unstack(x, 1)) {
    const gates = tf.add(tf.add(multiply(step, p["kernel"]!), multiply(hidden, p["recurrent"]!)), p["bias"]!);
    const [i, f, candidate, o] = tf.split(gates, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    cell = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(candidate)));
    hidden = tf.mul(tf.sigmoid(o), tf.tanh(cell));
  }
  return tf.add(multiply(hidden, p["w"]!), p["b"]!);
}

/** By `model.fit` in batches, without shuffling; the loss of the epoch. */
function fittedNetwork(): Task {
  const [first, second] = smallNetwork.layers as [Layer, Layer];
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [784], units: 128, activation: "relu" }),
      tf.layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(LEARNING_RATE), loss: "categoricalCrossentropy" });
  model.setWeights([
    tf.tensor2d(first.kernel, [784, 128]),
    tf.tensor1d(first.bias),
    tf.tensor2d(second.kernel, [128, 10]),
    tf.tensor1d(second.bias),
  ]);
  const [x, y] = [tf.tensor2d(fitted.x, [fitted.rows, 784]), tf.tensor2d(fitted.y, [fitted.rows, 10])];
  return {
    async run() {
      const { history } = await model.fit(x, y, { batchSize: fitted.size, shuffle: false, verbose: 0 });
      return history["loss"] as number[];
    },
  };
}

function product(n: number): Task {
  const [x, y] = matrices[n]!.map((data) => tf.tensor2d(data, [n, n])) as [tf.Tensor2D, tf.Tensor2D];
  return {
    run() {
      const out = tf.matMul(x, y);
      const data = out.dataSync();
      out.dispose();
      return data;
    },
  };
}

function elementwise(): Task {
  const x = tf.tensor1d(million.x);
  const f = tf.valueAndGrad((x: tf.Tensor) =>
    tf.sum(tf.mul(tf.square(tf.tanh(tf.add(tf.mul(x, million.w), million.b))), tf.sigmoid(x)))
  );
  return {
    run() {
      const { value, grad } = tf.tidy(() => f(x));
      const result = [value.dataSync()[0]! / x.size, ...(grad.dataSync() as Float32Array).subarray(0, 8)];
      tf.dispose([value, grad]);
      return result;
    },
  };
}

function curvature(): Task {
  const [x, v] = [tf.tensor1d(Array.from(rosenbrock.x)), tf.tensor1d(Array.from(rosenbrock.v))];
  const f = (x: tf.Tensor): tf.Scalar => {
    const n = x.size - 1;
    const [a, b] = [tf.slice(x, [0], [n]), tf.slice(x, [1], [n])];
    return tf.sum(
      tf.add(tf.mul(tf.square(tf.sub(b, tf.square(a))), 100), tf.square(tf.add(tf.neg(a), 1))),
    );
  };
  const product = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.grad(f)(x), v)));
  return {
    run() {
      const out = tf.tidy(() => product(x));
      const data = out.dataSync();
      out.dispose();
      return data;
    },
  };
}

function flowers(): Task {
  const variables = variablesOf(iris.layers);
  const start = iris.layers.map(({ inputs, units, kernel, bias }) => ({
    kernel: tf.tensor2d(kernel, [inputs, units]),
    bias: tf.tensor1d(bias),
  }));
  const [x, y] = [
    tf.tensor2d(iris.batch.x, [iris.batch.rows, 4]),
    tf.tensor2d(iris.batch.y, [iris.batch.rows, 1]),
  ];
  const optimizer = tf.train.sgd(iris.learningRate);
  const lossOf = (): tf.Scalar => {
    const [first, second] = variables as [Dense, Dense];
    const hidden = tf.sigmoid(tf.add(tf.matMul(x, first.kernel as unknown as tf.Tensor2D), first.bias));
    const scores = tf.add(
      tf.matMul(hidden as tf.Tensor2D, second.kernel as unknown as tf.Tensor2D),
      second.bias,
    );
    return tf.losses.sigmoidCrossEntropy(y, scores) as tf.Scalar;
  };
  return {
    run() {
      variables.forEach(({ kernel, bias }, i) => {
        kernel.assign(tf.clone(start[i]!.kernel));
        bias.assign(tf.clone(start[i]!.bias));
      });
      return Array.from({ length: iris.epochs }, () => {
        const loss = optimizer.minimize(lossOf, true)!;
        const value = loss.dataSync()[0]!;
        loss.dispose();
        return value;
      });
    },
  };
}

export const tfjsTasks: Tasks = {
  "MLP 784-128-10, batch 64, SGD": () =>
    training(smallNetwork.layers, smallNetwork.batch, tf.train.sgd(LEARNING_RATE)),
  "MLP 784-512-512-10, batch 128, Adam": () =>
    training(
      largeNetwork.layers,
      largeNetwork.batch,
      tf.train.adam(ADAM.learningRate, ADAM.beta1, ADAM.beta2, ADAM.epsilon),
    ),
  "matmul 256": () => product(256),
  "matmul 512": () => product(512),
  "matmul 1024": () => product(1024),
  "value and gradient, a million elements": elementwise,
  "Hessian-vector product, Rosenbrock 1000": curvature,
  "LSTM of 128 units, 32 rows of 50 steps, SGD": () => classifier(lstmCase, lstmScores),
  "fit, MLP 784-128-10, 20 batches of 64": fittedNetwork,
  "eager MLP 784-128-10, batch 64, SGD": () =>
    training(smallNetwork.layers, smallNetwork.batch, tf.train.sgd(LEARNING_RATE)),
  "eager matmul 64": () => product(64),
  "eager matmul 512": () => product(512),
  "Iris, 30 epochs": flowers,
};
