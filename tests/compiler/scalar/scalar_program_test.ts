import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import type { Value } from "../../../src/array/value.ts";
import { NdArray } from "../../../src/array/nd_array.ts";
import {
  constantNode,
  type Graph,
  inputNode,
  type Node,
  nodeOps,
} from "../../../src/compiler/graph/nodes.ts";
import { makeRowLoop } from "../../../src/compiler/scalar/row_loop.ts";
import { isScalarProgram } from "../../../src/compiler/scalar/scalar_rows.ts";
import { emitScalarProgram } from "../../../src/compiler/scalar/scalar_program.ts";
import { simplify } from "../../../src/compiler/passes/simplify.ts";
import { assertSamePrograms, graphOf } from "../graphs.ts";
import { randomNumbers } from "../random_programs.ts";

const WAYS = { "straight-line code": emitScalarProgram, "a loop over the rows": makeRowLoop };

/** Checks that both ways to run a program of single numbers give what its rows give, bit for bit. */
function assertScalar(graph: Graph): void {
  assert(isScalarProgram(graph), "not a scalar program");
  for (const make of Object.values(WAYS)) {
    const program = make(graph);
    assertSamePrograms((inputs: readonly Value[]) => program.run(inputs), graph);
    program.release();
  }
}

const element = (at: number) => ({ begin: [at], size: [1] });

Deno.test("scalar programs: every kind of instruction, with NaN, infinities and -0", () => {
  assertScalar(graphOf([[], [], []], (ops, x, y, z) => [
    ops.add(x!, y!),
    ops.sub(x!, y!),
    ops.mul(x!, y!),
    ops.div(x!, y!),
    ops.pow(x!, y!),
    ops.maximum(x!, y!),
    ops.minimum(x!, y!),
    ops.atan2(x!, y!),
    ops.where(x!, y!, z!),
    ops.where(ops.lt(x!, y!), y!, z!),
    ops.clip(x!, -1, 1),
    ...[ops.eq, ops.ne, ops.lt, ops.le, ops.gt, ops.ge].map((compare) => compare(x!, y!)),
    ...[ops.neg, ops.abs, ops.sqrt, ops.floor, ops.ceil, ops.trunc, ops.round, ops.sign].map((f) => f(x!)),
    ...[ops.exp, ops.log, ops.sin, ops.tanh, ops.sigmoid, ops.relu, ops.erf, ops.softplus].map((f) => f(x!)),
  ]));
});

Deno.test("scalar programs read single elements of arrays, also through reshapes", () => {
  assertScalar(graphOf([[3], [2, 2]], (ops, x, y) => [
    ops.mul(ops.slice(x!, element(0)), ops.slice(x!, element(2))),
    ops.exp(ops.reshape(ops.slice(y!, { begin: [1, 0], size: [1, 1] }), { shape: [] })),
    ops.sin(ops.slice(ops.reshape(y!, { shape: [4] }), element(3))),
    ops.slice(x!, element(1)),
  ]));
});

Deno.test("scalar programs give arrays put together of single numbers, overlapping ones added up", () => {
  assertScalar(simplify(graphOf([[3]], (ops, x) => {
    const parts = [0, 1, 2].map((i) => ops.exp(ops.slice(x!, element(i))));
    const placed = parts.map((part, i) => ops.place(part, { begin: [i], shape: [4] }));
    return [
      placed.reduce((a, b) => ops.add(a, b)),
      ops.concat([parts[2]!, parts[0]!, parts[0]!], { axis: 0 }),
      ops.add(placed[1]!, ops.place(parts[2]!, { begin: [1], shape: [4] })),
      ops.reshape(ops.place(parts[0]!, { begin: [1], shape: [2] }), { shape: [2, 1] }),
    ];
  })));
});

Deno.test("scalar programs give inputs, constants, and the same row several times", () => {
  const [x, y] = [inputNode(0, [], "float64"), inputNode(1, [2], "float64")];
  const ops = nodeOps("float64");
  const z = ops.exp(x);
  const outputs: Node[] = [
    z,
    x,
    z,
    y,
    ops.reshape(y, { shape: [2, 1] }),
    constantNode(-0, "float64"),
    constantNode(new NdArray(new Float64Array([NaN, -0, 1])), "float64"),
    ops.reshape(z, { shape: [1, 1] }),
  ];
  assertScalar({ inputs: [x, y], outputs });
});

