/**
 * Large programs in one thread and in two. Besides the times, prints how many times faster two threads are, by the
 * fastest runs: `deno bench -A tests/bench/threads_bench.ts`.
 */
import {
  compile,
  constant,
  conv2d,
  cumSum,
  gather,
  grad,
  layerNorm,
  maxPool2d,
  softmax,
  sort,
  valueAndGrad,
  type Variable,
} from "../../mod.ts";

/** Numbers between -1 and 1. */
function numbers(...shape: number[]): Variable {
  const size = shape.reduce((product, n) => product * n, 1);
  return constant(Float32Array.from({ length: size }, (_, i) => Math.sin(12.9898 * i))).reshape(shape);
}

interface Case {
  readonly name: string;
  /** Compiles for some threads; what it returns runs once. */
  readonly start: (threads: number) => () => void;
}

const MILLION = 1_000_000;

/** The value and gradient of a large expression, compiled with or without the factors that stay the same. */
function expression(factors: "passed" | "kept"): (threads: number) => () => void {
  const [x, w, b] = [numbers(MILLION), numbers(MILLION), numbers(MILLION)] as const;
  const loss = (x: Variable, w: Variable, b: Variable): Variable =>
    x.mul(w).add(b).tanh().square().mul(x.sigmoid()).sum();
  return (threads) => {
    if (factors === "passed") {
      const f = compile(valueAndGrad(loss), { threads });
      return () => void f(x, w, b);
    }
    const f = compile(valueAndGrad((x: Variable) => loss(x, w, b)), { threads });
    return () => void f(x);
  };
}

function product(n: number): (threads: number) => () => void {
  const [x, y] = [numbers(n, n), numbers(n, n)];
  return (threads) => {
    const f = compile((x: Variable, y: Variable) => x.matmul(y), { threads });
    return () => void f(x, y);
  };
}

/** A function of some operands; with its gradient by the first if it is a loss. */
function of(
  f: (...operands: Variable[]) => Variable,
  ...operands: Variable[]
): (threads: number) => () => void {
  return (threads) => {
    const g = compile(f, { threads });
    return () => void g(...operands);
  };
}

/** The gradient by the first operand of a sum with the last as weights. */
function slope(f: (...operands: Variable[]) => Variable): (...operands: Variable[]) => Variable {
  return (x, ...others) =>
    grad((x: Variable) => f(x, ...others.slice(0, -1)).mul(others.at(-1)!).sum())(x!) as Variable;
}

const convolution = (x: Variable, w: Variable): Variable => conv2d(x, w, { padding: "same" });
const pooling = (x: Variable): Variable => maxPool2d(x, 2);
const [images, filters, results] = [numbers(32, 28, 28, 32), numbers(3, 3, 32, 64), numbers(32, 28, 28, 64)];
const places = constant(Float64Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 100_000));

/** A step of Adam for the network 784-512-512-10 on 128 examples, with weights that stay in memory. */
function network(threads: number): () => void {
  const widths = [784, 512, 512, 10];
  const weights = widths.slice(1).flatMap((units, i) => [
    numbers(widths[i]!, units).mul(0.05),
    numbers(units).mul(0),
  ]);
  const [x, labels] = [numbers(128, 784), numbers(128, 10)];
  const loss = (weights: readonly Variable[], x: Variable, labels: Variable): Variable => {
    let y = x;
    for (let i = 0; i < weights.length; i += 2) {
      y = y.matmul(weights[i]!).add(weights[i + 1]!);
      if (i + 2 < weights.length) y = y.relu();
    }
    return y.sub(labels).square().mean();
  };
  const step = (state: Variable[][], x: Variable, labels: Variable): Variable[][] => {
    const [weights, means, squares] = state as [Variable[], Variable[], Variable[]];
    const slopes = grad(loss)(weights, x, labels) as Variable[];
    const nextMeans = means.map((m, i) => m.mul(0.9).add(slopes[i]!.mul(0.1)));
    const nextSquares = squares.map((s, i) => s.mul(0.999).add(slopes[i]!.square().mul(0.001)));
    const moved = weights.map((w, i) =>
      w.sub(nextMeans[i]!.mul(0.01).div(nextSquares[i]!.mul(1000).sqrt().add(1e-7)))
    );
    return [moved, nextMeans, nextSquares];
  };
  const f = compile(step, { threads, donate: [0] });
  const zeros = (): Variable[] => weights.map((w) => w.mul(0));
  let state = [weights.map((w) => w.mul(1)), zeros(), zeros()];
  return () => {
    state = f(state, x, labels);
  };
}

const CASES: readonly Case[] = [
  { name: "matmul 1024", start: product(1024) },
  { name: "matmul 256", start: product(256) },
  { name: "value and gradient of a million, all passed", start: expression("passed") },
  { name: "value and gradient of a million, factors kept", start: expression("kept") },
  { name: "step of 784-512-512-10", start: network },
  { name: "convolution of 32 images", start: of(convolution, images, filters) },
  { name: "its gradient by the images", start: of(slope(convolution), images, filters, results) },
  {
    name: "its gradient by the filters",
    start: of(slope((w, x) => convolution(x!, w!)), filters, images, results),
  },
  { name: "max pooling", start: of(pooling, images) },
  { name: "max pooling with its gradient", start: of(slope(pooling), images, numbers(32, 14, 14, 32)) },
  { name: "softmax of 4096 x 512", start: of((x) => softmax(x!), numbers(4096, 512)) },
  {
    name: "layer norm with its gradient",
    start: of(slope((x) => layerNorm(x!)), numbers(4096, 512), numbers(4096, 512)),
  },
  { name: "transposing 2000 x 1000", start: of((x) => x!.transpose().add(0), numbers(2000, 1000)) },
  { name: "200,000 rows of 16 by place", start: of((x, i) => gather(x!, i!), numbers(100_000, 16), places) },
  { name: "sorting a million", start: of((x) => sort(x!), numbers(MILLION)) },
  { name: "running sums of 1000 rows", start: of((x) => cumSum(x!, { axis: 1 }), numbers(1000, 1000)) },
];

const fastest = new Map<string, number>();

for (const { name, start } of CASES) {
  for (const threads of [1, 2]) {
    let run: (() => void) | undefined;
    const title = `${name}, ${threads === 1 ? "one thread" : "two threads"}`;
    Deno.bench(title, { group: name, baseline: threads === 1 }, () => {
      run ??= start(threads);
      const from = performance.now();
      run();
      fastest.set(title, Math.min(performance.now() - from, fastest.get(title) ?? Infinity));
    });
  }
}

globalThis.addEventListener("unload", () => {
  for (const { name } of CASES) {
    const [one, two] = [fastest.get(`${name}, one thread`)!, fastest.get(`${name}, two threads`)!];
    console.log(`${(one / two).toFixed(2)} times  ${name}: ${one.toFixed(2)} ms, ${two.toFixed(2)} ms`);
  }
});
