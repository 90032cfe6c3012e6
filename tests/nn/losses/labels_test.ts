import { assertAlmostEquals, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { constant, valueAndGrad, type Variable } from "../../../mod.ts";
import {
  activation,
  type ActivationName,
  applyLayer,
  dense,
  type LossName,
  sequential,
} from "../../../src/nn/mod.ts";
import { meanLoss } from "../../../src/nn/losses/loss.ts";
import { lossOf } from "../../../src/nn/losses/resolve.ts";

/** A model that passes its input through, so that losses can be computed by hand. */
function pass(width: number, last: ActivationName, loss: LossName): ReturnType<typeof sequential> {
  const identity = Array.from(
    { length: width },
    (_, i) => Array.from({ length: width }, (_, k) => i === k ? 1 : 0),
  );
  const model = sequential([dense({ units: width, activation: last, useBias: false })], { dtype: "float64" });
  model.build([width]).setParameters({ "dense/kernel": identity });
  model.compile({ optimizer: "sgd", loss, metrics: ["accuracy"] });
  return model;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const VALUES: readonly [LossName, ActivationName, number[][], number[] | number[][], number, number][] = [
  [
    "binaryCrossentropy",
    "sigmoid",
    [[1], [-2]],
    [1, 1],
    -(Math.log(sigmoid(1)) + Math.log(sigmoid(-2))) / 2,
    0.5,
  ],
  ["binaryCrossentropy", "sigmoid", [[0.25]], [1], -Math.log(sigmoid(0.25)), 1],
  ["binaryCrossentropy", "linear", [[0.75], [0.25]], [1, 0], -Math.log(0.75), 1],
  ["binaryCrossentropy", "sigmoid", [[0, 0]], [[1, 0]], Math.log(2), 0.5],
  ["categoricalCrossentropy", "softmax", [[1, 1, 1]], [[0, 0, 1]], Math.log(3), 0],
  ["categoricalCrossentropy", "linear", [[0.5, 0.25, 0.25]], [[1, 0, 0]], Math.log(2), 1],
  ["sparseCategoricalCrossentropy", "softmax", [[0, 0], [0, 0]], [0, 1], Math.log(2), 0.5],
  ["sparseCategoricalCrossentropy", "softmax", [[0, 0], [0, 0]], [[1], [1]], Math.log(2), 0],
  ["meanSquaredError", "linear", [[1], [3]], [1, 1], 2, 1],
  ["meanAbsoluteError", "linear", [[1, 0], [3, 0]], [[1, 0], [1, 0]], 0.5, 1],
];

for (const [loss, last, x, y, value, accuracy] of VALUES) {
  Deno.test(`${loss} over ${last} of ${JSON.stringify(x)} for ${JSON.stringify(y)} is as by hand`, () => {
    const measured = pass(x[0]!.length, last, loss).evaluate(x, y);
    assertAlmostEquals(measured["loss"]!, value, 1e-12);
    assertEquals(measured["accuracy"], accuracy);
  });
}

const STABLE: readonly [LossName, ActivationName, number[], number[], number, number[]][] = [
  ["binaryCrossentropy", "sigmoid", [1000], [0], 1000, [1]],
  ["binaryCrossentropy", "sigmoid", [-1000], [1], 1000, [-1]],
  ["binaryCrossentropy", "sigmoid", [1000], [1], 0, [0]],
  ["binaryCrossentropy", "sigmoid", [-1000], [0], 0, [0]],
  ["categoricalCrossentropy", "softmax", [1000, -1000], [0, 1], 2000, [1, -1]],
  ["categoricalCrossentropy", "softmax", [1000, -1000], [1, 0], 0, [0, 0]],
  ["sparseCategoricalCrossentropy", "softmax", [-1000, 1000], [0], 2000, [-1, 1]],
];

for (const [name, last, logits, labels, value, gradient] of STABLE) {
  Deno.test(`${name} for logits ${logits} and labels ${labels} has value and gradient, not NaN`, () => {
    const loss = lossOf(name);
    const y = constant(loss.readLabels(constant([labels]).toArray(), [logits.length]));
    const f = (z: Variable): Variable => {
      const p = applyLayer(activation(last), { parameters: {}, state: {} }, z).output;
      return meanLoss(loss, y, p, undefined, undefined);
    };
    const [found, slope] = valueAndGrad(f)(constant([logits]));
    assertEquals([found.item(), slope.data], [value, Float64Array.from(gradient)]);
  });
}

Deno.test("an activation layer at the end is taken into the loss too", () => {
  const layers = [dense({ units: 1, kernelInitializer: "ones" }), activation("sigmoid")];
  const model = sequential(layers, { dtype: "float64" }).build([1]);
  model.compile({ optimizer: "sgd", loss: "binaryCrossentropy" });
  assertEquals(model.evaluate([[1000]], [0]), { loss: 1000 });
  assertEquals(model.predict([[1000]]).item(), 1);
});

const BAD_LABELS: readonly [LossName, number, number[] | number[][], ErrorConstructor, string][] = [
  ["binaryCrossentropy", 1, [0, 2], RangeError, "label 2 in row 1, labels are from 0 to 1"],
  ["binaryCrossentropy", 1, [NaN, 1], RangeError, "label NaN in row 0"],
  ["categoricalCrossentropy", 2, [[0, 1], [-1, 2]], RangeError, "label -1 in row 1"],
  ["categoricalCrossentropy", 2, [0, 1], TypeError, "labels have shape [2], the model gives [2, 2]"],
  ["sparseCategoricalCrossentropy", 2, [0, 2], RangeError, "label 2 in row 1, the model has classes 0 to 1"],
  ["sparseCategoricalCrossentropy", 2, [0, 0.5], RangeError, "label 0.5 in row 1"],
  [
    "sparseCategoricalCrossentropy",
    2,
    [[0, 1], [1, 0]],
    TypeError,
    "labels have shape [2, 2], use class numbers of shape [2], or categoricalCrossentropy",
  ],
  ["meanSquaredError", 1, [[1, 2], [3, 4]], TypeError, "labels have shape [2, 2], the model gives [2, 1]"],
];

for (const [loss, width, labels, type, message] of BAD_LABELS) {
  Deno.test(`${loss} refuses labels: ${message}`, () => {
    const model = pass(width, width === 1 ? "sigmoid" : "softmax", loss);
    const x = Array.from({ length: 2 }, () => Array.from({ length: width }, () => 0));
    assertThrows(() => model.evaluate(x, labels), type, message);
  });
}

Deno.test("a metric of one's own is recorded under its name, for training and validation", async () => {
  const worst = (y: Variable, p: Variable): Variable => y.sub(p).abs().max();
  const model = sequential([dense({ units: 1, kernelInitializer: "zeros" })]);
  model.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: [worst, "accuracy"] });
  const data = [[[1], [2]], [1, 3]] as const;
  const { history } = await model.fit(...data, { validationData: data });
  assertEquals(Object.keys(history), ["loss", "worst", "accuracy", "valLoss", "valWorst", "valAccuracy"]);
  assertEquals(history["worst"], [3]);
  assertLess(model.evaluate(...data)["worst"]!, 3);
});

