/** What compiling takes, and what it gains: emission of a training step, and functions compiled and eager. */
import {
  categoricalCrossEntropy,
  compile,
  constant,
  hvp,
  NdArray,
  valueAndGrad,
  type Variable,
} from "../../mod.ts";
import { randomNumbers } from "../compiler/random_programs.ts";

type Weights = { readonly w1: Variable; readonly b1: Variable; readonly w2: Variable; readonly b2: Variable };

const next = randomNumbers(1);
const random = (...shape: number[]): Variable => {
  const size = shape.reduce((a, b) => a * b, 1);
  return constant(new NdArray(Float32Array.from({ length: size }, () => next() - 0.5), shape));
};

const lossOf = (p: Weights, x: Variable, y: Variable): Variable =>
  categoricalCrossEntropy(y, x.matmul(p.w1).add(p.b1).relu().matmul(p.w2).add(p.b2));
const step = (p: Weights, x: Variable, y: Variable): readonly [Weights, Variable] => {
  const [loss, g] = valueAndGrad(lossOf)(p, x, y) as unknown as [Variable, Weights];
  const descend = (name: keyof Weights): Variable => p[name].sub(g[name].mul(0.1));
  return [{ w1: descend("w1"), b1: descend("b1"), w2: descend("w2"), b2: descend("b2") }, loss];
};
const weights: Weights = { w1: random(784, 128), b1: random(128), w2: random(128, 10), b2: random(10) };
const [x, y] = [random(64, 784), random(64, 10)];

Deno.bench("record and emit a training step, 784-128-10", () => {
  compile(step).lower(weights, x, y);
});

/** Functions with their arguments. */
const functions: { readonly [name: string]: readonly [(...args: never[]) => unknown, readonly unknown[]] } = {
  "training step, 784-128-10, batch 64": [step, [weights, x, y]],
  "value and gradient, 100,000 elements": [
    valueAndGrad((x: Variable) => x.mul(0.8).add(0.1).tanh().square().mul(x.sigmoid()).sum()),
    [random(100_000)],
  ],
  "softmax of 1000 rows": [(x: Variable) => x.softmax(), [random(1000, 100)]],
  "Hessian-vector product, Rosenbrock 1000": [
    hvp((x: Variable) => {
      const [a, b] = [x.slice([0], [999]), x.slice([1], [999])];
      return b.sub(a.square()).square().mul(100).add(a.neg().add(1).square()).sum();
    }),
    [random(1000), random(1000)],
  ],
  "one number": [(x: Variable) => x.mul(x), [constant(1.5)]],
  "small function, 3 elements": [valueAndGrad((x: Variable) => x.square().sum()), [random(3)]],
};

for (const [group, [f, args]] of Object.entries(functions)) {
  const run = f as (...args: unknown[]) => unknown;
  const compiled = compile(run);
  compiled(...args);
  Deno.bench(`${group}: compiled`, { group }, () => void compiled(...args));
  Deno.bench(`${group}: eager`, { group, baseline: true }, () => void run(...args));
}
