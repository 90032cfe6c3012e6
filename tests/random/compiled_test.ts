import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import {
  bernoulli,
  dropout,
  foldIn,
  key,
  normal,
  permutation,
  randint,
  shuffle,
  split,
  truncatedNormal,
  uniform,
} from "../../src/random/mod.ts";
import { drawCalls } from "../../src/compiler/emit/draws.ts";
import { inputNode, operationNode } from "../../src/compiler/graph/nodes.ts";
import { operation } from "../../src/primitives/mod.ts";
import { assumeEngine } from "../../src/compiler/wasm/writer.ts";
import { stack } from "../../src/functions/mod.ts";
import { compile, grad, scan, vmap } from "../../src/transforms/mod.ts";
import { constant, type Variable } from "../../src/variable/mod.ts";

const DTYPES = ["float32", "float64"] as const;
/** Whole groups of blocks, tails of every kind, and nothing. */
const SIZES = [1, 2, 3, 4, 7, 8, 11, 12, 13, 23, 24, 25, 31, 32, 47, 48, 49, 1000, 0];

for (const dtype of DTYPES) {
  Deno.test(`compiled ${dtype} uniform numbers have the bits of eager ones, whatever their count`, () => {
    for (const size of SIZES) {
      const draw = (k: Variable): Variable => uniform(k, [size], { dtype });
      using compiled = compile(draw);
      for (const k of [key(0), key(2 ** 53 - 1), foldIn(key(7), 3)]) {
        assertEquals(compiled(k).data, draw(k).data, `${size}`);
      }
    }
  });

  Deno.test(`compiled ${dtype} masks, dropout and integers have the bits of eager ones`, () => {
    const x = constant(Float64Array.from({ length: 101 }, (_, i) => i - 50), { dtype });
    const draws: { readonly [name: string]: (k: Variable) => Variable } = {
      bernoulli: (k) => bernoulli(k, [5, 13], { probability: 0.3, dtype }),
      dropout: (k) => dropout(k, x, 0.4),
      randint: (k) => randint(k, [37], { low: -5, high: 100, dtype }),
      permutation: (k) => permutation(k, 50),
      shuffle: (k) => shuffle(k, x),
      bounds: (k) => uniform(k, [30], { low: -2, high: 2, dtype }),
    };
    for (const [name, draw] of Object.entries(draws)) {
      using compiled = compile(draw);
      for (const k of split(key(3), 3)) assertEquals(compiled(k).data, draw(k).data, name);
    }
  });

  Deno.test(`compiled ${dtype} normal numbers are those of eager ones but for rounding`, () => {
    const tolerance = dtype === "float32" ? 2e-6 : 1e-13;
    for (const draw of [normal, truncatedNormal]) {
      for (const size of [1, 5, 13, 100]) {
        const f = (k: Variable): Variable => draw(k, [size], { mean: 1, standardDeviation: 2, dtype });
        using compiled = compile(f);
        const [found, wanted] = [compiled(key(5)).data, f(key(5)).data];
        found.forEach((value, i) => assertAlmostEquals(value, wanted[i]!, tolerance * 10));
      }
    }
  });

  Deno.test(`a batch of keys draws under each what the key draws alone, in ${dtype}`, () => {
    const keys = split(key(11), 5);
    const batch = stack(keys);
    for (const size of [3, 24, 61]) {
      for (
        const draw of [
          (k: Variable) => uniform(k, [size], { dtype }),
          (k: Variable) => normal(k, [2, size], { dtype }),
          (k: Variable) => bernoulli(k, [size], { dtype }),
          (k: Variable) => dropout(k, constant(new Float32Array(size).fill(1), { dtype }), 0.5),
          (k: Variable) => uniform(foldIn(k, 4), [size], { dtype }),
          (k: Variable) => uniform(split(k)[1]!, [size], { dtype }),
        ]
      ) {
        const each = stack(keys.map(draw));
        assertEquals(vmap(draw)(batch).data, each.data);
        using compiled = compile(vmap(draw));
        compiled(batch).data.forEach((value, i) => assertAlmostEquals(value, each.data[i]!, 1e-5));
      }
    }
  });
}

