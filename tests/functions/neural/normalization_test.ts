import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as fc from "npm:fast-check@4";
import * as t from "../../../mod.ts";
import { grad, type Variable } from "../../../mod.ts";

const mixed = (shape: readonly number[]): Variable =>
  t.constant(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(7 * i + 1)))
    .reshape(shape);

/** The definition of normalization, from public operations. */
function byHand(x: Variable, axis: number[], epsilon: number): Variable {
  const centered = x.sub(x.mean({ axis, keepDims: true }));
  return centered.div(centered.square().mean({ axis, keepDims: true }).add(epsilon).sqrt());
}

function assertNear(a: Variable, b: Variable, tolerance = 1e-12): void {
  assertEquals(a.shape, b.shape);
  a.data.forEach((v, i) => assertAlmostEquals(v, b.data[i]!, tolerance));
}

const KINDS: readonly [string, (x: Variable) => Variable, (x: Variable) => Variable][] = [
  ["layerNorm", (x) => t.layerNorm(x), (x) => byHand(x, [3], 1e-5)],
  [
    "layerNorm over three axes",
    (x) => t.layerNorm(x, { axis: [1, 2, 3] }),
    (x) => byHand(x, [1, 2, 3], 1e-5),
  ],
  ["layerNorm over axes apart", (x) => t.layerNorm(x, { axis: [0, 2] }), (x) => byHand(x, [0, 2], 1e-5)],
  ["batchNormTraining", (x) => t.batchNormTraining(x).output, (x) => byHand(x, [0, 1, 2], 1e-5)],
  [
    "batchNormTraining on axis 1",
    (x) => t.batchNormTraining(x, { axis: 1 }).output,
    (x) => byHand(x, [0, 2, 3], 1e-5),
  ],
  ["instanceNorm", (x) => t.instanceNorm(x, { epsilon: 0.1 }), (x) => byHand(x, [1, 2], 0.1)],
  [
    "groupNorm",
    (x) => t.groupNorm(x, 2),
    (x) => byHand(x.reshape([2, 3, 4, 2, 2]), [1, 2, 4], 1e-5).reshape(x.shape),
  ],
  [
    "rmsNorm",
    (x) => t.rmsNorm(x),
    (x) => x.div(x.square().mean({ axis: 3, keepDims: true }).add(1e-6).sqrt()),
  ],
];
for (const [name, f, formula] of KINDS) {
  Deno.test(`${name} is its definition, with its first and second derivatives`, () => {
    const x = mixed([2, 3, 4, 4]);
    const g = mixed([2, 3, 4, 4]).cos();
    assertNear(f(x), formula(x));
    const slope = (h: (x: Variable) => Variable) => grad((v: Variable) => h(v).mul(g).sum());
    assertNear(slope(f)(x), slope(formula)(x));
    const second = (h: (x: Variable) => Variable) => grad((v: Variable) => slope(h)(v).mul(g).sum());
    assertNear(second(f)(x), second(formula)(x), 1e-10);
  });
}

Deno.test("layerNorm() does not see a shift, nor a scale of what is large against epsilon", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 9 }).filter((x) =>
      new Set(x).size > 1
    ),
    fc.integer({ min: -1000, max: 1000 }),
    fc.integer({ min: 1, max: 100 }),
    (x, shift, factor) => {
      const y = t.layerNorm(x, { epsilon: 1e-14 });
      assertNear(t.layerNorm(x.map((v) => factor * v + shift), { epsilon: 1e-14 }), y, 1e-9);
    },
  ));
});

Deno.test("equal numbers are normalized to 0, with finite derivatives", () => {
  const slope = grad((x: Variable) => t.layerNorm(x).mul([1, 2, 3]).sum())([5, 5, 5]) as number[];
  assertEquals(t.layerNorm([5, 5, 5]).value, [0, 0, 0]);
  [-1, 0, 1].forEach((v, i) => assertAlmostEquals(slope[i]!, v / Math.sqrt(1e-5), 1e-10));
  assertEquals(t.layerNorm([[7]]).value, [[0]]);
  assertEquals(t.layerNorm(new t.NdArray(new Float64Array(0), [0, 3])).shape, [0, 3]);
});

