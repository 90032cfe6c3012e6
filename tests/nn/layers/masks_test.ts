/** Steps of padding change nothing, wherever masks are looked up. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { constant, grad, type Variable } from "../../../mod.ts";
import * as nn from "../../../src/nn/mod.ts";
import { key, uniform } from "../../../src/random/mod.ts";

type AnyLayer = nn.Layer<unknown, Variable>;

const x = uniform(key(1), [2, 5, 3], { low: -1 });
/** 3 and 5 steps count. */
const counts = constant([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]);
const short = x.slice([0, 0, 0], [1, 3, 3]);

/** The result for the padded example, with whatever stands in the padding. */
function padded(layer: AnyLayer, filler: number, parameters?: nn.LayerParameters): Variable {
  const values = nn.noteMask(counts.reshape([2, 5, 1]).where(x, filler), counts);
  const input = layer.kind === "multiHeadAttention" ? { query: values, value: values } : values;
  const start = nn.initialize(layer, key(0), input);
  return nn.applyLayer(layer, parameters === undefined ? start : { ...start, parameters }, input).output;
}

const LAST: readonly nn.Layer<never, Variable>[] = [
  nn.simpleRnn({ units: 2 }),
  nn.lstm({ units: 2 }),
  nn.gru({ units: 2 }),
  nn.gru({ units: 2, resetAfter: false, goBackwards: true }),
  nn.bidirectional({ layer: nn.lstm({ units: 2 }) }),
  nn.globalAveragePooling1d(),
  nn.globalMaxPooling1d(),
];

for (const any of LAST) {
  Deno.test(`padding changes nothing in ${any.kind} (${JSON.stringify(any.options).slice(0, 60)})`, () => {
    const layer = any as unknown as AnyLayer;
    const result = padded(layer, 9);
    assertEquals(padded(layer, -7).value, result.value);
    const start = nn.initialize(layer, key(0), short);
    const alone = nn.applyLayer(layer, start, short).output;
    alone.data.forEach((v, i) => assertAlmostEquals(result.data[i]!, v, 1e-15));
  });
}

Deno.test("attention does not see padding, and queries keep their mask", () => {
  const layer = nn.multiHeadAttention({ numHeads: 2, keyDim: 2 }) as unknown as AnyLayer;
  const at = { query: short, value: short };
  const start = nn.initialize(layer, key(0), at);
  const [one, other] = [padded(layer, 9, start.parameters), padded(layer, -7, start.parameters)];
  const alone = nn.applyLayer(layer, start, at).output;
  alone.data.forEach((v, i) => assertAlmostEquals(one.data[i]!, v, 1e-14));
  assertEquals(one.slice([0, 0, 0], [1, 3, 3]).value, other.slice([0, 0, 0], [1, 3, 3]).value);
  assertEquals(nn.maskOf(one)!.value, counts.value);
  // The mask of the value is not one of the query, though both have as many steps.
  const { output } = nn.applyLayer(layer, start, {
    query: short,
    value: nn.noteMask(short.add(0), constant([[1, 1, 0]])),
  });
  assertEquals(nn.maskOf(output), undefined);
});

