/** The kernels on the memory of all programs, for calls from here and from compiled code. */
import type { DType } from "../../array/dtype.ts";
import { kernelLibrary, type KernelOptions, linkKernels, type WindowKernels } from "./library.ts";
import { sharedMemory } from "../wasm/linear_memory.ts";
import {
  BATCH,
  CLEAR,
  COPY_LINES,
  DRAW,
  GATHER,
  LARGEST,
  LINES,
  MATMUL,
  PACKED_MATMUL,
  RIGHT,
  TILE,
  WORDS,
} from "./parameters.ts";
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
/** The kernels of windows that compiled code calls. */
export type WindowKernel = "direct" | "columns" | "packRight" | "copyLines" | "clear";
/** The kernels that compiled code calls. */
export type ImportedKernel =
  | WindowKernel
  | "largest"
  | "gather"
  | "scatterAdd"
  | "matmul"
  | "matmulBatch"
  | "matmulPacked"
  | "uniform"
  | "words"
  | "threefry";

/** The libraries of kernels that draw random numbers; all others are in that of products. */
const FAMILIES: Partial<Record<ImportedKernel, NonNullable<KernelOptions["family"]>>> = {
  uniform: "uniform",
  words: "words",
  threefry: "threefry",
};

/** The parameters of the kernels that compiled code calls. */
export const PARAMETERS: Readonly<Record<ImportedKernel, readonly string[]>> = {
  matmul: MATMUL,
  matmulBatch: [...BATCH, ...MATMUL],
  matmulPacked: PACKED_MATMUL,
  direct: [...TILE, ...LINES],
  columns: [...TILE, ...LINES],
  packRight: RIGHT,
  copyLines: COPY_LINES,
  clear: CLEAR,
  largest: LARGEST,
  gather: GATHER,
  scatterAdd: GATHER,
  uniform: DRAW,
  words: DRAW,
  threefry: WORDS,
};
const sources = new WeakMap<object, KernelSource>();

/** The kernels for an element type. */
export function kernelsFor(dtype: DType, family: KernelOptions["family"] = "products"): WindowKernels {
  const key = `${dtype} ${family} ${engine()}`;
  let linked = kernels.get(key);
  if (linked === undefined) kernels.set(key, linked = linkKernels(libraryFor(dtype, family), sharedMemory()));
  return linked;
}

/** A kernel that compiled code can call; its parameters are 32-bit numbers. */
export function importedKernel(dtype: DType, name: ImportedKernel): WasmFunction {
  const family = FAMILIES[name] ?? "products";
  const key = `${dtype} ${family} ${engine()}`;
  let imported = imports.get(`${key} ${name}`);
  if (imported === undefined) {
    const run = kernelsFor(dtype, family).plain[name]!;
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
