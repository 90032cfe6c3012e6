/** Steps that move elements between threads: copies, and places named by integers. */
import { assertEquals, assertThrows } from "@std/assert";
import type { DType } from "../../../src/array/dtype.ts";
import { NdArray } from "../../../src/array/nd_array.ts";
import { type Shape, sizeOf } from "../../../src/array/shape.ts";
import { compileGraph } from "../../../src/compiler/compile_graph.ts";
import { inputNode, type Node, nodeOps } from "../../../src/compiler/graph/nodes.ts";
import { replay } from "../../../src/compiler/graph/interpret.ts";
import { compile, constant, grad, type Variable } from "../../../mod.ts";
import type { Ops } from "../../../src/primitives/mod.ts";
import { assertSameValues, drawValues, graphOf } from "../graphs.ts";
import { randomNumbers } from "../random_programs.ts";

const DTYPES = ["float32", "float64"] as const;
/** The numbers of threads that programs run in, here however small their steps are. */
const THREADS = [1, 2, 3];

/** Checks that an operation on an array and integers gives what it gives eagerly, bit for bit, in several threads. */
function assertSame(
  dtype: DType,
  shape: Shape,
  integers: Shape,
  most: number,
  write: (ops: Ops<Node>, x: Node, indices: Node) => Node,
): void {
  const [x, indices] = [inputNode(0, shape, dtype), inputNode(1, integers, "float64")];
  const graph = { inputs: [x, indices], outputs: [write(nodeOps(dtype), x, indices)] };
  const random = randomNumbers(sizeOf(shape));
  const positions = Float64Array.from({ length: sizeOf(integers) }, () => Math.floor(random() * most));
  const values = [drawValues(graph, 5)[0]!, new NdArray(positions, integers)];
  const expected = replay(graph)(values);
  for (const count of THREADS) {
    const program = compileGraph(graph, { target: "wasm", threading: { count, leastWork: 0 } });
    assertSameValues(program.run(values), expected, 0, `[${shape}] at [${integers}], ${count} threads,`);
    assertEquals(program.stats.threads, count);
    program.release();
  }
}

for (const dtype of DTYPES) {
  Deno.test(`${dtype}: copies give the same bits in any number of threads`, () => {
    const cases: [Shape[], (ops: Ops<Node>, ...x: Node[]) => Node][] = [
      [[[37, 53]], (ops, x) => ops.transpose(x!, { axes: [1, 0] })],
      [[[7, 9, 5, 6]], (ops, x) => ops.transpose(x!, { axes: [0, 2, 1, 3] })],
      [[[41, 30]], (ops, x) => ops.slice(x!, { begin: [1, 3], size: [40, 22] })],
      [[[41, 10], [41, 23]], (ops, x, y) => ops.concat([x!, y!], { axis: 1 })],
      [[[31, 3], [70, 3]], (ops, x, y) => ops.concat([x!, y!], { axis: 0 })],
      [[[12, 13]], (ops, x) => ops.place(x!, { begin: [3, 2], shape: [20, 17] })],
      [[[301]], (ops, x) => ops.stridedSlice(x!, { begin: [1], step: [3], size: [100] })],
      [[[101]], (ops, x) => ops.stridedPlace(x!, { begin: [1], step: [2], shape: [203] })],
    ];
    for (const [shapes, write] of cases) {
      const graph = graphOf(shapes, write, dtype);
      const values = drawValues(graph, 6);
      const expected = replay(graph)(values);
      for (const count of THREADS) {
        const program = compileGraph(graph, { target: "wasm", threading: { count, leastWork: 0 } });
        assertSameValues(program.run(values), expected, 0);
        assertEquals(program.stats.threads, count, `${graph.outputs[0]!.operation!.name} ${count}`);
        program.release();
      }
    }
  });

  Deno.test(`${dtype}: slices by integers, and their gradient, give the same bits in any number of threads`, () => {
    const cases: [shape: Shape, integers: Shape, axis: number][] = [
      [[50, 7], [83], 0],
      [[50, 64], [83], 0],
      [[50, 69], [5, 17], 0],
      [[203], [401], 0],
      [[50, 9], [83], 0],
      [[6, 20, 5], [33], 1],
      [[6, 21], [30], 1],
      [[5, 20, 3, 3], [2, 20], 1],
    ];
    for (const [shape, integers, axis] of cases) {
      const most = shape[axis]!;
      const taken = [...shape.slice(0, axis), ...integers, ...shape.slice(axis + 1)];
      assertSame(dtype, shape, integers, most, (ops, x, i) => ops.gather(x, i, { axis }));
      assertSame(dtype, taken, integers, most, (ops, g, i) => ops.scatterAdd(g, i, { axis, shape }));
    }
  });

  Deno.test(`${dtype}: elements by integers, and their gradient, give the same bits in any number of threads`, () => {
    const cases: [shape: Shape, count: number, axis: number][] = [
      [[203], 401, 0],
      [[50, 7], 60, 0],
      [[50, 7], 3, 1],
      [[4, 33, 5], 40, 1],
      [[4, 5, 33], 33, 2],
      [[20, 67], 35, 0],
    ];
    for (const [shape, count, axis] of cases) {
      const integers = shape.map((length, i) => i === axis ? count : length);
      const most = shape[axis]!;
      assertSame(dtype, shape, integers, most, (ops, x, i) => ops.takeAlongAxis(x, i, { axis }));
      assertSame(dtype, integers, integers, most, (ops, g, i) => ops.addAlongAxis(g, i, { axis, shape }));
    }
  });
}

