/**
 * The cases in jax-js, on its WebAssembly device. Its functions use up the arrays they are given, unless it is a
 * `ref`. Read at once, it runs on one thread; awaited, on workers.
 */
import {
  type Array as JaxArray,
  defaultDevice,
  grad,
  init,
  jit,
  jvp,
  lax,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from "npm:@jax-js/jax@0.1.25";
import {
  ADAM,
  type Batch,
  type Classifier,
  convNetwork,
  deepConvNetwork as deepConvCase,
  iris,
  largeNetwork,
  type Layer,
  LEARNING_RATE,
  lstm as lstmCase,
  matrices,
  million,
  type Result,
  rosenbrock,
  smallNetwork,
  type Task,
  type Tasks,
  type Tensors,
  transformer as transformerCase,
} from "./cases.ts";
import { channelsFirst, crossEntropy, deepConvNetwork, lstm, transformer } from "./jax_networks.ts";

type Weights = { [name: string]: JaxArray };

await init("wasm");
defaultDevice("wasm");

const of = (data: Float32Array, ...shape: number[]): JaxArray =>
  np.array(data as Float32Array<ArrayBuffer>).reshape(shape);

function weightsOf(layers: readonly Layer[]): Weights {
  return Object.fromEntries(layers.flatMap(({ inputs, units, kernel, bias }, i) => [
    [`w${i}`, of(kernel, inputs, units)],
    [`b${i}`, of(bias, units)],
  ]));
}

/** Applies f to the leaves of trees, which it uses up. */
const map = (f: (...leaves: JaxArray[]) => JaxArray, ...trees: Weights[]): Weights =>
  Object.fromEntries(Object.keys(trees[0]!).map((name) => [name, f(...trees.map((t) => t[name]!))]));

function logits(p: Weights, x: JaxArray, layers: number): JaxArray {
  let h = x;
  for (let i = 0; i < layers; i++) {
    h = np.matmul(h, p[`w${i}`]!).add(p[`b${i}`]!);
    if (i < layers - 1) h = nn.relu(h);
  }
  return h;
}

const tensorsOf = (tensors: Tensors): Weights =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data, shape }]) => [name, of(data, ...shape)]));

