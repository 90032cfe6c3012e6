import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as fc from "npm:fast-check@4";
import * as t from "../../../mod.ts";
import { grad, type Variable } from "../../../mod.ts";

type Loss = (y: t.Operand, p: t.Operand, options?: t.LossOptions) => Variable;
const slopes = (f: (x: Variable) => Variable, x: number[]): number[] =>
  grad((v: Variable) => f(v).sum())(x) as number[];

const PAIRS: readonly [string, Loss][] = [
  ["meanSquaredError", t.meanSquaredError],
  ["meanAbsoluteError", t.meanAbsoluteError],
  ["huber", t.huber],
  ["hinge", t.hinge],
  ["binaryCrossEntropy", t.binaryCrossEntropy],
  ["klDivergence", t.klDivergence],
  ["poissonNLL", t.poissonNLL],
  ["categoricalCrossEntropy", t.categoricalCrossEntropy],
];
for (const [name, loss] of PAIRS) {
  Deno.test(`${name} joins single losses by mean or sum, and refuses labels of another shape`, () => {
    const [p, y] = [[[0.25, 0.5], [0.5, 0.125]], [[0, 1], [1, 0]]];
    const each = loss(y, p, { reduction: "none" });
    assertAlmostEquals(loss(y, p, { reduction: "sum" }).item(), each.sum().item(), 1e-15);
    assertAlmostEquals(loss(y, p).item(), each.mean().item(), 1e-15);
    assertThrows(() => loss([0, 1], p), TypeError, "[2, 2]");
    assertThrows(
      () => loss(y, p, { reduction: "all" as "sum" }),
      RangeError,
      'reduction is "all", use "mean", "sum" or "none"',
    );
    assertEquals(loss(y, t.constant(p).cast("float32")).dtype, "float32");
  });
}

Deno.test("kinks of losses have the derivatives that are documented", () => {
  assertEquals(slopes((x) => t.huber([0, 0, 0, 0, 0], x, { reduction: "none" }), [-1, 1, 0, 2, Infinity]), [
    -1,
    1,
    0,
    1,
    1,
  ]);
  assertEquals(slopes((x) => t.meanAbsoluteError([0, 0, 0], x, { reduction: "none" }), [-0, 0, 1]), [
    0,
    0,
    1,
  ]);
  assertEquals(slopes((x) => t.hinge([1, 1, 1], x, { reduction: "none" }), [0.5, 1, 2]), [-1, 0, 0]);
});

Deno.test("huber() is half the square near and a straight line far away, and does not overflow", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -9, max: 9, noNaN: true }),
      fc.double({ min: 0.1, max: 5, noNaN: true }),
      (d, delta) => {
        const expected = Math.abs(d) <= delta ? d * d / 2 : delta * (Math.abs(d) - delta / 2);
        assertAlmostEquals(t.huber(0, d, { delta }).item(), expected, 1e-14);
      },
    ),
  );
  assertEquals(t.huber(0, 1e300).item(), 1e300);
});

Deno.test("binaryCrossEntropy() of certain errors is finite", () => {
  const losses = t.binaryCrossEntropy([0, 1, 1, 0], [0, 1, 0, 1], { reduction: "none" });
  assertEquals(losses.value, [0, 0, -Math.log(1e-7), -Math.log(1e-7)].map((v) => v + 0));
  const atCertainty = slopes((x) => t.binaryCrossEntropy([0, 1, 1, 0], x), [0, 1, 0, 1]);
  assert(atCertainty.every(Number.isFinite), String(atCertainty));
});

Deno.test("klDivergence() is 0 for equal probabilities, and finite where both are impossible", () => {
  assertAlmostEquals(t.klDivergence([[0.25, 0.75]], t.log([[0.25, 0.75]])).item(), 0, 1e-16);
  assertEquals(t.klDivergence([[0, 1]], [[-Infinity, 0]]).item(), 0);
  assertEquals(
    slopes((x) => t.klDivergence([[0, 1]], x.reshape([1, 2])), [-Infinity, 0]),
    [-0, -1].map((v) => v + 0),
  );
  assertEquals(t.klDivergence([[0.5, 0.5]], [[-Infinity, 0]]).item(), Infinity);
});

Deno.test("poissonNLL() agrees between rates and their logarithms", () => {
  const [z, y] = [[-1, 0, 2], [0, 3, 5]];
  const rates = z.map(Math.exp);
  const byRates = t.poissonNLL(y, rates, { logInput: false, epsilon: 1e-300, reduction: "none" });
  t.poissonNLL(y, z, { reduction: "none" }).data.forEach((v, i) =>
    assertAlmostEquals(byRates.data[i]!, v, 1e-14)
  );
  assertAlmostEquals(t.poissonNLL([2], [0], { logInput: false }).item(), -2 * Math.log(1e-8), 1e-12);
});

