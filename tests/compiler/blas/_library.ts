/** The BLAS of the machine, for tests that need one: they are ignored where it is missing, but for CI on Linux. */
import { assertEquals } from "@std/assert";
import { constant, type DType, NdArray, type Variable } from "../../../mod.ts";
import { type Shape, sizeOf } from "../../../src/array/shape.ts";
import { findBlas } from "../../../src/compiler/blas/find_blas.ts";
import type { Blas } from "../../../src/compiler/blas/library.ts";
import { randomNumbers } from "../random_programs.ts";

const granted = (await Deno.permissions.query({ name: "ffi" })).state === "granted";
const required = Deno.build.os === "linux" && granted &&
  (await Deno.permissions.query({ name: "env", variable: "CI" })).state === "granted" &&
  Deno.env.get("CI") === "true";

function openUsual(): Blas | null {
  if (!granted) return null;
  try {
    return findBlas("a test", "auto");
  } catch (error) {
    if (error instanceof RangeError && !required) return null;
    throw error;
  }
}

/** Opened before any test, as no test may leave a library open that it has opened. */
export const library: Blas | null = openUsual();

/** The same library opened by its name, which counts the products that it computes. */
let products = 0;

if (library !== null) {
  const named = findBlas("a test", library.name)!;
  const { memoryProduct, arrayProduct } = named;
  Object.assign(
    named,
    {
      memoryProduct: (dtype, threads) => {
        const multiply = memoryProduct(dtype, threads);
        return (...values) => (products++, multiply(...values));
      },
      arrayProduct: (dtype) => {
        const multiply = arrayProduct(dtype);
        return (...values) => (products++, multiply(...values));
      },
    } satisfies Pick<Blas, "memoryProduct" | "arrayProduct">,
  );
}

/** How many products the library that was opened by its name has computed. */
export function productCount(): number {
  return products;
}

/** How many products the library that was opened by its name computes meanwhile. */
export function countProducts(run: () => void): number {
  const before = products;
  run();
  return products - before;
}

/** Why a test that needs it is ignored. */
const reason = granted ? "no BLAS was found" : "needs --allow-ffi";

/** A test that needs the library. */
export function testWithBlas(name: string, fn: (blas: Blas) => void | Promise<void>): void {
  if (library === null) Deno.test({ name: `${name} (${reason})`, ignore: true, fn: () => {} });
  else Deno.test(name, () => fn(library));
}

/** Numbers around 0. */
export function random(shape: Shape, dtype: DType, seed: number): Variable {
  const next = randomNumbers(seed);
  const data = Array.from({ length: sizeOf(shape) }, () => next() - 0.5);
  return constant(
    new NdArray(dtype === "float32" ? Float32Array.from(data) : Float64Array.from(data), shape),
  );
}

/** The largest difference, beside the largest element. */
export function distance(found: Variable, wanted: Variable): number {
  assertEquals([found.shape, found.dtype], [wanted.shape, wanted.dtype]);
  const { data } = wanted.toArray();
  let [most, scale] = [0, 1e-30];
  found.toArray().data.forEach((x, i) => {
    most = Math.max(most, Math.abs(x - data[i]!));
    scale = Math.max(scale, Math.abs(data[i]!));
  });
  return most / scale;
}

/** How far results may differ by the order of summing. */
export const ROUNDING: { readonly [dtype in DType]: number } = { float32: 1e-5, float64: 1e-13 };
