/** Short trainings whose result tells whether layers work together. */
import { assert, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { constant, type Variable } from "../../mod.ts";
import {
  applyLayer,
  batchNormalization,
  bidirectional,
  conv1d,
  dense,
  embedding,
  globalAveragePooling1d,
  gru,
  initialize,
  input,
  type Layer,
  lstm,
  masking,
  model,
  multiHeadAttention,
  sequential,
} from "../../src/nn/mod.ts";
import { adam } from "../../src/optim/mod.ts";
import { key, uniform } from "../../src/random/mod.ts";

const numbersOf = (seed: number): () => number => {
  let state = seed;
  return () => (state = state * 48271 % 2147483647) / 2147483647;
};

/** Sequences of 4 to 8 numbers with marks, padded to 8; the label is the sum of the numbers that are marked. */
function sums(count: number, seed: number): { x: number[][][]; y: number[][] } {
  const draw = numbersOf(seed);
  const examples = Array.from({ length: count }, () => {
    const length = 4 + Math.floor(draw() * 5);
    return Array.from({ length: 8 }, (_, t) => {
      const [value, mark] = [2 * draw() - 1, draw() < 0.4 ? 1 : -1];
      return t < length ? [value, mark] : [0, 0];
    });
  });
  const sum = (steps: number[][]) => steps.reduce((total, [v, mark]) => mark === 1 ? total + v! : total, 0);
  return { x: examples, y: examples.map((steps) => [sum(steps)]) };
}

Deno.test("a GRU learns to add sequences, and adds ones that it has not seen", async () => {
  const adder = sequential([masking(), gru({ units: 16 }), dense({ units: 1 })], { seed: 1 });
  adder.compile({ optimizer: adam({ learningRate: 0.02 }), loss: "meanSquaredError" });
  const [seen, unseen] = [sums(512, 1), sums(200, 999)];
  const before = adder.build([8, 2]).evaluate(unseen.x, unseen.y)["loss"]!;
  await adder.fit(seen.x, seen.y, { epochs: 40, batchSize: 32 });
  assertLess(adder.evaluate(unseen.x, unseen.y)["loss"]!, 0.01 * before);
});

Deno.test("attention learns to find the largest number of a sequence", async () => {
  const x = input({ shape: [6, 1] });
  const h = dense({ units: 8 }).apply(x);
  const seen = multiHeadAttention({ numHeads: 2, keyDim: 8 }).apply({ query: h, value: h });
  const y = dense({ units: 1 }).apply(globalAveragePooling1d().apply(seen));
  const finder = model({ inputs: x, outputs: y });
  finder.compile({ optimizer: adam({ learningRate: 0.01 }), loss: "meanSquaredError" });
  const draw = numbersOf(5);
  const rows = Array.from({ length: 256 }, () => Array.from({ length: 6 }, () => [4 * draw() - 2]));
  const labels = rows.map((row) => [Math.max(...row.map(([v]) => v!))]);
  const { history } = await finder.fit(rows, labels, { epochs: 60, batchSize: 32 });
  assertLess(history["loss"]!.at(-1)!, 0.2 * history["loss"]![0]!);
});

Deno.test("fine-tuning leaves frozen layers untouched to the bit, statistics included", async () => {
  const words = [[1, 2, 3, 0], [3, 3, 1, 2], [2, 1, 0, 0], [1, 1, 2, 3]];
  const trunk = sequential([
    embedding({ inputDim: 4, outputDim: 3, maskZero: true }),
    bidirectional({ layer: gru({ units: 2, returnSequences: true }) }),
    conv1d({ filters: 3, kernelSize: 2, padding: "causal" }),
    batchNormalization(),
    globalAveragePooling1d(),
    dense({ units: 2 }),
  ], { name: "trunk" });
  trunk.compile({ optimizer: "adam", loss: "meanSquaredError" });
  await trunk.fit(words, [[0, 1], [1, 0], [1, 1], [0, 0]], { epochs: 2 });
  trunk.trainable = false;
  const tuned = sequential([trunk, dense({ units: 1, name: "head" })]);
  tuned.compile({ optimizer: adam({ weightDecay: 0.1 }), loss: "meanSquaredError" });
  await tuned.fit(words, [1, 2, 3, 4], { epochs: 3, batchSize: 2 });
  const values = (weights: Readonly<Record<string, Variable>>, path: string) => weights[path]!.value;
  const [before, after] = [trunk.getWeights(), tuned.getWeights()];
  assert(Object.keys(before).length > 10);
  for (const path of Object.keys(before)) {
    assertEquals(values(after, `trunk/${path}`), values(before, path), path);
  }
  const head = values(after, "head/kernel");
  trunk.trainable = true;
  tuned.compile({ optimizer: "adam", loss: "meanSquaredError" });
  await tuned.fit(words, [1, 2, 3, 4], { epochs: 1 });
  for (const path of Object.keys(before).filter((each) => each.endsWith("kernel") || /moving/.test(each))) {
    assertNotEquals(values(tuned.getWeights(), `trunk/${path}`), values(before, path), path);
  }
  assertNotEquals(values(tuned.getWeights(), "head/kernel"), head);
});

Deno.test("a recurrent layer goes on from the state that it gave", () => {
  const x = uniform(key(1), [2, 6, 3], { low: -1 });
  const [first, rest] = [x.slice([0, 0, 0], [2, 4, 3]), x.slice([0, 4, 0], [2, 2, 3])];
  const whole = lstm({ units: 3, returnState: true });
  const layers: readonly Layer<Variable | readonly Variable[], readonly Variable[]>[] = [
    whole,
    gru({ units: 3, returnState: true }),
  ];
  for (const layer of layers) {
    const weights = initialize(layer, key(0), x);
    const [, ...states] = applyLayer(layer, weights, first).output;
    const parts = applyLayer(layer, weights, [rest, ...states]).output;
    assertEquals(parts.map((v) => v.value), applyLayer(layer, weights, x).output.map((v) => v.value));
    const [output, hidden] = parts;
    assertEquals(output!.value, hidden!.value);
  }
});

Deno.test("an encoder hands its state to a decoder", () => {
  const [source, target] = [input({ shape: [5, 2] }), input({ shape: [3, 2] })];
  const [, hidden, cell] = lstm({ units: 4, returnState: true }).apply(source);
  const decoded = lstm({ units: 4, returnSequences: true }).apply([target, hidden!, cell!]);
  const translator = model({ inputs: [source, target], outputs: dense({ units: 2 }).apply(decoded) }).build();
  const data = [constant(uniform(key(0), [1, 5, 2])), constant(uniform(key(1), [1, 3, 2]))] as const;
  const one = translator.predict([data[0], data[1]]);
  assertEquals(one.shape, [1, 3, 2]);
  assertNotEquals(translator.predict([data[0].mul(2), data[1]]).value, one.value);
});
