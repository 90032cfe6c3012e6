import { type BlasChoice, findBlas } from "./find_blas.ts";
import type { Blas } from "./library.ts";

let chosen: Blas | null = null;

/** The library that computes large products outside of compiled functions; null for none. */
export function arrayBlas(): Blas | null {
  return chosen;
}

/**
 * Has a native library compute matrix products and convolutions outside of compiled functions, from now on, where
 * they are large enough for it, those in the steps of `scan` and `whileLoop` included. Results agree with those
 * without it to rounding. What runs inside of a compiled function goes by the option `blas` of {@linkcode compile}.
 *
 * The library is called in one thread. It stays open as long as the process runs, also when it is used no more.
 *
 * @param choice `"auto"` for the first of the usual libraries that the machine has (OpenBLAS, on macOS Accelerate,
 *   MKL), the name or path of one that has `cblas_sgemm` and `cblas_dgemm`, or `false` for none, as at the start
 * @returns What the library was found by; `null` for none
 * @throws {TypeError} If the choice is neither a text nor false; outside of Deno; without the permission `--allow-ffi`
 * @throws {RangeError} If there is no such library, or it has no such products; the message lists what was looked for
 *
 * @example Run by `deno run --allow-ffi` on a machine with OpenBLAS
 * ```ts ignore
 * import { constant, useBlas } from "@tapegrad/tapegrad";
 *
 * console.log(useBlas("auto")); // libopenblas.so.0
 * const ones = constant(new Float32Array(512 * 512).fill(1)).reshape([512, 512]);
 * console.log(ones.matmul(ones).max().item()); // 512
 * ```
 */
export function useBlas(choice: BlasChoice): string | null {
  chosen = findBlas("useBlas", choice);
  return chosen?.name ?? null;
}