Deno.test("scalar programs tell constants 0 and -0 apart", () => {
  assertScalar(graphOf([[]], (ops, x) => [ops.mul(x!, 0), ops.mul(x!, -0), ops.div(1, ops.mul(x!, -0))]));
});

Deno.test("scalar programs round every row of float32", () => {
  assertScalar(graphOf([[], [2]], (ops, x, y) => {
    let z = ops.mul(x!, ops.slice(y!, element(1)));
    for (let i = 0; i < 20; i++) z = ops.tanh(ops.add(ops.mul(z, 1.1), x!));
    return [z, ops.reshape(z, { shape: [] }), ops.exp(x!)];
  }, "float32"));
});

Deno.test("scalar programs of thousands of rows keep what later functions read", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = randomNumbers(seed);
    assertScalar(graphOf([[], [], [5]], (ops, x, y, z) => {
      const nodes = [
        x!,
        y!,
        ...[0, 1, 2, 3, 4].map((i) => ops.reshape(ops.slice(z!, element(i)), { shape: [] })),
      ];
      const pick = (): Node => nodes[Math.floor(random() ** (random() < 0.8 ? 0.1 : 1) * nodes.length)]!;
      while (nodes.length < 1500) {
        const kind = random();
        if (kind < 0.7) nodes.push([ops.add, ops.sub, ops.mul][Math.floor(random() * 3)]!(pick(), pick()));
        else nodes.push([ops.sin, ops.tanh, ops.neg][Math.floor(random() * 3)]!(pick()));
      }
      return [nodes.at(-1)!, nodes[700]!, pick(), pick()];
    }));
  }
});

Deno.test("a program is scalar only if all its rows are, with arrays nowhere but at its ends", () => {
  const is = (...args: Parameters<typeof graphOf>): boolean => isScalarProgram(graphOf(...args));
  assertEquals(is([[]], (ops, x) => ops.exp(x!)), true);
  assertEquals(is([[1, 1]], (ops, x) => ops.exp(x!)), true);
  assertEquals(is([[3]], (ops, x) => ops.slice(x!, element(1))), true);
  assertEquals(is([[2]], (ops, x) => ops.exp(x!)), false);
  assertEquals(is([[3]], (ops, x) => ops.slice(x!, { begin: [0], size: [2] })), false);
  assertEquals(is([[3]], (ops, x) => ops.sum(x!, { axes: [0], keepDims: false })), false);
  assertEquals(is([[1]], (ops, x) => ops.sum(x!, { axes: [0], keepDims: false })), false);
  assertEquals(is([[0]], (ops, x) => ops.exp(x!)), false);
  assertEquals(is([[]], (ops, x) => ops.exp(ops.place(x!, { begin: [], shape: [] }))), false);
  assertEquals(is([[1]], (ops, x) => ops.exp(ops.place(x!, { begin: [1], shape: [2] }))), false);
});

Deno.test("makeRowLoop() and emitScalarProgram() say what they are", () => {
  const graph = graphOf([[]], (ops, x) => {
    let y = x!;
    for (let i = 0; i < 1000; i++) y = ops.add(ops.sin(y), x!);
    return y;
  });
  const straight = emitScalarProgram(graph);
  assertEquals(
    straight.describe().groups.startsWith(`${straight.kernels} functions of at most 400 rows`),
    true,
  );
  assertGreaterOrEqual(straight.kernels, 5);
  assertEquals(makeRowLoop(graph).describe().groups, "a loop over 2000 rows");
});

Deno.test("numbers that are only handed on, broadcast or cast, stay in straight-line code", () => {
  for (const dtype of ["float64", "float32"] as const) {
    const graph = graphOf([[], [1]], (ops, x, y) => {
      const wide = ops.broadcastTo(ops.sin(x!), { shape: [1, 1] });
      return ops.cast(ops.mul(wide, ops.exp(y!)), { dtype: "float32" });
    }, dtype);
    assertScalar(graph);
  }
});
