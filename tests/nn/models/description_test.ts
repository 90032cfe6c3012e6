import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import type { Variable } from "../../../mod.ts";
import {
  add,
  batchNormalization,
  concatenate,
  conv2d,
  defineActivation,
  defineLayer,
  dense,
  describeTraining,
  dropout,
  embedding,
  flatten,
  fromDescription,
  Functional,
  input,
  l2,
  lambda,
  layerFromDescription,
  layerNormalization,
  maxPooling2d,
  type Model,
  model,
  orthogonal,
  sequential,
  sparseCategoricalCrossentropy,
  trainingFromDescription,
} from "../../../src/nn/mod.ts";
import { adam } from "../../../src/optim/mod.ts";

const cube = defineActivation("test/cube", (x: Variable) => x.pow(3));
const twice = defineLayer(
  "test/twice",
  ({ inner }: { inner: ReturnType<typeof dense> }) => (x: Variable, c) => c.call(inner, c.call(inner, x)),
);

const MODELS: { readonly [name: string]: () => Model<never, unknown> } = {
  "a stack with initializers, regularizers and activations": () =>
    sequential([
      dense({
        units: 4,
        activation: "relu",
        kernelInitializer: orthogonal({ gain: 2 }),
        kernelRegularizer: l2({ l2: 0.1 }),
      }),
      layerNormalization(),
      dropout({ rate: 0.5, name: "drop" }),
      dense({ units: 3, activation: cube }),
      twice({ inner: dense({ units: 3 }) }),
    ], { seed: 4, name: "stack" }).build([4]) as unknown as Model<never, unknown>,
  "images": () =>
    sequential([
      conv2d({ filters: 2, kernelSize: [3, 2], padding: "same", inputShape: [6, 6, 1] }),
      batchNormalization({ trainable: false }),
      maxPooling2d(),
      flatten(),
      dense({ units: 1 }),
    ]) as unknown as Model<never, unknown>,
  "a graph with two inputs and outputs, a shared layer and a frozen model in it": () => {
    const trunk = sequential([dense({ units: 3 }), dense({ units: 3 })], { name: "trunk", seed: 2 });
    trunk.trainable = false;
    const [a, b] = [input({ shape: [3], name: "left" }), input({ shape: [5] })];
    const words = embedding({ inputDim: 9, outputDim: 3 }).apply(b);
    const shared = dense({ units: 3, activation: "tanh" });
    const h = add().apply([shared.apply(a), shared.apply(flatten().apply(dense({ units: 3 }).apply(a)))]);
    const y = concatenate().apply([trunk.apply(h), flatten().apply(words)]);
    return model({
      inputs: { a, b },
      outputs: [dense({ units: 1 }).apply(y), h],
      seed: 9,
    }) as unknown as Model<never, unknown>;
  },
};

for (const [name, make] of Object.entries(MODELS)) {
  Deno.test(`${name}: read from JSON, it has the same weights, summary and description`, () => {
    const made = make();
    const text = JSON.stringify(made);
    const read = fromDescription(text);
    assertEquals(JSON.parse(JSON.stringify(read)), JSON.parse(text));
    assertEquals(read.summary(), made.summary());
    const values = (m: { getWeights(): Record<string, Variable> }) =>
      Object.entries(m.getWeights()).map(([path, w]) => [path, w.value]);
    assertEquals(values(read), values(made));
  });
}

Deno.test("a graph read from JSON predicts the same", () => {
  const made = MODELS["a graph with two inputs and outputs, a shared layer and a frozen model in it"]!();
  const read = fromDescription(JSON.parse(JSON.stringify(made)));
  assertInstanceOf(read, Functional);
  const x = { a: [[1, 2, 3]], b: [[0, 1, 2, 3, 8]] };
  const results = [made, read].map((m) => (m.predict(x as never) as Variable[]).map((y) => y.value));
  assertEquals(results[0], results[1]);
  assertEquals(read.getLayer("trunk").trainable, false);
});

Deno.test("the same layer in two places of a stack is one layer after reading, too", () => {
  const shared = dense({ units: 2 });
  const made = sequential([shared, shared]).build([2]);
  const read = fromDescription(made.toJSON());
  assertEquals(Object.keys(read.getWeights()), ["dense/kernel", "dense/bias"]);
});

