/** XLA as a referee: runs modules in one Python, as starting it takes seconds. */
import { NdArray } from "../../../src/array/nd_array.ts";
import type { DType } from "../../../src/array/dtype.ts";
import { findPython, type Python } from "../../python.ts";

/** Python with JAX; undefined where there is none. */
export const python: Python | undefined = await findPython("jax");

/** A module and what it runs on. */
export interface Run {
  readonly name: string;
  readonly text: string;
  readonly inputs: readonly NdArray[];
}

/** What XLA gives, or what it says against the module. */
export type Outcome = readonly NdArray[] | string;

interface Packed {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly hex: string;
}

const SCRIPT = `
import json, sys, numpy as np, jax
jax.config.update("jax_enable_x64", True)
from jax.extend.backend import get_backend, get_compile_options
backend = get_backend("cpu")
devices = backend.local_devices()[:1]
outcomes = []
for run in json.load(open(sys.argv[1])):
    try:
        options = get_compile_options(1, 1, np.array([[0]]), backend=backend)
        step = backend.compile_and_load(run["text"], devices, options)
        inputs = [np.frombuffer(bytes.fromhex(x["hex"]), x["dtype"]).reshape(x["shape"]) for x in run["inputs"]]
        found = step.execute_sharded([jax.device_put(x, devices[0]) for x in inputs])
        arrays = [np.asarray(a[0]) for a in found.disassemble_into_single_device_arrays()]
        outcomes.append([{"dtype": str(a.dtype), "shape": a.shape, "hex": a.tobytes().hex()} for a in arrays])
    except Exception as error:
        outcomes.append(str(error)[:4000])
json.dump(outcomes, open(sys.argv[1], "w"))
`;

function pack({ data, shape, dtype }: NdArray): Packed {
  return { dtype, shape: [...shape], hex: new Uint8Array(data.slice().buffer).toHex() };
}

function unpack({ dtype, shape, hex }: Packed): NdArray {
  const { buffer } = Uint8Array.fromHex(hex);
  return new NdArray(dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer), shape);
}

/** Runs modules one after the other, on one device. */
export async function runOnXla(runs: readonly Run[]): Promise<Outcome[]> {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const packed = runs.map(({ text, inputs }) => ({ text, inputs: inputs.map(pack) }));
    await Deno.writeTextFile(path, JSON.stringify(packed));
    await python!.run(SCRIPT, path);
    const outcomes = JSON.parse(await Deno.readTextFile(path)) as (Packed[] | string)[];
    return outcomes.map((outcome) => typeof outcome === "string" ? outcome : outcome.map(unpack));
  } finally {
    await Deno.remove(path);
  }
}

/** The largest distance of numbers, relative to those above 1; NaN and infinities must be the same. */
export function distance(actual: NdArray, expected: NdArray): number {
  let largest = 0;
  expected.data.forEach((x, i) => {
    const y = actual.data[i]!;
    if (Object.is(x, y) || x === y) return;
    const d = Math.abs(x - y) / Math.max(1, Math.abs(x));
    largest = Math.max(largest, Number.isNaN(d) ? Infinity : d);
  });
  return largest;
}
