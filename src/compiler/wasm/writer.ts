/** WebAssembly written from TypeScript: the one place that names the package, and what the engine can do. */
import { type AnyFunc, func, i32, type Local, v128 } from "npm:wasmati@0.2.4";

export * from "npm:wasmati@0.2.4";

/** A function, whatever its parameters. */
// deno-lint-ignore no-explicit-any
export type WasmFunction = AnyFunc<any, any>;

/** A local that holds an address or a counter. */
export type Address = Local<"i32">;
/** A local that holds a vector. */
export type Vector = Local<"v128">;

/**
 * A function of addresses that returns nothing.
 *
 * @param parameters How many addresses it takes
 * @param locals How many locals for addresses and counters, and how many for vectors it has
 */
export function addressFunction(
  parameters: number,
  locals: { readonly addresses: number; readonly vectors: number },
  write: (parameters: readonly Address[], addresses: readonly Address[], vectors: readonly Vector[]) => void,
): WasmFunction {
  const types = [...new Array(locals.addresses).fill(i32), ...new Array(locals.vectors).fill(v128)];
  return func(
    { in: new Array(parameters).fill(i32) as never, locals: types as never, out: [] },
    (given, made) => {
      const own = made as unknown as readonly (Address | Vector)[];
      write(
        given as unknown as readonly Address[],
        own.slice(0, locals.addresses) as Address[],
        own.slice(locals.addresses) as Vector[],
      );
    },
  ) as unknown as WasmFunction;
}

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
