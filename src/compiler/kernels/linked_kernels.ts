/** The kernels on the memory of all programs, for calls from here and from compiled code. */
import type { DType } from "../../array/dtype.ts";
import { kernelLibrary, type KernelOptions, linkKernels, type WindowKernels } from "./mod.ts";
import { sharedMemory } from "../wasm/linear_memory.ts";
import { BATCH, DRAW, MATMUL, WORDS } from "./parameters.ts";
import { engine, i32, importFunc, relaxedSimd, type WasmFunction } from "../wasm/writer.ts";

/** Where an imported kernel comes from. */
export interface KernelSource {
  /** One for each library. */
  readonly key: string;
  readonly library: WebAssembly.Module;
  readonly name: string;
}

const kernels = new Map<string, WindowKernels>();
const imports = new Map<string, WasmFunction>();
/** The parameters of the kernels that compiled code calls. */
const PARAMETERS: Readonly<
  Record<"matmul" | "matmulBatch" | "uniform" | "words" | "threefry", readonly string[]>
> = {
  matmul: MATMUL,
  matmulBatch: [...BATCH, ...MATMUL],
  uniform: DRAW,
  words: DRAW,
  threefry: WORDS,
};
const sources = new WeakMap<object, KernelSource>();

/** The kernels for an element type. */
export function kernelsFor(dtype: DType, family: KernelOptions["family"] = "matrices"): WindowKernels {
  const key = `${dtype} ${family} ${engine()}`;
  let linked = kernels.get(key);
  if (linked === undefined) kernels.set(key, linked = linkKernels(libraryFor(dtype, family), sharedMemory()));
  return linked;
}

/** A kernel that compiled code can call; its parameters are 32-bit numbers. */
export function importedKernel(dtype: DType, name: keyof typeof PARAMETERS): WasmFunction {
  const family = name === "matmul" || name === "matmulBatch" ? "matrices" : name;
  const key = `${dtype} ${family} ${engine()}`;
  let imported = imports.get(`${key} ${name}`);
  if (imported === undefined) {
    const run = kernelsFor(dtype, family)[name] as (...values: number[]) => void;
    imported = importFunc({ in: PARAMETERS[name].map(() => i32), out: [] }, run);
    imports.set(`${key} ${name}`, imported);
    sources.set(run, { key, library: libraryFor(dtype, family), name });
  }
  return imported;
}

/** Where an imported function comes from, if it is a kernel. */
export function kernelSource(run: unknown): KernelSource | undefined {
  return sources.get(run as object);
}

function libraryFor(dtype: DType, family: KernelOptions["family"]): WebAssembly.Module {
  return kernelLibrary({ dtype, relaxed: relaxedSimd(), family });
}