Deno.test("cosineSimilarity() is the cosine, and 0 with finite derivatives for a zero vector", () => {
  assertAlmostEquals(t.cosineSimilarity([1, 1], [1, 0]).item(), Math.SQRT1_2, 1e-15);
  assertEquals(t.cosineSimilarity([[1, 0], [0, 1]], [[0, 1], [0, -1]], { axis: 1 }).value, [0, -1]);
  assertEquals(t.cosineSimilarity([[3, 0], [4, 2]], [[3, 0], [4, 2]], { axis: 0 }).value, [1, 1]);
  assertEquals(t.cosineSimilarity([0, 0], [1, 0]).item(), 0);
  const atZero = slopes((x) => t.cosineSimilarity(x, [1, 0]), [0, 0]);
  assert(atZero.every(Number.isFinite), String(atZero));
});

Deno.test("cosineEmbeddingLoss() pulls like vectors together and unlike ones apart up to the margin", () => {
  const run = (options: t.CosineEmbeddingOptions): unknown =>
    t.cosineEmbeddingLoss([1, -1, -1], [[1, 0], [1, 0], [1, 0]], [[0, 1], [0.6, 0.8], [0, 1]], {
      ...options,
      reduction: "none",
    }).value;
  assertEquals(run({}), [1, 0.6, 0]);
  assertEquals(run({ margin: 0.5 }), [1, 0.6 - 0.5, 0]);
});

Deno.test("cross-entropy of class numbers is that of their rows with a single 1", () => {
  const z = [[1, 2, 0.5], [0, -1, 3]];
  const y = [[0, 1, 0], [1, 0, 0]];
  for (const labelSmoothing of [0, 0.2]) {
    for (const classWeights of [[1, 1, 1], [2, 0.5, 1]]) {
      const options = { labelSmoothing, classWeights, reduction: "none" } as const;
      assertEquals(
        t.sparseCategoricalCrossEntropy([1, 0], z, options).value,
        t.categoricalCrossEntropy(y, z, options).value,
      );
    }
  }
});

Deno.test("cross-entropy is exact for logits of any size, along any axis", () => {
  assertEquals(t.sparseCategoricalCrossEntropy([1], [[1000, -1000]]).item(), 2000);
  assertEquals(
    t.sparseCategoricalCrossEntropy([1, 0], [[1000, 2000], [-1000, 0]], { axis: 0, reduction: "none" }).value,
    [
      2000,
      0,
    ],
  );
  const slope = grad((z: Variable) => t.sparseCategoricalCrossEntropy([1], z))([[1000, -1000]]);
  assertEquals(slope, [[1, -1]]);
});

Deno.test("the weighted mean of class numbers is over the weights of their classes", () => {
  const z = [[0, 0], [0, 0]];
  const options = { classWeights: [3, 1] };
  assertAlmostEquals(t.sparseCategoricalCrossEntropy([0, 1], z, options).item(), Math.log(2), 1e-15);
  assertAlmostEquals(t.categoricalCrossEntropy([[1, 0], [0, 1]], z, options).item(), 2 * Math.log(2), 1e-15);
});

const BAD: readonly [string, () => unknown, ErrorConstructor, string][] = [
  ["a delta of 0", () => t.huber([1], [1], { delta: 0 }), RangeError, "delta is 0"],
  ["an epsilon of 0", () => t.binaryCrossEntropy([1], [1], { epsilon: 0 }), RangeError, "epsilon is 0"],
  ["an epsilon of -1", () => t.poissonNLL([1], [1], { epsilon: -1 }), RangeError, "epsilon is -1"],
  [
    "labels of pairs that are too few",
    () => t.cosineEmbeddingLoss([1], [[1], [1]], [[1], [1]]),
    TypeError,
    "vectors of shapes [2, 1] and [2, 1] and labels of shape [1] do not fit",
  ],
  [
    "a class number that is too large",
    () => t.sparseCategoricalCrossEntropy([2], [[0, 0]]),
    RangeError,
    "found the class number 2, use integers from 0 to 1",
  ],
  [
    "a class number between",
    () => t.sparseCategoricalCrossEntropy([0.5], [[0, 0]]),
    RangeError,
    "class number 0.5",
  ],
  [
    "class numbers of another shape",
    () => t.sparseCategoricalCrossEntropy([[1]], [[0, 0]]),
    TypeError,
    "class numbers need shape [1], but have [1, 1]",
  ],
  [
    "smoothing above 1",
    () => t.categoricalCrossEntropy([[0, 1]], [[0, 0]], { labelSmoothing: 1.5 }),
    RangeError,
    "labelSmoothing is 1.5",
  ],
  [
    "weights of another length",
    () => t.categoricalCrossEntropy([[0, 1]], [[0, 0]], { classWeights: [1] }),
    TypeError,
    "classWeights have shape [1], expected [2]",
  ],
];
for (const [what, run, type, message] of BAD) {
  Deno.test(`losses refuse ${what}`, () => {
    assertThrows(run, type, message);
  });
}

Deno.test("binaryCrossEntropy() refuses what is no probability: logits, or arguments in another order", () => {
  assertThrows(
    () => t.binaryCrossEntropy([1], [3]),
    RangeError,
    "Cannot apply binaryCrossEntropy: found the probability 3, use numbers from 0 to 1",
  );
  assertThrows(() => t.binaryCrossEntropy([3], [1]), RangeError, "found the label 3");
  assertThrows(() => t.binaryCrossEntropy([1], [NaN]), RangeError, "found the probability NaN");
});
