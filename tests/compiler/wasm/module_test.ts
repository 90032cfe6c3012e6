/** Modules: what they hold, what they import, and what they export. */
import { assertEquals } from "@std/assert";
import {
  call,
  f64,
  func,
  i32,
  importFunc,
  importMemory,
  local,
  Module,
  type WasmFunction,
} from "../../../src/compiler/wasm/writer.ts";
import { newMemory, type Run } from "./written.ts";

Deno.test("a module holds each function once, with all that it calls, and exports what it is asked for", () => {
  const log: number[] = [];
  const say = importFunc({ in: [i32], out: [] }, (x: number) => log.push(x));
  const leaf = func({ in: [i32], out: [] }, ([x]) => call(say, [x]));
  const twice = func({ in: [i32], out: [] }, ([x]) => {
    call(leaf, [x]);
    call(leaf, [i32.add(x, 1)]);
  });
  const both = func({ in: [i32], out: [] }, ([x]) => {
    call(twice, [x]);
    call(leaf, [0]);
  });
  const { toBytes, importMap } = Module({ exports: { both, leaf, again: both, say } });
  const module = new WebAssembly.Module(toBytes());
  assertEquals(WebAssembly.Module.imports(module), [{ module: "", name: "f0", kind: "function" }]);
  const kinds = ["both", "leaf", "again", "say"].map((name) => ({ name, kind: "function" as const }));
  assertEquals(WebAssembly.Module.exports(module), kinds);
  const { exports } = new WebAssembly.Instance(module, importMap);
  (exports["again"] as Run)(5);
  assertEquals(log, [5, 6, 0]);
  assertEquals(exports["again"], exports["both"]);
});

Deno.test("a module may import a memory, shared or not, or only say how large one it needs", () => {
  const read = func({ in: [i32], out: [f64] }, ([at]) => void f64.load({ offset: 8 }, at));
  for (const shared of [true, false]) {
    const memory = shared ? newMemory() : new WebAssembly.Memory({ initial: 1 });
    new Float64Array(memory.buffer).set([1, 2, 3]);
    const limits = shared ? { min: 1, max: 65536, shared } : { min: 1 };
    const given = Module({ exports: { read }, memory: importMemory(limits, memory) });
    const later = Module({ exports: { read }, memory: importMemory(limits) });
    assertEquals(later.importMap, { "": {} });
    assertEquals(given.toBytes(), later.toBytes());
    const module = new WebAssembly.Module(given.toBytes());
    assertEquals(WebAssembly.Module.imports(module), [{ module: "", name: "m0", kind: "memory" }]);
    const { exports } = new WebAssembly.Instance(module, given.importMap);
    assertEquals((exports["read"] as Run)(8), 3);
  }
});

Deno.test("functions in a chain of 20,000 calls, and 300 with large offsets, are put together", () => {
  let last: WasmFunction = func({ in: [i32], out: [i32] }, ([x]) => void local.get(x));
  for (let i = 0; i < 20_000; i++) {
    const before = last;
    last = func({ in: [i32], out: [i32] }, ([x]) => call(before, [i32.add(x, 1)]));
  }
  assertEquals(WebAssembly.validate(Module({ exports: { last } }).toBytes()), true);
  const memory = new WebAssembly.Memory({ initial: 40, maximum: 40, shared: true });
  const far = 300_000;
  const exports = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [
    `run${i}`,
    func({ in: [i32], out: [] }, ([at]) => {
      local.get(at);
      f64.load({ offset: 8 * (i === 0 ? 0 : far + i - 1) }, at);
      f64.const(1);
      f64.add();
      f64.store({ offset: 8 * (far + i) });
    }),
  ]));
  const { toBytes, importMap } = Module({
    exports,
    memory: importMemory({ min: 1, max: 65535, shared: true }, memory),
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(toBytes()), importMap);
  for (let i = 0; i < 300; i++) (instance.exports[`run${i}`] as Run)(0);
  assertEquals(new Float64Array(memory.buffer)[far + 299], 300);
});
