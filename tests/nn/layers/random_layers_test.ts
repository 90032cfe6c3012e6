/** What layers draw in training. */
import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { constant, ones, type Variable, zeros } from "../../../mod.ts";
import * as nn from "../../../src/nn/mod.ts";
import { key } from "../../../src/random/mod.ts";

const train = (layer: nn.Layer, x: Variable, seed = 0): Variable =>
  nn.applyLayer(layer, { parameters: {}, state: {} }, x, { training: true, key: key(seed) }).output;

Deno.test("spatial dropout drops whole channels, and keeps the mean", () => {
  const cases = [
    [nn.spatialDropout1d({ rate: 0.25 }), [200, 3, 50]],
    [nn.spatialDropout2d({ rate: 0.25 }), [200, 3, 2, 50]],
    [nn.dropout({ rate: 0.25, noiseShape: [null, 1, null] }), [200, 3, 50]],
  ] as const;
  for (const [layer, shape] of cases) {
    const x = ones([...shape]);
    const y = train(layer, x);
    const axes = shape.map((_, i) => i).slice(1, -1);
    const least = y.min({ axis: axes });
    assertEquals(least.value, y.max({ axis: axes }).value);
    assertEquals(new Set(y.data), new Set([0, 1 / 0.75]));
    assertAlmostEquals(y.mean().item(), 1, 0.03);
    assertNotEquals(train(layer, x, 1).data, y.data);
    assertEquals(train(layer, x).data, y.data);
  }
});

Deno.test("noise has the standard deviation that is stated", () => {
  const noise = train(nn.gaussianNoise({ stddev: 0.3 }), zeros([100, 200]));
  assertAlmostEquals(noise.mean().item(), 0, 0.01);
  assertAlmostEquals(noise.standardDeviation().item(), 0.3, 0.01);
  const factors = train(nn.gaussianDropout({ rate: 0.2 }), ones([100, 200]));
  assertAlmostEquals(factors.mean().item(), 1, 0.02);
  assertAlmostEquals(factors.standardDeviation().item(), 0.5, 0.01);
});

Deno.test("random layers do nothing outside of training, and at rate 0", () => {
  const x = constant([[[1, 2], [3, 4]]]);
  const layers = [
    nn.spatialDropout1d({ rate: 0.5 }),
    nn.gaussianDropout({ rate: 0.5 }),
    nn.gaussianNoise({ stddev: 1 }),
    nn.dropout({ rate: 0.5, noiseShape: [null, 1, null] }),
  ];
  for (const layer of layers) {
    assertEquals(nn.applyLayer(layer, { parameters: {}, state: {} }, x).output.value, x.value);
  }
  for (const layer of [nn.spatialDropout1d({ rate: 0 }), nn.gaussianNoise({ stddev: 0 })]) {
    assertEquals(train(layer, x).value, x.value);
  }
});

Deno.test("dropout in a recurrent layer drops the same features in all steps", () => {
  const layer = nn.simpleRnn({
    units: 1,
    returnSequences: true,
    dropout: 0.5,
    useBias: false,
    activation: "linear",
    kernelInitializer: "ones",
    recurrentInitializer: "zeros",
  }) as unknown as nn.Layer;
  const x = ones([64, 4, 1]);
  const start = nn.initialize(layer, key(0), x);
  const y = nn.applyLayer(layer, start, x, { training: true, key: key(0) }).output.reshape([64, 4]);
  assertEquals(y.min({ axis: 1 }).value, y.max({ axis: 1 }).value);
  assertEquals(new Set(y.data), new Set([0, 2]));
  assertEquals(new Set(nn.applyLayer(layer, start, x).output.data), new Set([1]));
});

Deno.test("recurrentDropout drops the same units in all steps", () => {
  const layer = nn.simpleRnn({
    units: 1,
    recurrentDropout: 0.5,
    useBias: false,
    activation: "linear",
    kernelInitializer: "ones",
    recurrentInitializer: "ones",
  }) as unknown as nn.Layer;
  const x = ones([64, 3, 1]);
  const start = nn.initialize(layer, key(0), x);
  const y = nn.applyLayer(layer, start, x, { training: true, key: key(0) }).output;
  assertEquals(new Set(y.data), new Set([1, 1 + 2 + 4]));
  assertEquals(new Set(nn.applyLayer(layer, start, x).output.data), new Set([3]));
});
