import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { compileGraph } from "../../../src/compiler/compile_graph.ts";
import {
  type Graph,
  inputNode,
  liveNodes,
  type Node,
  nodeOps,
  operationNode,
  readersOf,
} from "../../../src/compiler/graph/nodes.ts";
import { canLoop } from "../../../src/compiler/emit/loop_body.ts";
import { fuse, type Group, isReduction } from "../../../src/compiler/plan/fusion.ts";
import { operation as op } from "../../../src/primitives/mod.ts";
import { assertSamePrograms, graphOf } from "../graphs.ts";
import { randomNumbers } from "../random_programs.ts";

/** The groups of a program as text, in the order in which they run. */
function groupsOf(graph: Graph): string[] {
  return fuse(graph, canLoop).map(({ domain, nodes }) =>
    `${domain === null ? "kernel" : `[${domain.join(", ")}]`}: ${
      nodes.map((n) => n.operation!.name).join(" ")
    }`
  );
}

/** Checks that groups hold every row once, each after what it is computed from. */
function assertRunnable(graph: Graph, groups: readonly Group[]): void {
  const done = new Set<Node>();
  for (const { nodes, domain, dtype } of groups) {
    const inside = new Set<Node>();
    for (const node of nodes) {
      for (const operand of node.operands) {
        if (operand.operation === null) continue;
        assert(done.has(operand) || inside.has(operand), `${node.operation!.name} runs before its operand`);
        assert(!(inside.has(operand) && isReduction(operand)), "a loop reads its own reduction");
      }
      assert(!done.has(node) && !inside.has(node), `${node.operation!.name} runs twice`);
      if (domain === null) assertEquals(nodes.length, 1);
      assertEquals(node.dtype, dtype);
      if (domain !== null) {
        assertEquals([...(isReduction(node) ? node.operands[0]! : node).shape], [...domain]);
      }
      inside.add(node);
    }
    assertLessOrEqual(nodes.length, 64, `${nodes.length} rows in one loop`);
    inside.forEach((node) => done.add(node));
  }
  const wanted = liveNodes(graph.outputs).filter((node) => node.operation !== null);
  assertEquals(done.size, wanted.length);
}

/** Checks the groups of a program, and that it gives in WebAssembly what it gives row by row. */
function assertFused(graph: Graph, expected: readonly string[], tolerance = 1e-13): void {
  assertEquals(groupsOf(graph), expected);
  assertRunnable(graph, fuse(graph, canLoop));
  const compiled = compileGraph(graph, { target: "wasm" });
  assertSamePrograms((inputs) => compiled.run(inputs), graph, tolerance);
  compiled.release();
}

const all = { axes: [0, 1], keepDims: false };
const last = { axes: [1], keepDims: true };

Deno.test("fuse() makes one loop of element-wise rows and the reductions at their end", () => {
  assertFused(
    graphOf([[3, 5], [5]], (ops, x, b) => {
      const y = ops.tanh(ops.add(x!, b!));
      return [ops.sum(ops.square(y), all), ops.max(y, last), y];
    }),
    ["[3, 5]: add tanh square sum max"],
  );
});

Deno.test("fuse() keeps loops over different ranges or dtypes apart", () => {
  assertFused(
    graphOf([[4], [3, 4]], (ops, x, y) => ops.add(ops.exp(x!), y!)),
    ["[4]: exp", "[3, 4]: add"],
  );
  const x = inputNode(0, [4], "float32");
  const wide = operationNode(
    op.tanh,
    [operationNode(op.neg, [x], undefined, "float32")],
    undefined,
    "float64",
  );
  assertFused({ inputs: [x], outputs: [wide] }, ["[4]: neg", "[4]: tanh"]);
});

Deno.test("fuse() splits where a loop reads its own reduction: a softmax takes three loops at most", () => {
  assertFused(
    graphOf([[3, 4]], (ops, x) => {
      const powers = ops.exp(ops.sub(x!, ops.max(x!, last)));
      return ops.div(powers, ops.sum(powers, last));
    }),
    ["[3, 4]: max", "[3, 4]: sub exp sum", "[3, 4]: div"],
  );
});

Deno.test("fuse() splits a diamond whose one side goes through a reduction", () => {
  const direct = graphOf([[3, 4]], (ops, x) => {
    const y = ops.sin(x!);
    return ops.mul(y, ops.sum(y, { axes: [0, 1], keepDims: true }));
  });
  assertFused(direct, ["[3, 4]: sin sum", "[3, 4]: mul"]);
  const hidden = graphOf([[3, 4]], (ops, x) => {
    const y = ops.sin(x!);
    const scale = ops.exp(ops.reshape(ops.sum(y, all), { shape: [1, 1] }));
    return ops.mul(y, scale);
  });
  assertFused(hidden, ["[3, 4]: sin sum", "kernel: reshape", "[1, 1]: exp", "[3, 4]: mul"]);
});

