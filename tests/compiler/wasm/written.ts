/** Functions written and called. */
import { importMemory, Module, type WasmFunction } from "../../../src/compiler/wasm/writer.ts";

/** What a test calls. */
// deno-lint-ignore no-explicit-any
export type Run = (...values: any[]) => any;

/** A function on a memory, ready to be called. */
export function linked(code: WasmFunction, memory?: WebAssembly.Memory): Run {
  const { toBytes, importMap } = Module({
    exports: { code },
    memory: memory === undefined ? undefined : importMemory({ min: 1, max: 1, shared: true }, memory),
  });
  return new WebAssembly.Instance(new WebAssembly.Module(toBytes()), importMap).exports["code"] as Run;
}

/** A memory of 64 KiB that threads may share. */
export function newMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
}
