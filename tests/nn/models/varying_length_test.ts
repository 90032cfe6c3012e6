import {
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { constant, type Variable } from "../../../mod.ts";
import {
  conv2d,
  dense,
  type ExampleShape,
  flatten,
  fromDescription,
  globalAveragePooling2d,
  gru,
  input,
  model,
  type Sequential,
  sequential,
} from "../../../src/nn/mod.ts";
import { key, uniform } from "../../../src/random/mod.ts";

const sequences = (rows: number, length: number): Variable => uniform(key(length), [rows, length, 2]);

function tagger(inputShape: ExampleShape): Sequential {
  const tagger = sequential([
    gru({ units: 4, returnSequences: true, inputShape }),
    dense({ units: 3, activation: "softmax" }),
  ], { dtype: "float64", seed: 1 });
  tagger.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return tagger;
}

const tags = (rows: number, length: number): Variable =>
  constant(Array.from({ length: rows }, (_, i) => Array.from({ length }, (_, t) => (i + t) % 3)));

Deno.test("a null in inputShape takes sequences of any length, as models of each length do", async () => {
  const any = tagger([null, 2]);
  for (const length of [5, 9, 5, 1, 40]) {
    const one = tagger([length, 2]);
    one.setWeights(any.build().getWeights());
    const [x, y] = [sequences(6, length), tags(6, length)];
    for (let call = 0; call < 5; call++) assertEquals(any.predict(x).value, one.predict(x).value);
    assertEquals(any.evaluate(x, y), one.evaluate(x, y));
    await any.fit(x, y, { epochs: 2, batchSize: 3 });
    await one.fit(x, y, { epochs: 2, batchSize: 3, shuffle: true });
    assertEquals(any.predict(x).shape, [6, length, 3]);
  }
});

Deno.test("a summary says which lengths vary", () => {
  assertStringIncludes(tagger([null, 2]).build().summary(), "[batch, any, 4]");
  assertStringIncludes(tagger([7, 2]).build().summary(), "[batch, 7, 4]");
});

Deno.test("batches of several lengths train one model", async () => {
  const any = tagger([null, 2]);
  const batches = [4, 7, 4, 6].map((length) => [sequences(5, length), tags(5, length)]);
  const { history } = await any.fit(batches.values(), { stepsPerEpoch: 4 });
  const eager = tagger([null, 2]);
  const same = await eager.fit(batches.values(), { stepsPerEpoch: 4, compile: false });
  assertAlmostEquals(history["loss"]![0]!, same.history["loss"]![0]!, 1e-12);
});

Deno.test("what has another number of features, or labels of another length, is refused", async () => {
  const any = tagger([null, 2]);
  await assertRejects(
    () => any.fit(uniform(key(0), [2, 5, 3]), tags(2, 5)),
    TypeError,
    "Cannot feed sequential an array of shape [2, 5, 3]: it takes [2, any, 2]",
  );
  await assertRejects(() => any.fit(sequences(2, 5), tags(2, 6)), TypeError, "[2, 6]");
  assertThrows(() => any.predict(uniform(key(0), [5, 2])), TypeError, "it takes [5, any, 2]");
});

Deno.test("weights whose shape depends on the length refuse another one", () => {
  const flat = sequential([flatten({ inputShape: [null, 2] }), dense({ units: 1 })]).build();
  assertThrows(() => flat.predict(sequences(1, 5)), TypeError);
});

Deno.test("images of any size go through a graph of layers, which is written with its nulls", () => {
  const x = input({ shape: [null, null, 3], name: "image" });
  const seen = globalAveragePooling2d().apply(conv2d({ filters: 2, kernelSize: 3 }).apply(x));
  const net = model({ inputs: x, outputs: dense({ units: 1 }).apply(seen) }).build();
  const read = fromDescription(JSON.parse(JSON.stringify(net))) as typeof net;
  read.build().setWeights(net.getWeights());
  for (const size of [[5, 8], [12, 4]]) {
    const images = uniform(key(2), [2, ...size, 3]);
    assertEquals(read.predict(images).value, net.predict(images).value);
  }
});
