import { assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { NdArray } from "../../../src/array/nd_array.ts";
import { compileGraph } from "../../../src/compiler/compile_graph.ts";
import { constantNode, inputNode, nodeOps } from "../../../src/compiler/graph/nodes.ts";
import { memoryInUse } from "../../../src/compiler/wasm/linear_memory.ts";
import { simplify } from "../../../src/compiler/passes/simplify.ts";
import { compile, constant, type Variable } from "../../../mod.ts";
import { replay } from "../../../src/compiler/graph/interpret.ts";
import { assertSamePrograms, assertSameValues, drawValues, graphOf, operationNames } from "../graphs.ts";
import { randomNumbers } from "../random_programs.ts";

const vector = (...numbers: number[]): NdArray => new NdArray(new Float64Array(numbers));

Deno.test("simplify() runs the passes until nothing more becomes simpler", () => {
  const before = graphOf([[2, 2]], (ops, x) => {
    const one = ops.exp(ops.sub(constantNode(1, "float64"), 1));
    const twice = ops.transpose(ops.transpose(ops.mul(x!, one), { axes: [1, 0] }), { axes: [1, 0] });
    return ops.add(
      ops.matmul(ops.transpose(twice, { axes: [1, 0] }), twice, { transposeX: false, transposeY: false }),
      ops.neg(ops.neg(ops.sub(x!, 0))),
    );
  });
  const after = simplify(before);
  assertEquals(operationNames(after), ["matmul", "add"]);
  assertSamePrograms(after, before, 1e-14);
});

Deno.test("a program runs outputs that are inputs, constants, views of inputs, or the same value", () => {
  const [x, y] = [inputNode(0, [2, 3], "float64"), inputNode(1, [], "float32")];
  const ops = nodeOps("float64");
  const z = ops.exp(x);
  const graph = {
    inputs: [x, y],
    outputs: [
      z,
      x,
      y,
      ops.reshape(x, { shape: [6] }),
      ops.slice(x, { begin: [1, 0], size: [1, 3] }),
      ops.slice(x, { begin: [0, 1], size: [2, 1] }),
      ops.reshape(z, { shape: [3, 2] }),
      z,
      constantNode(2, "float64"),
      constantNode(vector(1, -0, NaN), "float64"),
    ],
  };
  const program = compileGraph(graph, { target: "wasm" });
  assertSamePrograms((values) => program.run(values), graph, 1e-15);
  program.release();
});

Deno.test("a program runs on empty arrays and axes of length 1", () => {
  const graph = graphOf([[0, 3], [1, 1], [0]], (ops, x, y, z) => [
    ops.exp(x!),
    ops.sum(x!, { axes: [0], keepDims: false }),
    ops.sum(x!, { axes: [0, 1], keepDims: false }),
    ops.mul(ops.sum(y!, { axes: [0], keepDims: true }), y!),
    ops.concat([z!, z!], { axis: 0 }),
    ops.matmul(ops.transpose(x!, { axes: [1, 0] }), x!, { transposeX: false, transposeY: false }),
  ]);
  const program = compileGraph(graph, { target: "wasm" });
  assertSamePrograms((values) => program.run(values), graph, 1e-15);
  program.release();
});

Deno.test("a program works in one dtype or both", () => {
  const [narrow, wide] = [inputNode(0, [5], "float32"), inputNode(1, [5], "float64")];
  const graph = {
    inputs: [narrow, wide],
    outputs: [
      nodeOps("float64").mul(narrow, wide),
      nodeOps("float32").add(narrow, wide),
      nodeOps("float32").cast(wide, { dtype: "float32" }),
      nodeOps("float64").sum(nodeOps("float64").cast(narrow, { dtype: "float64" }), {
        axes: [0],
        keepDims: false,
      }),
    ],
  };
  const program = compileGraph(graph, { target: "wasm" });
  assertSamePrograms((values) => program.run(values), graph, 1e-7);
  assertEquals(program.outputTypes, ["float64", "float32", "float32", "float64"]);
  program.release();
});

Deno.test("release() gives all memory of a program back, of constants, donated inputs and the workspace too", () => {
  const before = memoryInUse();
  for (let round = 0; round < 3; round++) {
    const graph = graphOf([[100], [100]], (ops, p, x) => {
      const weights = constantNode(new NdArray(Float64Array.from({ length: 100 }, (_, i) => i)), "float64");
      return [ops.add(ops.mul(x!, weights), p!), ops.sum(x!, { axes: [0], keepDims: false })];
    });
    const program = compileGraph(graph, { target: "wasm", donations: new Map([[0, 0]]) });
    assertGreater(memoryInUse(), before);
    program.run([new NdArray(new Float64Array(100)), new NdArray(new Float64Array(100))]);
    program.release();
    program.release();
    assertEquals(memoryInUse(), before);
  }
});

Deno.test("a released program's resident results that were not read say so; those that were are kept", () => {
  const graph = graphOf([[2]], (ops, p) => [ops.add(p!, 1)]);
  const program = compileGraph(graph, { target: "wasm", donations: new Map([[0, 0]]) });
  const [kept] = program.run([vector(1, 2)]) as [NdArray];
  const [given] = program.run([vector(3, 4)]) as [NdArray];
  program.release();
  assertEquals([[...kept.data], [...given.data]], [[2, 3], [4, 5]]);
});

Deno.test("results that are read from a donated input are read before another result takes its place", () => {
  const f = compile(
    (a: Variable, b: Variable, x: Variable) =>
      [b.mul(x), a.mul(x), a, b.reshape([2, 1]), a.slice([1], [1])] as const,
    { donate: [0, 1] },
  );
  const x = constant([2, 3]);
  let [a, b] = [constant([1, 2]), constant([10, 20])];
  for (let i = 0; i < 3; i++) {
    const [av, bv] = [[...a.data], [...b.data]];
    const expected = [
      bv.map((v, k) => v * [2, 3][k]!),
      av.map((v, k) => v * [2, 3][k]!),
      av,
      bv.map((v) => [v]),
      [av[1]!],
    ];
    // Reading a and b took them out of the memory; pass them on unread every other time.
    const results = f(i === 1 ? constant(av) : a, i === 1 ? constant(bv) : b, x);
    assertEquals(results.map((r) => r.value), expected);
    [a, b] = results;
  }
});

Deno.test("donated state keeps its value when other results are computed from it, or when it is passed twice", () => {
  const f = compile((s: Variable, x: Variable) => [s.add(x), s.sum(), s.mul(2).add(x)] as const, {
    donate: [0],
  });
  let s = constant([1, 2]);
  const plain = [1, 2];
  for (let i = 0; i < 5; i++) {
    const [next, sum, other] = f(s, constant([1, 1]));
    assertAlmostEquals(sum.item(), plain[0]! + plain[1]!);
    assertEquals(other.value, plain.map((v) => 2 * v + 1));
    plain.forEach((v, k) => plain[k] = v + 1);
    s = next;
  }
  assertEquals(s.value, plain);
  const g = compile((a: Variable, b: Variable) => a.add(b), { donate: [1] });
  const [p] = [g(constant([1, 2]), constant([3, 4]))];
  assertEquals(g(p, p).value, [8, 12]);
});

Deno.test("donated arrays of one program can be passed to another, which reads them", () => {
  const f = compile((a: Variable) => a.mul(2), { donate: [0] });
  const g = compile((a: Variable) => a.add(1), { donate: [0] });
  const a = f(constant([1, 2]));
  const b = g(a);
  assertEquals([a.value, b.value], [[2, 4], [3, 5]]);
  const c = f(a);
  assertEquals([c.value, f(c).value], [[4, 8], [8, 16]]);
  const d = f(constant([1, 1]));
  f(d);
  assertThrows(() => d.value, TypeError, "donated");
});

Deno.test("random programs give with donation what they give without, over many calls", () => {
  for (let seed = 0; seed < 150; seed++) {
    const random = randomNumbers(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const graph = graphOf([[6], [6], [6], [2, 3]], (ops, ...states) => {
      const nodes = [...states];
      for (let i = 0; i < 8; i++) {
        const x = pick(nodes);
        const y = pick(nodes.filter((node) => node.shape.length === x.shape.length));
        const kind = random();
        if (kind < 0.5) nodes.push(ops.tanh(pick([ops.add, ops.sub, ops.mul])(x, y)));
        else if (kind < 0.7) nodes.push(ops.reshape(x, { shape: x.shape.length === 1 ? [2, 3] : [6] }));
        else if (kind < 0.9) nodes.push(ops.neg(x));
        else nodes.push(ops.mul(x, ops.sum(y, { axes: y.shape.map((_, k) => k), keepDims: false })));
      }
      return Array.from({ length: 6 }, () => pick(nodes.slice(Math.floor(random() * 6))));
    });
    const donations = new Map<number, number>();
    graph.inputs.forEach((input, i) => {
      const free = graph.outputs.findIndex((o, k) =>
        o.operation !== null && String(o.shape) === String(input.shape) &&
        ![...donations.values()].includes(k)
      );
      if (random() < 0.7 && free >= 0) donations.set(i, free);
    });
    const program = compileGraph(graph, { target: "wasm", donations });
    const plain = replay(simplify(graph));
    let [given, expected] = [drawValues(graph, seed), drawValues(graph, seed)];
    for (let call = 0; call < 5; call++) {
      const [found, wanted] = [program.run(given), plain(expected)];
      // Some results are read at once, some stay where they are and are passed on.
      const unread = new Set([...donations].filter(() => random() < 0.5).map(([, output]) => output));
      found.forEach((value, k) => {
        if (!unread.has(k)) {
          assertSameValues([value], [wanted[k]!], 1e-12, `seed ${seed}, call ${call}, ${k}:`);
        }
      });
      given = given.map((_, i) => found[donations.get(i) ?? -1] ?? drawValues(graph, call)[i]!);
      expected = expected.map((_, i) => wanted[donations.get(i) ?? -1] ?? drawValues(graph, call)[i]!);
    }
    program.release();
  }
});

Deno.test("a program that was recorded between two runs of another doesn't disturb it", () => {
  const f = compile((x: Variable) => x.exp().sum());
  const x = constant(new Float64Array(1000).fill(0.5));
  const before = f(x).item();
  const large = compile((y: Variable) => y.mul(2).add(1).sum());
  large(constant(new Float64Array(1_000_000)));
  assertEquals(f(x).item(), before);
});

Deno.test("an output that is a large input costs next to nothing to compile", () => {
  const f = compile((x: Variable) => x);
  f(constant(new Float64Array(200_000)));
  assertLess(f.stats()[0]!.emitTime, 100, `${f.stats()[0]!.emitTime} ms`);
});
