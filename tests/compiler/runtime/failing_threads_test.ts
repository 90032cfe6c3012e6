/** Errors in one of several threads: they are thrown, and leave nothing hanging. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { emitBarrier } from "../../../src/compiler/emit/step_function.ts";
import { threadImports } from "../../../src/compiler/runtime/program_actions.ts";
import { threadPool } from "../../../src/compiler/runtime/threads.ts";
import { sharedMemory } from "../../../src/compiler/wasm/linear_memory.ts";
import {
  type Address,
  call,
  func,
  i32,
  if_,
  importMemory,
  local,
  Module,
  return_,
  unreachable,
} from "../../../src/compiler/wasm/writer.ts";
import { compile, constant, type Variable } from "../../../mod.ts";

/** A function whose program is worth several threads. */
const large = (x: Variable): Variable => x.tanh().square().mul(x.sigmoid()).sum();
const numbers = constant(new Float32Array(1 << 18).map((_, i) => Math.sin(i)));

/** A program whose only segment does something in each thread, then meets. */
function programOf(write: (thread: Address) => void): {
  run: () => void;
  id: number;
} {
  const barrier = emitBarrier(2, threadPool.wait);
  const code = func({ in: [i32, i32], out: [] }, ([, thread]) => {
    write(thread);
    i32.const(0);
    call(barrier);
  });
  const memory = importMemory({ min: 1, max: 65535, shared: true }, sharedMemory());
  const { toBytes, importMap } = Module({ exports: { run0: code }, memory });
  const module = new WebAssembly.Module(toBytes());
  const { exports } = new WebAssembly.Instance(module, importMap);
  const id = threadPool.add({ module, ...threadImports(importMap[""]) });
  const own = () => (exports.run0 as (base: number, thread: number) => void)(0, 0);
  return { id, run: () => void threadPool.run(id, 2, 0, 0, own) };
}

Deno.test("an error in another thread is thrown in this one, and the next call starts new workers", () => {
  const broken = programOf((thread) => {
    local.get(thread);
    if_({}, () => unreachable());
  });
  const error = assertThrows(broken.run, WebAssembly.RuntimeError);
  assertMatch(error.message, /in several threads: RuntimeError: unreachable/, error.message);
  assertEquals(threadPool.size, 0);
  assertThrows(broken.run, WebAssembly.RuntimeError, "unreachable");
  using f = compile(large, { threads: 2 });
  assertEquals(f(numbers).item(), compile(large)(numbers).item());
  threadPool.remove(broken.id);
});

Deno.test("an error in this thread frees the others", () => {
  const broken = programOf((thread) => {
    i32.eqz(thread);
    if_({}, () => unreachable());
  });
  const error = assertThrows(broken.run, WebAssembly.RuntimeError, "unreachable");
  assert(!error.message.includes("threads"), error.message);
  assertEquals(threadPool.size, 0);
  threadPool.remove(broken.id);
});

Deno.test("a thread that never answers is an error after a while, not a hang", () => {
  const { timeLimit } = threadPool;
  threadPool.timeLimit = 300;
  // Thread 1 goes without having come to the barrier.
  const silent = programOf((thread) => {
    local.get(thread);
    if_({}, () => return_());
  });
  try {
    assertThrows(silent.run, WebAssembly.RuntimeError, "no answer within 300 ms");
    assertEquals(threadPool.size, 0);
  } finally {
    threadPool.timeLimit = timeLimit;
    threadPool.remove(silent.id);
  }
});
