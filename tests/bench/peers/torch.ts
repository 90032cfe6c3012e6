/** The cases in PyTorch on one thread, in a process of its own that gets the same numbers. */
import {
  type Batch,
  type Case,
  convNetwork,
  deepConvNetwork,
  fitted,
  iris,
  largeNetwork,
  type Layer,
  lstm,
  matrices,
  million,
  type Result,
  smallNetwork,
  type Tensors,
  transformer,
} from "./cases.ts";

/** What a process found. */
export interface Report {
  readonly results: readonly Result[];
  /** Seconds of a call. */
  readonly wall: number;
  readonly processor: number;
}

const SCRIPT = decodeURIComponent(new URL("./torch_cases.py", import.meta.url).pathname);

/** The Python with PyTorch: the one named, or `python3` on the path or of the system. */
export async function findTorch(named: string | undefined): Promise<string | undefined> {
  for (const python of named === undefined ? ["python3", "/usr/bin/python3"] : [named]) {
    try {
      const { success } = await new Deno.Command(python, { args: ["-c", "import torch"], stderr: "null" })
        .output();
      if (success) return python;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

/** Measures a case; `null` if it is not written for PyTorch. */
export async function measureTorch(python: string, what: Case, seconds: number): Promise<Report | null> {
  const tensors = TENSORS[what.name];
  if (tensors === undefined) return null;
  const folder = await Deno.makeTempDir();
  try {
    let start = 0;
    const places: Record<string, { shape: readonly number[]; start: number }> = {};
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      places[name] = { shape, start };
      start += data.length;
    }
    const numbers = new Float32Array(start);
    for (const [name, { data }] of Object.entries(tensors)) numbers.set(data, places[name]!.start);
    const { name, checks } = what;
    await Deno.writeTextFile(
      `${folder}/task`,
      JSON.stringify({ case: name, checks, seconds, tensors: places }),
    );
    await Deno.writeFile(`${folder}/numbers`, new Uint8Array(numbers.buffer));
    const { success, stdout, stderr } = await new Deno.Command(python, {
      args: [SCRIPT, `${folder}/task`, `${folder}/numbers`],
      env: { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
    }).output();
    if (!success) throw new TypeError(`Cannot measure PyTorch: ${new TextDecoder().decode(stderr)}`);
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function dense(layers: readonly Layer[], { rows, x, y }: Batch): Tensors {
  return {
    ...Object.fromEntries(layers.flatMap(({ inputs, units, kernel, bias }, i) => [
      [`w${i}`, { shape: [inputs, units], data: kernel }],
      [`b${i}`, { shape: [units], data: bias }],
    ])),
    x: { shape: [rows, x.length / rows], data: x },
    y: { shape: [rows, y.length / rows], data: y },
  };
}

function product(n: number): Tensors {
  const [a, b] = matrices[n]!;
  return { a: { shape: [n, n], data: a }, b: { shape: [n, n], data: b } };
}

const { filters, bias, dense: last, batch } = convNetwork;

const TENSORS: { readonly [name: string]: Tensors } = {
  "MLP 784-128-10, batch 64, SGD": dense(smallNetwork.layers, smallNetwork.batch),
  "MLP 784-512-512-10, batch 128, Adam": dense(largeNetwork.layers, largeNetwork.batch),
  "matmul 256": product(256),
  "matmul 512": product(512),
  "matmul 1024": product(1024),
  "value and gradient, a million elements": { x: { shape: [million.x.length], data: million.x } },
  "conv net 28x28x1, batch 32, SGD": {
    filters: { shape: [3, 3, 1, 8], data: filters },
    bias: { shape: [8], data: bias },
    w: { shape: [last.inputs, last.units], data: last.kernel },
    b: { shape: [last.units], data: last.bias },
    x: { shape: [batch.rows, 28, 28, 1], data: batch.x },
    y: { shape: [batch.rows, 10], data: batch.y },
  },
  "conv net of 32 and 64 channels, batch 32, SGD": { ...deepConvNetwork.weights, ...deepConvNetwork.batch },
  "transformer of 4 blocks, 8 rows of 64 x 128, SGD": { ...transformer.weights, ...transformer.batch },
  "LSTM of 128 units, 32 rows of 50 steps, SGD": { ...lstm.weights, ...lstm.batch },
  "fit, MLP 784-128-10, 20 batches of 64": dense(smallNetwork.layers, fitted),
  "eager MLP 784-128-10, batch 64, SGD": dense(smallNetwork.layers, smallNetwork.batch),
  "eager matmul 64": product(64),
  "eager matmul 512": product(512),
  "Iris, 30 epochs": dense(iris.layers, iris.batch),
  "Iris, 30 epochs, model.fit": dense(iris.layers, iris.batch),
};
