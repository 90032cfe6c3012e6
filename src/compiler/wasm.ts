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

let relaxed: boolean | undefined;

/** A module of one function that does a relaxed multiply-add. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x85, 0x02, 0x0b],
);

/** Whether the engine has relaxed SIMD, with its fused multiply-add. Found out once. */
export function relaxedSimd(): boolean {
  return relaxed ??= WebAssembly.validate(RELAXED_PROBE);
}