/** Makes the tasks: `workers` says whether results are awaited. */
export function jaxTasks(workers: boolean): Tasks {
  const read = (x: JaxArray): Result | Promise<Result> =>
    (workers ? x.data() : x.dataSync()) as Result | Promise<Result>;

  const descent = (
    start: Weights,
    { x, y }: { x: JaxArray; y: JaxArray },
    lossOf: (p: Weights, x: JaxArray, y: JaxArray) => JaxArray,
    eager = false,
  ): Task => {
    const update = (p: Weights, x: JaxArray, y: JaxArray): [Weights, JaxArray] => {
      const [loss, g] = valueAndGrad(lossOf)(tree.ref(p), x, y) as unknown as [JaxArray, Weights];
      return [map((w, g) => w.sub(g.mul(LEARNING_RATE)), p, g), loss];
    };
    const step = eager ? update : jit(update);
    let p = start;
    return {
      run() {
        const [next, loss] = step(p, x.ref, y.ref) as [Weights, JaxArray];
        p = next;
        return read(loss);
      },
    };
  };

  const inputs = ({ rows, x, y }: Batch, ...shape: number[]): { x: JaxArray; y: JaxArray } => ({
    x: of(x, rows, ...shape),
    y: of(y, rows, 10),
  });

  const adamNetwork = (): Task => {
    const { learningRate, beta1, beta2, epsilon } = ADAM;
    const { x, y } = inputs(largeNetwork.batch, 784);
    type State = { p: Weights; m: Weights; v: Weights };
    const lossOf = (p: Weights, x: JaxArray, y: JaxArray): JaxArray =>
      crossEntropy(logits(p, x, largeNetwork.layers.length), y);
    const step = jit(
      (s: State, x: JaxArray, y: JaxArray, first: JaxArray, second: JaxArray): [State, JaxArray] => {
        const [loss, g] = valueAndGrad(lossOf)(tree.ref(s.p), x, y) as unknown as [JaxArray, Weights];
        const m = map((m, g) => m.mul(beta1).add(g.mul(1 - beta1)), s.m, tree.ref(g));
        const v = map((v, g) => v.mul(beta2).add(np.square(g).mul(1 - beta2)), s.v, g);
        const p = map(
          (p, m, v) => p.sub(m.mul(first.ref).div(np.sqrt(v.mul(second.ref)).add(epsilon)).mul(learningRate)),
          s.p,
          tree.ref(m),
          tree.ref(v),
        );
        first.dispose();
        second.dispose();
        return [{ p, m, v }, loss];
      },
    );
    const p = weightsOf(largeNetwork.layers);
    const zeros = (): Weights => map((w) => np.zeros(w.shape), p);
    let s: State = { p, m: zeros(), v: zeros() };
    let t = 0;
    return {
      run() {
        t++;
        const [next, loss] = step(s, x.ref, y.ref, 1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)) as [
          State,
          JaxArray,
        ];
        s = next;
        return read(loss);
      },
    };
  };

  const classifier = (
    { weights, batch }: Classifier,
    lossOf: (p: Weights, x: JaxArray, y: JaxArray) => JaxArray,
  ): Task => descent(tensorsOf(weights), tensorsOf(batch) as { x: JaxArray; y: JaxArray }, lossOf);

  const deepConvolution = (): Task => {
    const { weights, batch } = deepConvCase;
    const { filters, bias, filters2, bias2, w, b } = tensorsOf(weights) as Record<
      keyof typeof weights,
      JaxArray
    >;
    const start: Weights = {
      filters: filters!.transpose([3, 2, 0, 1]),
      bias: bias!.reshape([32, 1, 1]),
      filters2: filters2!.transpose([3, 2, 0, 1]),
      bias2: bias2!.reshape([64, 1, 1]),
      w: of(channelsFirst(weights["w"]!.data, 64, 12 * 12), 12 * 12 * 64, 10),
      b: b!,
    };
    w!.dispose();
    const x = of(batch["x"]!.data, 32, 1, 28, 28);
    return descent(start, { x, y: of(batch["y"]!.data, 32, 10) }, deepConvNetwork);
  };

  const smallLoss = (p: Weights, x: JaxArray, y: JaxArray): JaxArray =>
    crossEntropy(logits(p, x, smallNetwork.layers.length), y);

  const product = (n: number, eager = false): Task => {
    const [a, b] = matrices[n]!;
    const [x, y] = [of(a, n, n), of(b, n, n)];
    const multiply = (x: JaxArray, y: JaxArray): JaxArray => np.matmul(x, y);
    const f = eager ? multiply : jit(multiply);
    return { run: () => read(f(x.ref, y.ref)) };
  };

  const elementwise = (): Task => {
    const f = jit(
      valueAndGrad((x: JaxArray, w: JaxArray, b: JaxArray) =>
        np.square(np.tanh(x.ref.mul(w).add(b))).mul(nn.sigmoid(x)).sum()
      ),
    );
    const x = of(million.x, million.x.length);
    return {
      run() {
        const [value, gradient] = f(x.ref, million.w, million.b) as [JaxArray, JaxArray];
        const join = (value: Result, gradient: Result): Result => [
          value[0]! / million.x.length,
          ...(gradient as Float32Array).subarray(0, 8),
        ];
        return workers
          ? Promise.all([read(value), read(gradient)]).then(([v, g]) => join(v, g))
          : join(read(value) as Result, read(gradient) as Result);
      },
    };
  };

  const rosenbrockOf = (x: JaxArray): JaxArray => {
    const n = x.shape[0]!;
    const [a, b] = [x.ref.slice([0, n - 1]), x.slice([1, n])];
    return np.square(b.sub(np.square(a.ref))).mul(100).add(np.square(a.mul(-1).add(1))).sum();
  };

  const curvature = (): Task => {
    const f = jit((x: JaxArray, v: JaxArray) => {
      const [gradient, product] = jvp(grad(rosenbrockOf), [x], [v]) as [JaxArray, JaxArray];
      gradient.dispose();
      return product;
    });
    const [x, v] = [rosenbrock.x, rosenbrock.v].map((data) =>
      np.array(data as Float64Array<ArrayBuffer>, { dtype: np.float64 })
    ) as [
      JaxArray,
      JaxArray,
    ];
    return { run: () => read(f(x.ref, v.ref)) };
  };

  const convolution = (): Task => {
    const { filters, bias, dense, batch } = convNetwork;
    // Channels stand first here, so the rows of the dense layer are in another order.
    const kernel = channelsFirst(dense.kernel, 8, 13 * 13);
    const start: Weights = {
      filters: of(filters, 3, 3, 1, 8).transpose([3, 2, 0, 1]),
      bias: of(bias, 8, 1, 1),
      w: of(kernel, dense.inputs, dense.units),
      b: of(dense.bias, dense.units),
    };
    return descent(start, inputs(batch, 1, 28, 28), (p, x, y) => {
      const seen = nn.relu(lax.conv(x, p["filters"]!, [1, 1], "VALID").add(p["bias"]!));
      const pooled = seen.reshape([batch.rows, 8, 13, 2, 13, 2]).max([3, 5]).reshape([
        batch.rows,
        dense.inputs,
      ]);
      return crossEntropy(np.matmul(pooled, p["w"]!).add(p["b"]!), y);
    });
  };

  const flowers = (): Task => {
    const lossOf = (p: Weights, x: JaxArray, y: JaxArray): JaxArray => {
      const hidden = nn.sigmoid(np.matmul(x, p["w0"]!).add(p["b0"]!));
      const scores = np.matmul(hidden, p["w1"]!).add(p["b1"]!);
      return nn.softplus(scores.ref).sub(scores.mul(y)).mean();
    };
    const step = jit((p: Weights, x: JaxArray, y: JaxArray): [Weights, JaxArray] => {
      const [loss, g] = valueAndGrad(lossOf)(tree.ref(p), x, y) as unknown as [JaxArray, Weights];
      return [map((w, g) => w.sub(g.mul(iris.learningRate)), p, g), loss];
    });
    const [x, y] = [of(iris.batch.x, iris.batch.rows, 4), of(iris.batch.y, iris.batch.rows, 1)];
    const start = weightsOf(iris.layers);
    return {
      async run() {
        let p = tree.ref(start);
        const losses: number[] = [];
        for (let epoch = 0; epoch < iris.epochs; epoch++) {
          const [next, loss] = step(p, x.ref, y.ref) as [Weights, JaxArray];
          p = next;
          const value = read(loss);
          losses.push((value instanceof Promise ? await value : value)[0]!);
        }
        tree.dispose(p);
        return losses;
      },
    };
  };

  return {
    "MLP 784-128-10, batch 64, SGD": () =>
      descent(weightsOf(smallNetwork.layers), inputs(smallNetwork.batch, 784), smallLoss),
    "MLP 784-512-512-10, batch 128, Adam": adamNetwork,
    "matmul 256": () => product(256),
    "matmul 512": () => product(512),
    "matmul 1024": () => product(1024),
    "value and gradient, a million elements": elementwise,
    "Hessian-vector product, Rosenbrock 1000": curvature,
    "conv net 28x28x1, batch 32, SGD": convolution,
    "conv net of 32 and 64 channels, batch 32, SGD": deepConvolution,
    "transformer of 4 blocks, 8 rows of 64 x 128, SGD": () => classifier(transformerCase, transformer),
    "LSTM of 128 units, 32 rows of 50 steps, SGD": () => classifier(lstmCase, lstm),
    "eager MLP 784-128-10, batch 64, SGD": () =>
      descent(weightsOf(smallNetwork.layers), inputs(smallNetwork.batch, 784), smallLoss, true),
    "eager matmul 64": () => product(64, true),
    "eager matmul 512": () => product(512, true),
    "Iris, 30 epochs": flowers,
  };
}
