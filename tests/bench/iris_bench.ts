/** Iris, 4-3-1, 30 epochs of full-batch gradient descent, in process: a fresh model, and a step compiled by hand. */
import { compile, constant, valueAndGrad, type Variable } from "../../mod.ts";
import { loadIris, standardScaler } from "../../src/data/mod.ts";
import { dense, sequential } from "../../src/nn/mod.ts";
import { sgd } from "../../src/optim/mod.ts";

const { features, labels } = loadIris({ classes: ["setosa", "versicolor"] });
const x = standardScaler().fitTransform(features);

Deno.bench("Iris, 30 epochs", { warmup: 50 }, async () => {
  const model = sequential([
    dense({ units: 3, activation: "sigmoid" }),
    dense({ units: 1, activation: "sigmoid" }),
  ]);
  model.compile({ optimizer: sgd({ learningRate: 1 }), loss: "binaryCrossentropy", metrics: ["accuracy"] });
  await model.fit(x, labels, { epochs: 30, batchSize: Infinity });
});

type Weights = { readonly w1: Variable; readonly b1: Variable; readonly w2: Variable; readonly b2: Variable };

const lossOf = (p: Weights, x: Variable, y: Variable): Variable =>
  x.matmul(p.w1).add(p.b1).sigmoid().matmul(p.w2).add(p.b2).sigmoidCrossEntropy(y);
const step = (p: Weights, x: Variable, y: Variable): readonly [Weights, Variable] => {
  const [loss, g] = valueAndGrad(lossOf)(p, x, y) as unknown as [Variable, Weights];
  return [{ w1: p.w1.sub(g.w1), b1: p.b1.sub(g.b1), w2: p.w2.sub(g.w2), b2: p.b2.sub(g.b2) }, loss];
};
const start = (...shape: number[]): Variable => {
  const size = shape.reduce((a, b) => a * b, 1);
  return constant(Float64Array.from({ length: size }, (_, i) => Math.sin(i + 1) / 2)).reshape(shape);
};
const [images, classes] = [constant(x).cast("float64"), constant(labels).cast("float64").reshape([100, 1])];
const compiled = compile(step, { donate: [0] });
const weights = (): Weights => ({ w1: start(4, 3), b1: start(3), w2: start(3, 1), b2: start(1) });

Deno.bench("Iris, 30 epochs, compiled step", { warmup: 500 }, () => {
  let p = weights();
  for (let i = 0; i < 30; i++) [p] = compiled(p, images, classes);
});

Deno.bench("Iris, 30 epochs, loop of the compiled step", { warmup: 500 }, () => {
  const loop = compiled.loop(weights());
  for (let i = 0; i < 30; i++) loop.next(images, classes);
});