Deno.test("split() and foldIn() have the same bits compiled, by a number and by a Variable", () => {
  const both = (k: Variable, step: Variable): Variable =>
    stack([...split(k, 3), foldIn(k, step), foldIn(k, 9)]);
  using compiled = compile(both);
  for (const step of [0, 1, 9, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
    const wanted = both(key(6), constant(step));
    assertEquals(compiled(key(6), constant(step)).data, wanted.data);
    assertEquals([...wanted.data.subarray(6, 8)], [...foldIn(key(6), step).data]);
  }
  assertEquals(foldIn(key(1), constant(5, { dtype: "float32" })).data, foldIn(key(1), 5).data);
  const mapped = vmap((step: Variable) => foldIn(key(6), step))(constant([3, 4]));
  assertEquals(mapped.data, stack([foldIn(key(6), 3), foldIn(key(6), 4)]).data);
});

Deno.test("any number of threads draws the same bits", () => {
  for (const dtype of DTYPES) {
    const draws: ((k: Variable) => Variable)[] = [
      (k) => uniform(k, [300_011], { dtype }),
      (k) => normal(k, [100_003], { dtype }),
      (k) => uniform(stack(split(k, 7)).sum().mul(0).add(k), [200_000], { dtype }).mul(2),
    ];
    for (const draw of draws) {
      using one = compile(draw);
      using two = compile(draw, { threads: 2 });
      using three = compile(draw, { threads: 3 });
      const wanted = one(key(8)).data;
      assertEquals(two(key(8)).data, wanted);
      assertEquals(three(key(8)).data, wanted);
      assertEquals(two.stats()[0]!.threads, 2);
    }
    const many = (keys: Variable): Variable => vmap((k: Variable) => uniform(k, [30_001], { dtype }))(keys);
    using one = compile(many);
    using two = compile(many, { threads: 2 });
    const keys = stack(split(key(0), 9));
    assertEquals(two(keys).data, one(keys).data);
  }
});

const THREADING = { count: 2, leastWork: 1 };

Deno.test("draws are calls within the program, not steps that are run from outside", () => {
  const keys = inputNode(0, [2], "float64");
  const attributes = { shape: [1000], dtype: "float32", form: "unit" };
  const nodes = [
    operationNode(operation.randomUniform, [keys], attributes, "float32"),
    operationNode(operation.randomUniform, [inputNode(0, [3, 2], "float64")], attributes, "float32"),
    operationNode(operation.threefry, [keys, inputNode(1, [4, 2], "float64")], undefined, "float64"),
  ];
  for (const node of nodes) assertEquals(drawCalls(node, THREADING)!.code.length, 1);
  assertEquals(drawCalls(operationNode(operation.exp, [keys], undefined, "float64"), THREADING), null);
});

Deno.test("engines without relaxed SIMD, and without any, draw the same bits", () => {
  const draw = (k: Variable): Variable => uniform(k, [99], { dtype: "float32" });
  for (const engine of ["simd", "none"] as const) {
    assumeEngine(engine, () => {
      using compiled = compile(draw);
      assertEquals(compiled(key(4)).data, draw(key(4)).data);
    });
  }
});

Deno.test("a key made inside of a compiled function is a constant, one passed in is not", () => {
  using inside = compile((x: Variable) => uniform(key(1), [3]).add(x));
  assertEquals(inside(constant(0)).data, inside(constant(0)).data);
  using outside = compile((k: Variable) => uniform(k, [3]));
  assertNotEquals(outside(key(1)).data, outside(key(2)).data);
  assertEquals(outside.stats().length, 1);
});

Deno.test("scan over keys drops other elements in each step, the same compiled", () => {
  const walk = (keys: Variable, x: Variable): Variable =>
    scan(
      (carry: Variable, k: Variable) => [carry.add(dropout(k, x, 0.5)), carry] as const,
      x.mul(0),
      keys,
    )[0];
  const keys = stack(split(key(2), 6));
  const x = constant(new Float64Array(20).fill(1));
  const eager = walk(keys, x);
  assertEquals(eager.data, split(key(2), 6).map((k) => dropout(k, x, 0.5)).reduce((a, b) => a.add(b)).data);
  using compiled = compile(walk);
  assertEquals(compiled(keys, x).data, eager.data);
});

Deno.test("the derivative of a dropout is its mask, and a draw has none by its key", () => {
  const x = constant([1, 2, 3, 4, 5, 6]);
  const slope = (k: Variable) => grad((v: Variable) => dropout(k, v, 0.5).sum())(x);
  assertEquals(slope(key(1)).data, dropout(key(1), constant(new Float64Array(6).fill(1)), 0.5).data);
  using compiled = compile(slope);
  assertEquals(compiled(key(1)).data, slope(key(1)).data);
  assertEquals(grad((k: Variable) => uniform(k, [4]).sum())(key(1)).data, new Float64Array(2));
});