for (const dtype of DTYPES) {
  Deno.test(`${dtype}: sorting gives what it gives eagerly in any number of threads`, () => {
    const cases: [shape: Shape, axis: number, isShared: boolean][] = [
      [[20_011], 0, true],
      [[4096], 0, true],
      [[3000], 0, false],
      [[9, 1000], 1, true],
      [[6, 70, 5], 1, true],
      [[5000, 4], 0, true],
      [[64, 3], 0, true],
    ];
    for (const [shape, axis, isShared] of cases) {
      for (const descending of [false, true]) {
        const graph = graphOf([shape], (ops, x) => ops.argSort(x!, { axis, descending }), dtype);
        for (const kind of ["plain", "awkward"] as const) {
          const values = drawValues(graph, 7, kind);
          const expected = replay(graph)(values);
          for (const count of THREADS) {
            const program = compileGraph(graph, { target: "wasm", threading: { count, leastWork: 0 } });
            assertSameValues(program.run(values), expected, 0, `[${shape}] ${kind}, ${count} threads,`);
            assertEquals(program.stats.threads, isShared ? count : 1);
            program.release();
          }
        }
      }
    }
  });
}

for (const dtype of DTYPES) {
  Deno.test(`${dtype}: sums, products and searches along rows give what they give eagerly in any number of threads`, () => {
    const cases: [Shape[], (ops: Ops<Node>, ...x: Node[]) => Node][] = [];
    for (const [shape, axis] of [[[33, 20], 1], [[20, 33], 0], [[3, 7, 11], 1]] as const) {
      for (const reverse of [false, true]) {
        cases.push([[shape], (ops, x) => ops.cumSum(x!, { axis, reverse })]);
        cases.push([[shape], (ops, x) => ops.cumProd(x!, { axis, reverse })]);
        cases.push([[shape, shape], (ops, x, y) => ops.linearRecurrence(x!, y!, { axis, reverse })]);
      }
      cases.push([[shape], (ops, x) => ops.prod(x!, { axis })]);
    }
    for (const right of [false, true]) {
      cases.push([[[1], [50]], (ops, x, y) => ops.searchSorted(x!, y!, { right })]);
      cases.push([[[77], [5, 20]], (ops, x, y) => ops.searchSorted(x!, y!, { right })]);
    }
    for (const [shapes, write] of cases) {
      const graph = graphOf(shapes, write, dtype);
      for (const kind of ["plain", "awkward"] as const) {
        const values = drawValues(graph, 8, kind);
        if (graph.outputs[0]!.operation!.name === "searchSorted") (values[0] as NdArray).data.sort();
        const expected = replay(graph)(values);
        for (const count of THREADS) {
          const program = compileGraph(graph, { target: "wasm", threading: { count, leastWork: 0 } });
          assertSameValues(program.run(values), expected, 0, graph.outputs[0]!.operation!.name);
          assertEquals(program.stats.threads, count);
          program.release();
        }
      }
    }
  });
}

Deno.test("random words of counters are the same in any number of threads", () => {
  for (const shapes of [[[2], [101, 2]], [[101, 2], [2]], [[7, 19, 2], [7, 19, 2]]]) {
    const graph = graphOf(shapes, (ops, key, counters) => ops.threefry(key!, counters!));
    const words = shapes.map((shape, k) =>
      new NdArray(
        Float64Array.from({ length: sizeOf(shape) }, (_, i) => (i * 2654435761 + k) % 2 ** 32),
        shape,
      )
    );
    const expected = replay(graph)(words);
    for (const count of THREADS) {
      const program = compileGraph(graph, { target: "wasm", threading: { count, leastWork: 0 } });
      assertSameValues(program.run(words), expected, 0);
      assertEquals(program.stats.threads, count);
      program.release();
    }
  }
});

Deno.test("sorting a long row, and rows, with the gradient, is shared", () => {
  const numbers = constant(new Float32Array(1 << 17).map((_, i) => Math.sin(i)));
  const slope = (x: Variable): Variable => grad((y: Variable) => y.sort().mul(y).sum())(x);
  for (const x of [numbers, numbers.reshape([128, 1024])]) {
    const expected = slope(x).data;
    for (const threads of THREADS) {
      using compiled = compile(slope, { threads });
      assertEquals(compiled(x).data, expected);
      assertEquals(compiled.stats()[0]!.threads, threads);
    }
  }
});

Deno.test("a table of embeddings and its gradient are shared, and an integer out of range is an error as before", () => {
  const table = constant(new Float32Array(1000 * 64).map((_, i) => Math.sin(i))).reshape([1000, 64]);
  const words = constant(new Float64Array(20_000).map((_, i) => i * 7919 % 1000));
  const slope = (x: Variable, i: Variable): Variable => grad((y: Variable) => y.gather(i).square().sum())(x);
  for (const f of [(x: Variable, i: Variable) => x.gather(i), slope]) {
    const expected = f(table, words).data;
    for (const threads of THREADS) {
      using compiled = compile(f, { threads });
      assertEquals(compiled(table, words).data, expected);
      assertEquals(compiled.stats()[0]!.threads, threads);
      const wrong = constant(words.data.map((i) => i === 3 ? 1000 : i));
      assertThrows(
        () => compiled(table, wrong),
        RangeError,
        "found the index 1000, indices are integers from 0 to 999",
      );
      assertEquals(compiled(table, words).data, expected);
    }
  }
});
