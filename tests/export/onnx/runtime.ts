/** ONNX Runtime as a referee. */
import { NdArray } from "../../../src/array/nd_array.ts";
import type * as OnnxRuntime from "npm:onnxruntime-node@1.30.0";

const granted = (await Deno.permissions.query({ name: "ffi" })).state === "granted";

/** The runtime; undefined where it has no binary for the machine, tests are ignored then. */
export const runtime: typeof OnnxRuntime | undefined = granted
  ? await import("npm:onnxruntime-node@1.30.0").catch(() => undefined)
  : undefined;

/** Numbers that go in; those of integers are read as such. */
export interface Fed {
  readonly array: NdArray;
  readonly type?: "int64";
}

/** Runs a file; integers and truth values come out as numbers. */
export async function runOnnx(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, NdArray | Fed>>,
): Promise<Record<string, NdArray>> {
  const { InferenceSession, Tensor } = runtime!;
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  try {
    const feeds = Object.fromEntries(
      Object.entries(inputs).filter(([name]) => session.inputNames.includes(name)).map(([name, given]) => {
        const { array, type } = given instanceof NdArray ? { array: given, type: undefined } : given;
        const { data, shape } = array;
        const tensor = type === "int64"
          ? new Tensor("int64", BigInt64Array.from(Array.from(data, BigInt)), shape)
          : data instanceof Float64Array
          ? new Tensor("float64", data, shape)
          : new Tensor("float32", data, shape);
        return [name, tensor];
      }),
    );
    const results = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => {
        const numbers = Array.from(tensor.data as ArrayLike<number | bigint | boolean>, Number);
        const data = tensor.type === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
        return [name, new NdArray(data, tensor.dims.map(Number))];
      }),
    );
  } finally {
    await session.release();
  }
}
