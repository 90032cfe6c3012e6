/** The writer of WebAssembly: functions are written by calls of the functions that bear the names of instructions. */
import { func } from "./function_writer.ts";
import { i32, v128 } from "./instructions.ts";
import type { Local, WasmFunction } from "./types.ts";

export * from "./instructions.ts";
export * from "./engine.ts";
export { func, type Label, newLocal } from "./function_writer.ts";
export * from "./module.ts";
export type { Local, Operand, Stacked, Type, ValueType, WasmFunction } from "./types.ts";

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
  const types = [
    ...new Array<typeof i32>(locals.addresses).fill(i32),
    ...new Array<typeof v128>(locals.vectors).fill(v128),
  ];
  return func(
    { in: new Array<typeof i32>(parameters).fill(i32), locals: types, out: [] },
    (given, own) =>
      write(given, own.slice(0, locals.addresses) as Address[], own.slice(locals.addresses) as Vector[]),
  );
}