Deno.test("fuse() splits a diamond whose one side goes through a kernel", () => {
  const plain = { transposeX: false, transposeY: false };
  assertFused(
    graphOf([[4, 4]], (ops, x) => {
      const y = ops.cos(x!);
      return ops.add(ops.tanh(ops.matmul(y, y, plain)), ops.sin(y));
    }),
    ["[4, 4]: cos sin", "kernel: matmul", "[4, 4]: tanh add"],
  );
});

Deno.test("fuse() splits where two reductions wait for each other's loops", () => {
  assertFused(
    graphOf([[3, 4], [3, 4]], (ops, x, y) => {
      const a = ops.sum(ops.exp(x!), all);
      const b = ops.sum(ops.mul(ops.sin(y!), a), all);
      return ops.add(ops.mul(ops.cos(x!), b), ops.exp(x!));
    }),
    ["[3, 4]: cos exp sum exp", "[3, 4]: sin mul sum", "[3, 4]: mul add"],
  );
});

Deno.test("fuse() joins loops that read the same large value", () => {
  assertFused(
    graphOf([[3, 4]], (ops, x) => [ops.sum(x!, all), ops.max(x!, all), ops.tanh(x!)]),
    ["[3, 4]: sum max tanh"],
  );
});

Deno.test("fuse() leaves empty ranges to kernels, and joins ranges of length 1", () => {
  assertFused(
    graphOf([[0, 3]], (ops, x) => [ops.exp(ops.neg(x!)), ops.sum(x!, { axes: [0], keepDims: false })]),
    ["kernel: neg", "kernel: exp", "kernel: sum"],
  );
  assertFused(
    graphOf([[1, 1]], (ops, x) => ops.tanh(ops.sum(ops.neg(x!), { axes: [0, 1], keepDims: true }))),
    ["[1, 1]: neg sum", "[1, 1]: tanh"],
  );
});

Deno.test("fuse() takes outputs that are inputs, the same row twice, or in the middle of a loop", () => {
  const x = inputNode(0, [5], "float64");
  const ops = nodeOps("float64");
  const y = ops.exp(x);
  const z = ops.sin(y);
  assertFused({ inputs: [x], outputs: [z, x, y, z] }, ["[5]: exp sin"]);
  assertFused({ inputs: [x], outputs: [x] }, []);
});

Deno.test("fuse() makes no loop of more than 64 rows", () => {
  const long = graphOf([[6]], (ops, x) => {
    let y = x!;
    for (let i = 0; i < 150; i++) y = ops.add(ops.mul(y, 0.5), x!);
    return y;
  });
  const groups = fuse(long, canLoop);
  assertRunnable(long, groups);
  assertLessOrEqual(groups.length, 8, `${groups.length} loops`);
  assertFused(long, groupsOf(long));
});

Deno.test("fuse() keeps the order of random programs, and they give the same", () => {
  for (let seed = 0; seed < 300; seed++) {
    const graph = randomGraph(seed);
    assertRunnable(graph, fuse(graph, canLoop));
    if (seed % 10 > 0) continue;
    const compiled = compileGraph(graph, { target: "wasm" });
    assertSamePrograms((inputs) => compiled.run(inputs), graph, 1e-11, ["plain"]);
    compiled.release();
  }
});

/** A program of loops, reductions and kernels that read one another in many ways. */
function randomGraph(seed: number): Graph {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  return graphOf([[3, 4], [4], [3, 1]], (ops, ...inputs) => {
    const nodes = [...inputs];
    for (let i = 0; i < 30; i++) {
      const x = pick(nodes);
      const y = pick(nodes);
      const kind = random();
      if (kind < 0.25) nodes.push(pick([ops.tanh, ops.sin, ops.neg])(x));
      else if (kind < 0.7) nodes.push(ops.tanh(pick([ops.add, ops.mul, ops.sub])(x, y)));
      else if (kind < 0.9) {
        const axis = x.shape.findIndex((length) => length > 1);
        if (axis >= 0) nodes.push(pick([ops.sum, ops.max])(x, { axes: [axis], keepDims: true }));
      } else if (x.shape.length === 2 && y.shape.length === 2 && x.shape[0] === y.shape[0]) {
        nodes.push(ops.tanh(ops.matmul(x, y, { transposeX: true, transposeY: false })));
        if (nodes.at(-1)!.shape[0] !== 3) nodes.pop();
      }
    }
    return nodes.slice(-4);
  });
}

Deno.test("readersOf() gives each reader once, however often it reads", () => {
  const graph = graphOf([[2]], (ops, x) => [ops.mul(x!, x!), ops.exp(x!)]);
  assertEquals(readersOf(graph).get(graph.inputs[0]!), graph.outputs);
});
