/** Products of compiled code and of arrays by a BLAS, where that pays. */
import type { DType } from "../../array/dtype.ts";
import { BATCH, MATMUL, type Numbers } from "../kernels/parameters.ts";
import { i32, importFunc, type WasmFunction } from "../wasm/writer.ts";
import type { Blas } from "./library.ts";

/** From so many multiplications on a product is worth the call, which takes some 0.3 us: 24 rows of 24 by 24. */
const LEAST_WORK = 12_288;

/** From so many on a library divides one product between threads. */
const LEAST_TO_DIVIDE = 1 << 20;
/** From so many threads on, kernels in all of them are faster than a library that is called in one. */
export const THREADS_LIKE_NATIVE = 3;

/**
 * Whether the call of a BLAS pays for one product.
 *
 * @param threads How many threads could compute such products at the same time by the kernels
 */
export function paysToCall(
  { rows, depth, columns }: { readonly rows: number; readonly depth: number; readonly columns: number },
  threads = 1,
): boolean {
  const work = rows * depth * columns;
  return work >= (threads < THREADS_LIKE_NATIVE ? LEAST_WORK : LEAST_TO_DIVIDE);
}

const imports = new WeakMap<Blas, Map<string, WasmFunction>>();

/**
 * A product that compiled code can call in place of the kernel of that name, with the same parameters; it needs no
 * workspace. Only the thread that compiles can call it.
 *
 * @param threads How many threads the library may use
 */
export function importedProduct(
  blas: Blas,
  dtype: DType,
  name: "matmul" | "matmulBatch",
  threads: number,
): WasmFunction {
  let known = imports.get(blas);
  if (known === undefined) imports.set(blas, known = new Map());
  const key = `${name} ${dtype} ${threads}`;
  let imported = known.get(key);
  if (imported === undefined) {
    const multiply = blas.memoryProduct(dtype, threads);
    const one: (...values: Numbers<typeof MATMUL>) => void = (
      ...[x, y, out, m, k, n, ldx, ldy, ldo, tx, ty, accumulate]
    ) => multiply(x, y, out, m, k, n, ldx, ldy, ldo, tx, ty, accumulate);
    const several: (...values: [...Numbers<typeof BATCH>, ...Numbers<typeof MATMUL>]) => void = (
      ...[count, xStep, yStep, outStep, x, y, out, m, k, n, ldx, ldy, ldo, tx, ty, accumulate]
    ) => {
      for (let i = 0; i < count; i++) {
        multiply(x + i * xStep, y + i * yStep, out + i * outStep, m, k, n, ldx, ldy, ldo, tx, ty, accumulate);
      }
    };
    const isBatch = name === "matmulBatch";
    const parameters = isBatch ? [...BATCH, ...MATMUL] : MATMUL;
    imported = importFunc({ in: parameters.map(() => i32), out: [] }, isBatch ? several : one);
    known.set(key, imported);
  }
  return imported;
}
