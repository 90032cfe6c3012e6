import {
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as t from "../../../mod.ts";
import {
  averagePooling2d,
  conv2d,
  dense,
  flatten,
  globalAveragePooling2d,
  input,
  maxPooling2d,
  sequential,
} from "../../../src/nn/mod.ts";
import { apply, parametersOf } from "../apply.ts";

Deno.test("a conv2d layer is the convolution, its bias and its activation", () => {
  const layer = conv2d({
    filters: 4,
    kernelSize: [3, 2],
    strides: 2,
    padding: "same",
    groups: 2,
    activation: "relu",
    biasInitializer: "randomNormal",
  });
  const parameters = parametersOf(layer, [5, 6, 2], 1);
  assertEquals(parameters["kernel"]!.shape, [3, 2, 1, 4]);
  assertEquals(layer.apply(input({ shape: [5, 6, 2] })).shape, [3, 3, 4]);
  const x = t.constant(Float64Array.from({ length: 120 }, (_, i) => Math.sin(i))).reshape([2, 5, 6, 2]);
  const plain = t.conv2d(x, parameters["kernel"]!, { strides: 2, padding: "same", groups: 2 });
  const expected = plain.add(parameters["bias"]!);
  assertEquals(apply(layer, x, parameters).data, expected.relu().data);
  assertEquals(
    Object.keys(parametersOf(conv2d({ filters: 1, kernelSize: 1, useBias: false }), [2, 2, 1])),
    [
      "kernel",
    ],
  );
});

Deno.test("the start kernel of a conv2d layer counts all pixels of the filters", () => {
  const parameters = parametersOf(conv2d({ filters: 50, kernelSize: 3 }), [8, 8, 30], 2);
  const kernel = parameters["kernel"]!;
  const limit = Math.sqrt(6 / (9 * 30 + 9 * 50));
  assertLessOrEqual(kernel.abs().max().item(), limit);
  assertAlmostEquals(kernel.square().mean().item(), limit * limit / 3, 0.03 * limit * limit);
});

Deno.test("pooling layers are the functions of those names", () => {
  const x = t.constant(Float64Array.from({ length: 50 }, (_, i) => Math.sin(i))).reshape([1, 5, 5, 2]);
  const run = (layer: ReturnType<typeof maxPooling2d>): t.Variable => {
    const y = apply(layer, x);
    assertEquals(layer.apply(input({ shape: [5, 5, 2] })).shape, y.shape.slice(1));
    return y;
  };
  assertEquals(run(maxPooling2d()).data, t.maxPool2d(x, 2).data);
  assertEquals(
    run(maxPooling2d({ poolSize: 3, strides: 1, padding: "same" })).data,
    t.maxPool2d(x, 3, { strides: 1, padding: "same" }).data,
  );
  assertEquals(run(averagePooling2d({ padding: "same" })).data, t.avgPool2d(x, 2, { padding: "same" }).data);
  assertEquals(run(globalAveragePooling2d()).data, t.globalAvgPool(x).data);
});

Deno.test("a network of convolutions learns where a line lies, whichever way it is trained", async () => {
  const images = Array.from({ length: 16 }, (_, n) => {
    const upright = n % 2 === 1;
    const place = (n >> 1) % 4;
    return Array.from(
      { length: 4 },
      (_, y) => Array.from({ length: 4 }, (_, x) => [(upright ? x : y) === place ? 1 : 0]),
    );
  });
  const labels = images.map((_, n) => n % 2);
  for (const compile of [false, true]) {
    const model = sequential([
      conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
      maxPooling2d(),
      flatten(),
      dense({ units: 2, activation: "softmax" }),
    ], { seed: 3 });
    model.compile({
      optimizer: "adam",
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy"],
      compile,
    });
    const { history } = await model.fit(images, labels, { epochs: 300, batchSize: "full" });
    assertLess(history["loss"]!.at(-1)!, 0.5 * history["loss"]![0]!);
    assertEquals(model.evaluate(images, labels)["accuracy"], 1);
    assertStringIncludes(model.summary(), "conv2d        [batch, 4, 4, 4]");
  }
});

Deno.test("layers of images refuse what does not fit", () => {
  assertThrows(() => conv2d({ filters: 0, kernelSize: 1 }), RangeError, "filters is 0");
  assertThrows(
    () => parametersOf(conv2d({ filters: 1, kernelSize: 3 }), [8, 8]),
    TypeError,
    "Cannot apply a conv2d layer to examples of shape [8, 8]: expected [height, width, channels]",
  );
  assertThrows(
    () => parametersOf(maxPooling2d(), [8]),
    TypeError,
    "a maxPooling2d layer to examples of shape [8]",
  );
  assertThrows(
    () => parametersOf(conv2d({ filters: 2, kernelSize: 3, groups: 2 }), [8, 8, 3]),
    RangeError,
    "2 groups do not divide the 3 channels",
  );
  assertThrows(
    () => parametersOf(conv2d({ filters: 2, kernelSize: 3 }), [2, 8, 3]),
    TypeError,
    "the window [3, 3]",
  );
});
