import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "npm:fast-check@4";
import { NdArray } from "../../../src/array/nd_array.ts";
import { compileGraph } from "../../../src/compiler/compile_graph.ts";
import { constantNode } from "../../../src/compiler/graph/nodes.ts";
import { compile, constant, type Variable } from "../../../mod.ts";
import { graphOf } from "../graphs.ts";
import {
  allocateBlock,
  LAYOUT,
  memoryInUse,
  paddedSize,
  releaseBlock,
  sharedMemory,
  workspaceBlock,
} from "../../../src/compiler/wasm/linear_memory.ts";

Deno.test("paddedSize() leaves at least a whole block behind the last byte, for vectors that reach over the end", () => {
  for (const bytes of [0, 1, 8, 63, 64, 65, 128, 1000]) {
    const size = paddedSize(bytes);
    assertEquals(size % LAYOUT.alignment, 0);
    assertGreaterOrEqual(size - bytes, LAYOUT.alignment, `${size} for ${bytes}`);
    assertLess(size - bytes, 2 * LAYOUT.alignment, `${size} for ${bytes}`);
  }
});

Deno.test("blocks are aligned, never overlap, and are used again once they are released", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 5000 }), release: fc.nat() }), { maxLength: 60 }),
      (actions) => {
        const before = memoryInUse();
        const taken: { start: number; bytes: number }[] = [];
        for (const { bytes, release } of actions) {
          if (release % 3 === 0 && taken.length > 0) {
            const [block] = taken.splice(release % taken.length, 1);
            releaseBlock(block!.start, block!.bytes);
            continue;
          }
          const start = allocateBlock(bytes);
          assertGreater(start, 0);
          assertStrictEquals(start % LAYOUT.alignment, 0);
          assertLessOrEqual(start + paddedSize(bytes), sharedMemory().buffer.byteLength);
          for (const other of taken) {
            const apart = start + paddedSize(bytes) <= other.start ||
              other.start + paddedSize(other.bytes) <= start;
            assert(apart, `${start} overlaps ${other.start}`);
          }
          taken.push({ start, bytes });
        }
        const wanted = taken.reduce((sum, { bytes }) => sum + paddedSize(bytes), 0);
        assertEquals(memoryInUse() - before, wanted);
        for (const { start, bytes } of taken) releaseBlock(start, bytes);
        assertEquals(memoryInUse(), before);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("neighbouring free blocks become one, in whatever order they are released", () => {
  for (const order of [[0, 1, 2], [2, 0, 1], [1, 0, 2], [0, 2, 1]]) {
    const starts = [100, 100, 100].map(allocateBlock);
    const last = allocateBlock(100);
    for (const i of order) releaseBlock(starts[i]!, 100);
    const joined = allocateBlock(3 * paddedSize(100) - 64);
    assertEquals(joined, Math.min(...starts));
    releaseBlock(joined, 3 * paddedSize(100) - 64);
    releaseBlock(last, 100);
  }
});

Deno.test("the memory grows when it must, and what stands in it stays", () => {
  const block = allocateBlock(64);
  new Float64Array(sharedMemory().buffer, block, 2).set([1.5, -2.5]);
  const large = sharedMemory().buffer.byteLength + 1;
  const grown = allocateBlock(large);
  assertGreaterOrEqual(sharedMemory().buffer.byteLength, grown + large);
  assertEquals([...new Float64Array(sharedMemory().buffer, block, 2)], [1.5, -2.5]);
  releaseBlock(grown, large);
  releaseBlock(block, 64);
});

Deno.test("more memory than there can be is refused, and leaves the allocator as it was", () => {
  const before = memoryInUse();
  assertThrows(() => allocateBlock(2 ** 32), RangeError, "WebAssembly gives at most");
  assertEquals(memoryInUse(), before);
  const block = allocateBlock(8);
  releaseBlock(block, 8);
});

Deno.test("scratch is one place for all programs, replaced when a larger one is needed", () => {
  const first = workspaceBlock(100);
  assertEquals(workspaceBlock(50), first);
  const before = memoryInUse();
  const larger = workspaceBlock(before + 100_000);
  assertEquals(workspaceBlock(10), larger);
  assertLess(memoryInUse(), before + 3 * (before + 100_000) + 10_000);
});

/** Runs something while the memory can't be made larger. */
function withoutGrowth(run: () => void): void {
  const memory = sharedMemory();
  memory.grow = () => {
    throw new RangeError("refused");
  };
  try {
    run();
  } finally {
    delete (memory as { grow?: unknown }).grow;
  }
}

Deno.test("when the memory refuses to grow, programs of before and after give the right numbers", () => {
  const sum = (x: Variable): Variable => x.mul(2).sum({ axis: 0 });
  const small = compile(sum);
  const data = (rows: number): Variable =>
    constant(new NdArray(Float64Array.from({ length: rows * 8 }, (_, i) => i % 7), [rows, 8]));
  const expected = (rows: number) => sum(data(rows)).value;
  assertEquals(small(data(3)).value, expected(3));
  const before = memoryInUse();
  const rows = sharedMemory().buffer.byteLength / 64 + 1000;
  const large = compile(sum);
  withoutGrowth(() => {
    for (let round = 0; round < 3; round++) {
      assertThrows(() => large(data(rows)), RangeError, "WebAssembly gives at most");
      const later = compile((x: Variable) => [x.add(1), x.exp().sum()] as const);
      assertEquals(later(constant([1, 2]))[0].value, [2, 3]);
      assertEquals(small(data(3)).value, expected(3));
      later[Symbol.dispose]();
    }
  });
  large[Symbol.dispose]();
  assertEquals(small(data(3)).value, expected(3));
  assertLess(memoryInUse(), before + 1);
  assertEquals(large(data(rows)).value, expected(rows));
  large[Symbol.dispose]();
  assertEquals(small(data(3)).value, expected(3));
  small[Symbol.dispose]();
});

Deno.test("a program of more than 2 GiB is refused with its bytes, and leaves nothing behind", () => {
  const before = memoryInUse();
  const size = 2 ** 28;
  const graph = graphOf([[8]], (ops, x) => {
    const weights = constantNode(new NdArray(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8)), "float64");
    return [ops.add(x!, 1), ops.broadcastTo(ops.mul(x!, weights), { shape: [size / 8, 8] })];
  });
  const donations = new Map([[0, 0]]);
  for (const options of [{}, { donations }]) {
    assertThrows(() => compileGraph(graph, { target: "wasm", ...options }), RangeError, "(2 GiB)");
    assertEquals(memoryInUse(), before);
  }
});

Deno.test("the workspace shrinks with the programs that need it", () => {
  const before = memoryInUse();
  const f = compile((x: Variable) => x.exp().sum());
  const g = compile((x: Variable) => x.reshape([1000, 1000]).matmul(x.reshape([1000, 1000])).exp().sum());
  f(constant(new Float64Array(100)));
  const small = memoryInUse();
  g(constant(new Float64Array(1_000_000)));
  assertLess(16_000_000, memoryInUse() - before);
  assertLess(memoryInUse() - before, 17_000_000);
  g[Symbol.dispose]();
  f(constant(new Float64Array(100)));
  assertLess(memoryInUse(), small + 1);
  f[Symbol.dispose]();
  assertLess(memoryInUse(), before + 1);
});