Deno.test("compile() refuses metrics that are unknown, nameless or named twice", () => {
  const model = sequential([dense({ units: 1 })]);
  const compile = (...metrics: unknown[]): void =>
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: metrics as "accuracy"[] });
  assertThrows(() => compile("precisoin"), RangeError, 'Unknown metric: "precisoin"');
  assertThrows(() => compile((y: Variable) => y), RangeError, "it has no name to record it by");
  assertThrows(() => compile("accuracy", "accuracy"), RangeError, "the name accuracy is taken");
});

const NO_PROBABILITIES: readonly [LossName, number, "linear" | "softmax", string][] = [
  ["binaryCrossentropy", 1, "linear", 'which is no probability; end it with activation: "sigmoid", or pass'],
  [
    "sparseCategoricalCrossentropy",
    3,
    "linear",
    'end it with activation: "softmax", or pass sparseCategorical',
  ],
  ["binaryCrossentropy", 1, "softmax", "a softmax of one unit is always 1"],
];

for (const [loss, units, last, message] of NO_PROBABILITIES) {
  Deno.test(`${loss} refuses to train ${units} units after ${last}: ${message}`, async () => {
    const model = sequential([dense({ units, activation: last })]);
    model.compile({ optimizer: "sgd", loss });
    await assertRejects(() => model.fit([[0], [1], [2], [-1]], [0, 1, 1, 0]), RangeError, message);
  });
}
