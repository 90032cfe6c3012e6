/**
 * Decompositions of matrices and sorting, beside NumPy's (LAPACK on one thread) where a Python has it: processor time
 * of the fastest of several runs, and the ratio. `deno task bench:linear-algebra`.
 */
import process from "node:process";
import { argSort, eigh, grad, qr, sort, sum, svd } from "../../mod.ts";
import { key, normal } from "../../src/random/mod.ts";
import { findPython } from "../python.ts";

const RUNS = 7;

interface Case {
  readonly name: string;
  readonly run: () => unknown;
  /** What NumPy does with random numbers `x` of the same shape. */
  readonly numpy: string;
  readonly shape: readonly number[];
}

/** Decompositions of one matrix, and orders of a row. */
const CASES: readonly Case[] = [
  ...[[300, 100], [100, 100], [300, 300], [1000, 50]].map(([m, n]) => {
    const x = normal(key(1), [m!, n!], { dtype: "float64" });
    return { name: `svd ${m} by ${n}`, run: () => svd(x), numpy: "np.linalg.svd(x, False)", shape: x.shape };
  }),
  ...[32, 100, 300].map((n) => {
    const x = normal(key(2), [n, n], { dtype: "float64" });
    return { name: `eigh ${n} by ${n}`, run: () => eigh(x), numpy: "np.linalg.eigh(x)", shape: x.shape };
  }),
  ...[100, 300].map((n) => {
    const x = normal(key(3), [n, n], { dtype: "float64" });
    return { name: `qr ${n} by ${n}`, run: () => qr(x), numpy: "np.linalg.qr(x)", shape: x.shape };
  }),
  ...(["float64", "float32"] as const).flatMap((dtype) => {
    const x = normal(key(4), [1_000_000], { dtype });
    const gradient = grad((v: typeof x) => sum(sort(v).square()));
    const numpy = `np.argsort(x.astype("${dtype}"), kind="stable")`;
    return [
      { name: `argSort 1e6 ${dtype}`, run: () => argSort(x), numpy, shape: x.shape },
      { name: `sort 1e6 ${dtype} and its gradient`, run: () => gradient(x), numpy: "", shape: x.shape },
    ];
  }),
];

function milliseconds(run: () => unknown): number {
  return Math.min(...Array.from({ length: RUNS }, () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  }));
}

const SCRIPT = `
import json, sys, time
import numpy as np
def fastest(code, x):
    times = []
    for _ in range(${RUNS}):
        start = time.process_time()
        eval(code)
        times.append((time.process_time() - start) * 1000)
    return min(times)
cases = json.loads(sys.argv[1])
print(json.dumps([fastest(code, np.random.default_rng(0).standard_normal(shape)) if code else None for code, shape in cases]))
`;

Deno.env.set("OPENBLAS_NUM_THREADS", "1");
const python = await findPython("numpy");
const theirs: (number | null)[] = python === undefined
  ? CASES.map(() => null)
  : JSON.parse(await python.run(SCRIPT, JSON.stringify(CASES.map(({ numpy, shape }) => [numpy, shape]))));
if (python === undefined) {
  console.log("No Python with NumPy was found: times are those of this library alone");
}

CASES.forEach(({ name, run }, i) => {
  const ours = milliseconds(run);
  const ratio = theirs[i]
    ? `  NumPy ${theirs[i].toFixed(2).padStart(8)} ms, ratio ${(ours / theirs[i]).toFixed(1)}`
    : "";
  console.log(`${name.padEnd(34)} ${ours.toFixed(2).padStart(8)} ms${ratio}`);
});
