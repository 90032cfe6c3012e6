/**
 * Large programs in one thread and in two. Besides the times, prints how many times faster two threads are, by the
 * fastest runs: `deno bench -A tests/bench/threads_bench.ts`.
 */
import { compile, constant, grad, valueAndGrad, type Variable } from "../../mod.ts";

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