Deno.test("what has no name is refused by its path", () => {
  const refuse = (layer: { toJSON(): unknown }, message: string) =>
    assertThrows(() => layer.toJSON(), TypeError, message);
  refuse(
    dense({ units: 1, activation: (x: Variable) => x }),
    "Cannot describe dense.activation: it is function",
  );
  refuse(
    dense({ units: 1, name: "last", kernelInitializer: () => [[1]] }),
    "Cannot describe last.kernelInitializer: it is function",
  );
  refuse(sequential([lambda((x: Variable) => x)]), "Cannot describe lambda.function");
});

const HOSTILE: readonly [unknown, ErrorConstructor, string][] = [
  ["{", SyntaxError, ""],
  [[], TypeError, "description is an array of 0, expected an object"],
  [{ kind: "dense", options: { units: 1 } }, TypeError, "the description is of a dense layer"],
  [{ kind: "danse", options: {} }, RangeError, 'Unknown layer: "danse" (did you mean dense?)'],
  [{ kind: "sequential", layers: [{ kind: "dense" }] }, RangeError, "units is undefined"],
  [{ kind: "sequential", layers: {} }, TypeError, "description.layers is an object"],
  [{ kind: "sequential", layers: [], order: [3] }, TypeError, "description.order[0] is 3"],
  [{ kind: "model", layers: [], nodes: [{ layer: 0 }], inputs: [0, 0] }, TypeError, "nodes[0].layer is 0"],
  [
    { kind: "model", layers: [], nodes: [{ shape: [2] }], inputs: [4, 0] },
    TypeError,
    "description.inputs is 4",
  ],
  [
    {
      kind: "sequential",
      layers: [{ kind: "dense", options: { units: 1, activation: { $made: "x", kind: "y", options: {} } } }],
    },
    RangeError,
    'Unknown registry: "x"',
  ],
  [{ kind: "sequential", layers: [], trainable: 1 }, TypeError, "description.trainable is 1"],
];

for (const [description, type, message] of HOSTILE) {
  Deno.test(`a description is refused: ${message || "no JSON"}`, () => {
    assertThrows(() => fromDescription(description), type, message);
  });
}

Deno.test("what a model is trained with goes through JSON, too", () => {
  const options = {
    optimizer: adam({ learningRate: 0.01, clipNorm: 1 }),
    loss: sparseCategoricalCrossentropy({ ignoreIndex: -1 }),
    metrics: ["accuracy"],
  };
  const read = trainingFromDescription(JSON.parse(JSON.stringify(describeTraining(options))));
  assertEquals(JSON.stringify(describeTraining(read)), JSON.stringify(describeTraining(options)));
  const made = sequential([dense({ units: 2, activation: "softmax" })]).build([1]);
  made.compile(read);
  assertEquals(Object.keys(made.evaluate([[1], [2]], [-1, 1])), ["loss", "accuracy"]);
  assertThrows(
    () => describeTraining({ optimizer: "sgd", loss: (y: Variable) => y }),
    TypeError,
    "compile.loss",
  );
});

Deno.test("layerFromDescription() reads layers", () => {
  assertEquals(layerFromDescription(dense({ units: 3, trainable: false }).toJSON()).trainable, false);
});

Deno.test("metadata and options that contain themselves are refused", () => {
  const cyclic: Record<string, unknown> = { names: [] };
  cyclic["names"] = [{ inner: cyclic }];
  const model = sequential([dense({ units: 1 })]).build([1]);
  model.metadata = cyclic as typeof model.metadata;
  assertThrows(
    () => model.toBytes(),
    TypeError,
    "Cannot describe metadata.names[0].inner: it contains itself",
  );
  const described = JSON.parse(JSON.stringify(dense({ units: 1 })));
  described.options.units = cyclic;
  assertThrows(() => layerFromDescription(described), TypeError, "it contains itself");
  // The same value twice is no cycle.
  const shared = [1, 2];
  model.metadata = { a: shared, b: { c: shared } };
  model.toBytes();
});
