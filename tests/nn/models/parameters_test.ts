import { assertEquals, assertThrows } from "@std/assert";
import { constant } from "../../../mod.ts";
import { dense, flatten, type Sequential, sequential } from "../../../src/nn/mod.ts";

function make(seed = 0): Sequential {
  return sequential([flatten(), dense({ units: 2 }), dense({ units: 1, useBias: false })], { seed }).build([
    1,
    2,
  ]);
}

Deno.test("setWeights() puts back what getWeights() gave, on another model too", () => {
  const model = make();
  const other = make(1);
  const x = constant([[[1, 2]]]);
  const before = model.predict(x).value;
  other.setWeights(model.getWeights());
  assertEquals(other.predict(x).value, before);
  assertEquals(Object.keys(model.getWeights()), ["dense/kernel", "dense/bias", "dense_1/kernel"]);
  assertEquals(Object.entries(model.getWeights()).map(([path, w]) => w.name === path), [true, true, true]);
});

Deno.test("setParameters() reads numbers in the model's dtype and keeps the names", () => {
  const model = make();
  model.setParameters({
    "dense/kernel": [[1, 2], [3, 4]],
    "dense/bias": [0.1, 0],
    "dense_1/kernel": [[1], [1]],
  });
  const { "dense/kernel": kernel, "dense/bias": bias } = model.parameters;
  assertEquals([kernel!.dtype, kernel!.name, kernel!.trainable], ["float32", "dense/kernel", false]);
  assertEquals(bias!.data, new Float32Array([0.1, 0]));
});

Deno.test("weights go through JSON, to the bit", () => {
  const model = make();
  const other = make(1);
  other.setParameters(JSON.parse(JSON.stringify(model.parameters)));
  assertEquals(
    Object.values(other.parameters).map((w) => [...w.data]),
    Object.values(model.parameters).map((w) => [...w.data]),
  );
  const nothing = JSON.parse(JSON.stringify({ "dense/bias": constant([1, NaN]) }));
  assertThrows(() => other.setWeights(nothing), TypeError, "found null where a number is expected");
});

const BAD: readonly [unknown, string][] = [
  [[1], "pass an object of them by name, as getWeights() gives it"],
  [
    { "dense/kernel": [[1, 2], [3, 4]], "dense_1/kernel": [[1], [1]] },
    "Cannot set dense/bias of sequential: expected shape [2], got nothing",
  ],
  [
    { "dense/kernel": [1], "dense/bias": [0, 0], "dense_1/kernel": [[1], [1]] },
    "expected shape [2, 2], got [1]",
  ],
  [
    { "dense/kernels": 1 },
    "there is no such weight (did you mean dense/kernel?), it has dense/kernel, dense/bias",
  ],
];

for (const [parameters, message] of BAD) {
  Deno.test(`setParameters() refuses other trees: ${message}`, () => {
    const model = make();
    const before = model.parameters;
    assertThrows(() => model.setParameters(parameters as never), TypeError, message);
    assertEquals(model.parameters, before);
  });
}

Deno.test("setWeights() replaces the weights that are given, and refuses others", () => {
  const model = make();
  const before = model.getWeights();
  model.setWeights({ "dense/bias": [1, 2] });
  assertEquals(model.getWeights()["dense/bias"]!.value, [1, 2]);
  assertEquals(model.getWeights()["dense/kernel"]!.value, before["dense/kernel"]!.value);
  assertThrows(() => model.setWeights({ bias: [1, 2] }), TypeError, "there is no such weight");
});