Deno.test("a mask goes on while batch and time axes stay, and ends where they do not", () => {
  const through = (layer: unknown, source: Variable = x): unknown => {
    const any = layer as AnyLayer;
    const values = nn.noteMask(source.add(0), counts);
    return nn.maskOf(nn.applyLayer(any, nn.initialize(any, key(0), values), values).output)?.value;
  };
  const kept = counts.value;
  assertEquals(through(nn.dense({ units: 2 })), kept);
  assertEquals(through(nn.dropout({ rate: 0.5 })), kept);
  assertEquals(through(nn.layerNormalization()), kept);
  assertEquals(through(nn.conv1d({ filters: 1, kernelSize: 3, padding: "causal" })), kept);
  assertEquals(through(nn.timeDistributed({ layer: nn.dense({ units: 2 }) })), kept);
  assertEquals(through(nn.lstm({ units: 2, returnSequences: true })), kept);
  assertEquals(through(nn.bidirectional({ layer: nn.gru({ units: 2, returnSequences: true }) })), kept);
  assertEquals(
    through(nn.gru({ units: 2, returnSequences: true, goBackwards: true })),
    counts.flip({ axis: 1 }).value,
  );
  assertEquals(through(nn.gru({ units: 5 })), undefined);
  assertEquals(through(nn.flatten()), undefined);
  assertEquals(through(nn.globalMaxPooling1d()), undefined);
  assertEquals(through(nn.conv1d({ filters: 1, kernelSize: 3 })), undefined);
  const square = uniform(key(2), [2, 5, 5]);
  assertEquals(through(nn.permute({ dims: [2, 1] }), square), undefined);
  assertEquals(through(nn.reshape({ targetShape: [5, 3, 1] })), undefined);
});

Deno.test("concatenate puts masks together along the steps", () => {
  const layer = nn.concatenate({ axis: 1 });
  const inputs = [nn.noteMask(x.add(0), counts), x];
  const { output } = nn.applyLayer(layer, { parameters: {}, state: {} }, inputs);
  assertEquals(nn.maskOf(output)!.value, [[1, 1, 1, 0, 0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]]);
});

Deno.test("a step of several inputs counts if it does in one of them", () => {
  const others = constant([[0, 0, 0, 0, 1], [1, 0, 1, 1, 1]]);
  const both = [nn.noteMask(x.add(0), counts), nn.noteMask(x.add(1), others)];
  const layers = [nn.add(), nn.multiply(), nn.average(), nn.maximum(), nn.concatenate()];
  for (const layer of layers) {
    const maskOfSum = (inputs: Variable[]) =>
      nn.maskOf(nn.applyLayer(layer, { parameters: {}, state: {} }, inputs).output)?.value;
    assertEquals(maskOfSum(both), [[1, 1, 1, 0, 1], [1, 1, 1, 1, 1]]);
    assertEquals(maskOfSum([both[0]!, both[0]!]), counts.value);
    assertEquals(maskOfSum([both[0]!, x]), undefined);
    assertEquals(maskOfSum([x, x]), undefined);
  }
});

Deno.test("where no step counts, pooling gives 0 and finite derivatives, and a recurrent layer its start", () => {
  const none = constant([[0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]);
  const layers = [nn.globalAveragePooling1d(), nn.globalMaxPooling1d(), nn.lstm({ units: 3 })] as unknown[];
  for (const layer of layers as AnyLayer[]) {
    const start = nn.initialize(layer, key(0), x);
    const of = (v: Variable): Variable => nn.applyLayer(layer, start, nn.noteMask(v.mul(1), none)).output;
    assertEquals(of(x).value, [[0, 0, 0], [0, 0, 0]]);
    assertEquals(new Set(grad((v: Variable) => of(v).sum())(x).data), new Set([0]));
  }
});

Deno.test("the loss of sequences leaves padding out", async () => {
  const make = () => {
    const model = nn.sequential([
      nn.embedding({ inputDim: 4, outputDim: 3, maskZero: true }),
      nn.gru({ units: 3, returnSequences: true }),
      nn.dense({ units: 1 }),
    ], { dtype: "float64" });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    return model;
  };
  const words = [[1, 2, 0, 0], [3, 2, 1, 0]];
  const labels = (filler: number) => [[[1], [2], [filler], [filler]], [[3], [1], [2], [filler]]];
  const [one, other] = [make(), make()];
  const histories = await Promise.all([
    one.fit(words, labels(0), { epochs: 3 }),
    other.fit(words, labels(100), { epochs: 3 }),
  ]);
  assertEquals(histories[0]!.history["loss"], histories[1]!.history["loss"]);
  assertEquals(
    Object.values(one.getWeights()).map((w) => w.value),
    Object.values(other.getWeights()).map((w) => w.value),
  );
});
