/** The cases in TensorFlow.js, on its WebAssembly backend with one thread. All is float32; there are no filter gradients. */
import * as tf from "npm:@tensorflow/tfjs@4.22.0";
import { setThreadsCount, setWasmPaths } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
import {
  ADAM,
  type Batch,
  iris,
  largeNetwork,
  type Layer,
  LEARNING_RATE,
  matrices,
  million,
  rosenbrock,
  smallNetwork,
  type Task,
  type Tasks,
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
  "Iris, 30 epochs": flowers,
};
