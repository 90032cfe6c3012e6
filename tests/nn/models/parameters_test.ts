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
  assertEquals(model.getWeights().map((w) => w.name), ["kernel", "bias", "kernel"]);
});

Deno.test("setParameters() reads numbers in the model's dtype and keeps the names", () => {
  const model = make();
  model.setParameters([{}, { kernel: [[1, 2], [3, 4]], bias: [0.1, 0] }, { kernel: [[1], [1]] }]);
  const { kernel, bias } = model.parameters[1]!;
  assertEquals([kernel!.dtype, kernel!.name, kernel!.trainable], ["float32", "kernel", false]);
  assertEquals(bias!.data, new Float32Array([0.1, 0]));
});

const BAD: readonly [unknown[], string][] = [
  [[{}], "got 1 layers, it has 3"],
  [
    [{}, { kernel: [[1, 2], [3, 4]] }, { kernel: [[1], [1]] }],
    "Cannot set bias of layer 1: expected shape [2], got nothing",
  ],
  [[{}, { kernel: [1], bias: [0, 0] }, {}], "expected shape [2, 2], got [1]"],
  [[{ w: 1 }, {}, {}], "Cannot set w of layer 0: it has no parameters"],
  [[{}, { weight: 1 }, {}], "Cannot set weight of layer 1: it has kernel, bias"],
];

for (const [parameters, message] of BAD) {
  Deno.test(`setParameters() refuses other trees: ${message}`, () => {
    const model = make();
    const before = model.parameters;
    assertThrows(() => model.setParameters(parameters as never), TypeError, message);
    assertEquals(model.parameters, before);
  });
}

Deno.test("setWeights() refuses too many or too few", () => {
  assertThrows(() => make().setWeights([1]), TypeError, "got 1 of them, it has 3");
});
