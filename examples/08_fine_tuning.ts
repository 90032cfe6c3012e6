/**
 * Fine-tuning a network from an ONNX file: what it has learned from many pictures of some digits helps with others, of
 * which there are only a few. `deno task example:fine-tuning`
 */
import {
  compile,
  constant,
  type NdArray,
  softmaxCrossEntropy,
  valueAndGrad,
  type Variable,
  zeros,
} from "../mod.ts";
import { type Examples, makeDigits } from "../src/data/mod.ts";
import { fromOnnx, toOnnx } from "../src/export/mod.ts";
import { conv2d, dense, flatten, maxPooling2d, type Sequential, sequential } from "../src/nn/mod.ts";
import { adam, type Weights } from "../src/optim/mod.ts";
import { key, normal } from "../src/random/mod.ts";
import { readCount, readFlags } from "./_command_line.ts";

const flags = readFlags(
  `Trains a network on the digits 0 to 4, writes it as an ONNX file, and fine-tunes that to 5 to 9.

Usage: deno task example:fine-tuning [options]
  --examples N     pictures of each new digit (default: 12)
  --help           print this`,
  ["examples"],
);
const few = readCount("examples", flags.examples, 12);

// 1. Somebody else has many pictures of the digits 0 to 4. They train a network, and give away its trunk, which turns a
//    picture into 32 numbers, as an ONNX file: PyTorch and others write such files too.
const old = choose(makeDigits({ count: 6000, size: 20, seed: 1 }), (digit) => digit < 5, Infinity);
const trunk = sequential([
  conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
  maxPooling2d({ poolSize: 2 }),
  conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
  maxPooling2d({ poolSize: 2 }),
  flatten(),
  dense({ units: 32, activation: "relu" }),
], { name: "trunk", seed: 1 });
const whole: Sequential = sequential([trunk, dense({ units: 5, activation: "softmax" })], { seed: 1 })
  .build([20, 20, 1]);
whole.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
await whole.fit(old.features, old.labels, { epochs: 5, batchSize: 32 });
console.log(
  `digits 0 to 4 from ${old.labels.size} pictures, read again: ${
    percent(whole.evaluate(old.features, old.labels)["accuracy"]!)
  }`,
);
const ofTrunk = Object.entries(whole.getWeights()).filter(([name]) => name.startsWith("trunk/"));
trunk.build([20, 20, 1]).setWeights(
  Object.fromEntries(ofTrunk.map(([name, w]) => [name.slice("trunk/".length), w])),
);
const path = await Deno.makeTempFile({ suffix: ".onnx" });
await Deno.writeFile(path, await toOnnx(trunk));

// 2. We have a few pictures of the digits 5 to 9, from a bad camera: with five times as much noise. (With clean ones a
//    start from scratch is as good.) The file becomes parameters and a function of them, made of
//    differentiable operations.
const { parameters, apply } = await fromOnnx(path);
await Deno.remove(path);
const known = Object.values(parameters).reduce((sum, p) => sum + p.size, 0);
console.log(`the file holds ${known} parameters: ${Object.keys(parameters).join(", ")}\n`);
const mine = choose(makeDigits({ count: 1000, size: 20, noise: 0.5, seed: 3 }), (digit) => digit >= 5, few);
const test = choose(
  makeDigits({ count: 1000, size: 20, noise: 0.5, seed: 4 }),
  (digit) => digit >= 5,
  Infinity,
);
const labels = constant(mine.labels).sub(5).oneHot(5); // [B, 5]

// 3. A new last layer on top: 5 shares from 32 numbers.
interface Head {
  readonly kernel: Variable; // [32, 5]
  readonly bias: Variable; // [5]
}
const newHead = (): Head => ({
  kernel: normal(key(9), [32, 5], { standardDeviation: 0.1, dtype: "float32" }),
  bias: zeros([5], { dtype: "float32" }),
});
const scores = (trunk: Weights, head: Head, x: NdArray): Variable =>
  Object.values(apply(trunk, x))[0]!.matmul(head.kernel).add(head.bias);
const accuracy = (trunk: Weights, head: Head): number => {
  const answers = scores(trunk, head, test.features).argMax({ axis: 1 }).add(5);
  return answers.eq(constant(test.labels)).mean().item();
};

// 4. Training is the same for all: some of the weights are those that are differentiated by, the others stay.
function train(
  start: Weights,
  lossOf: (weights: Weights) => Variable,
  learningRate: number,
  steps: number,
): Weights {
  const optimizer = adam({ learningRate });
  const step = compile((weights: Weights, state: ReturnType<typeof optimizer.init>) => {
    const [, gradient] = valueAndGrad(lossOf)(weights);
    return optimizer.update(gradient, state, weights);
  });
  let now = { parameters: start, state: optimizer.init(start) };
  for (let i = 0; i < steps; i++) now = step(now.parameters, now.state);
  return now.parameters;
}
const loss = (trunk: Weights, head: Head): Variable =>
  softmaxCrossEntropy(labels, scores(trunk, head, mine.features));
const headOf = (weights: Weights): Head => ({ kernel: weights["head/kernel"]!, bias: weights["head/bias"]! });
const withHead = (trunk: Weights, { kernel, bias }: Head): Weights => ({
  ...trunk,
  "head/kernel": kernel,
  "head/bias": bias,
});

//    First the head alone: it is new, and its errors would shake up what the trunk knows.
const first = headOf(
  train(withHead({}, newHead()), (weights) => loss(parameters, headOf(weights)), 0.02, 150),
);
console.log(`digits 5 to 9, ${mine.labels.size} pictures:`);
console.log(`the head alone: ${percent(accuracy(parameters, first))} of ${test.labels.size} new pictures`);
//    Then all of it, gently.
const tuned = train(withHead(parameters, first), (weights) => loss(weights, headOf(weights)), 0.001, 60);
console.log(`fine-tuned: ${percent(accuracy(tuned, headOf(tuned)))}`);
//    For comparison: the same network from random weights, on the same pictures.
const blank = Object.fromEntries(
  Object.entries(parameters).map(([name, p], i) => [
    name,
    normal(key(20 + i), p.shape, {
      standardDeviation: p.rank < 2 ? 0 : Math.sqrt(2 * p.shape.at(-1)! / p.size),
      dtype: "float32",
    }),
  ]),
);
const scratch = train(withHead(blank, newHead()), (weights) => loss(weights, headOf(weights)), 0.001, 210);
console.log(`from scratch: ${percent(accuracy(scratch, headOf(scratch)))}`);

/** The first `most` examples of each class that is asked for. */
function choose({ features, labels }: Examples, wanted: (digit: number) => boolean, most: number): Examples {
  const seen = new Map<number, number>();
  const rows = Array.from(labels.data.keys()).filter((i) => {
    const digit = labels.data[i]!;
    seen.set(digit, (seen.get(digit) ?? 0) + 1);
    return wanted(digit) && seen.get(digit)! <= most;
  });
  const pick = (x: NdArray): NdArray => constant(x).gather(rows).toArray();
  return { features: pick(features), labels: pick(labels) };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