Deno.test("numbers with a large mean keep their digits", () => {
  const y = t.layerNorm([1e8 + 1, 1e8 + 3], { epsilon: 1e-12 });
  assertNear(y, t.constant([-1, 1]), 1e-11);
});

Deno.test("float32 stays float32, and scale and offset are taken in its dtype", () => {
  const x = t.constant(new Float32Array([1, 3]));
  const y = t.layerNorm(x, { scale: [2, 2], offset: 1 });
  assertEquals([y.dtype, y.round().value], ["float32", [-1, 3]]);
});

Deno.test("batchNormTraining() gives statistics that batchNorm() takes, and no derivative flows through", () => {
  const x = mixed([5, 3]);
  const { output, mean, variance } = t.batchNormTraining(x);
  assertEquals([mean.shape, variance.shape], [[3], [3]]);
  assertNear(t.batchNorm(x, mean, variance), output);
  const slope = grad((v: Variable) => {
    const found = t.batchNormTraining(v);
    return found.mean.add(found.variance).sum();
  })(x);
  assertEquals([...slope.data].filter((v) => v !== 0), []);
});

Deno.test("scale and offset of channels reach the channels' axis", () => {
  const x = mixed([2, 3, 4]);
  const options = { axis: 1, scale: [1, 2, 3], offset: [0, 1, 2] };
  const { output } = t.batchNormTraining(x, options);
  const plain = t.batchNormTraining(x, { axis: 1 });
  assertNear(output, plain.output.mul([[1], [2], [3]]).add([[0], [1], [2]]));
  assertNear(t.batchNorm(x, plain.mean, plain.variance, options), output);
});

Deno.test("normalizeL2() has length 1, and finite derivatives at 0", () => {
  assertEquals(t.normalizeL2([3, 4]).value, [0.6, 0.8]);
  assertEquals(t.normalizeL2([[3, 0], [4, 2]], { axis: 0 }).value, [[0.6, 0], [0.8, 1]]);
  assertEquals(t.normalizeL2([0, 0]).value, [0, 0]);
  const slope = grad((x: Variable) => t.normalizeL2(x, { epsilon: 0.5 }).sum())([0, 0]);
  assertEquals(slope, [2, 2]);
});

const BAD: readonly [string, () => unknown, ErrorConstructor, string][] = [
  ["an axis that is not there", () => t.layerNorm([1], { axis: 1 }), RangeError, "along axis 1"],
  ["a negative epsilon", () => t.layerNorm([1], { epsilon: -1 }), RangeError, "epsilon is -1"],
  ["an epsilon of 0", () => t.rmsNorm([1], { epsilon: 0 }), RangeError, "epsilon is 0"],
  ["an epsilon of NaN", () => t.normalizeL2([1], { epsilon: NaN }), RangeError, "epsilon is NaN"],
  [
    "a scale that enlarges",
    () => t.layerNorm([[1, 2]], { scale: [[1, 2], [3, 4]] }),
    TypeError,
    "scale of shape [2, 2] and offset of shape [] do not broadcast to [1, 2]",
  ],
  [
    "statistics of another length",
    () => t.batchNorm([[1, 2]], [1], [1, 1]),
    TypeError,
    "an operand has shape [1], expected [2]",
  ],
  [
    "a scale of another length",
    () => t.batchNormTraining([[1, 2]], { scale: [1, 2, 3] }),
    TypeError,
    "an operand has shape [3], expected [2]",
  ],
  [
    "groups that do not divide",
    () => t.groupNorm([[1, 2, 3]], 2),
    RangeError,
    "2 groups do not divide the 3",
  ],
  ["a vector in groups", () => t.groupNorm([1, 2], 1), TypeError, "expected [batch, ..., channels]"],
  ["instances without pixels", () => t.instanceNorm([[1, 2]]), TypeError, "with pixels between"],
];
for (const [what, run, type, message] of BAD) {
  Deno.test(`normalization refuses ${what}`, () => {
    assertThrows(run, type, message);
  });
}
