/** The BLAS of the machine, for tests that need one: they are ignored where it is missing, but for CI on Linux. */
import { findBlas } from "../../../src/compiler/blas/find_blas.ts";
import type { Blas } from "../../../src/compiler/blas/library.ts";

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
