/** What an engine can do, and what of it is used. */

/** What an engine can do: relaxed SIMD with a fused multiply-add, plain SIMD, or neither. */
export type Engine = "relaxed" | "simd" | "none";

/** A module whose only function splats a vector. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 8, 1, 6, 0, 65, 0, 253, 15, 11],
);

/** A module with the function `f`: whether a relaxed multiply-add gives (1 + 2^-30)² - (1 + 2^-29) more than 0. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5],
  ...[1, 1, 102, 0, 0, 12, 1, 0, 10, 53, 1, 51, 0, 68, 0, 0, 64, 0, 0, 0, 240],
  ...[63, 253, 20, 68, 0, 0, 64, 0, 0, 0, 240, 63, 253, 20, 68, 0, 0, 128, 0, 0, 0],
  ...[240, 191, 253, 20, 253, 135, 2, 253, 33, 0, 68, 0, 0, 0, 0, 0, 0, 0, 0, 98, 11],
);

let found: Engine | undefined;
let assumed: Engine | undefined;

/** What this engine can do. Found out once. */
export function engine(): Engine {
  found ??= !allowsModules()
    ? "none"
    : WebAssembly.validate(RELAXED_PROBE) && multipliesFused()
    ? "relaxed"
    : WebAssembly.validate(SIMD_PROBE)
    ? "simd"
    : "none";
  return assumed ?? found;
}

let allowed: boolean | undefined;

/** Whether modules may be made of bytes, which the Content-Security-Policy of a page can forbid. Found out once. */
export function allowsModules(): boolean {
  if (allowed !== undefined) return allowed;
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    return allowed = true;
  } catch {
    return allowed = false;
  }
}

/** Compiles what is compiled meanwhile as for an engine that can do less: to test what runs there. */
export function assumeEngine<R>(less: Engine, run: () => R): R {
  const before = assumed;
  assumed = less;
  try {
    return run();
  } finally {
    assumed = before;
  }
}

/** Whether the engine has relaxed SIMD and its multiply-add is fused. */
export function relaxedSimd(): boolean {
  return engine() === "relaxed";
}

function multipliesFused(): boolean {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(RELAXED_PROBE));
  return (exports["f"] as () => number)() === 1;
}
