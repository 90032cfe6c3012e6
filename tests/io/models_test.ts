import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "npm:fast-check@4.3.0";
import { NdArray, type Variable } from "../../mod.ts";
import { encodeSafetensors, parseSafetensors } from "../../src/formats/mod.ts";
import { checkpoint, loadModel, loadWeights } from "../../src/io/mod.ts";
import {
  batchNormalization,
  concatenate,
  type Context,
  dense,
  dropout,
  input,
  type LayerFactory,
  model as functional,
  type Sequential,
  sequential,
} from "../../src/nn/mod.ts";
import { defineLayer } from "../../src/nn/mod.ts";
import { adam, rmsprop } from "../../src/optim/mod.ts";

const X = new NdArray(Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)), [20, 3]);
const Y = new NdArray(Float32Array.from({ length: 20 }, (_, i) => i % 2));

/** A model with state, randomness and an optimizer with slots. */
function makeModel(dtype: "float32" | "float64" = "float32"): Sequential {
  const model = sequential([
    dense({ units: 4, activation: "relu" }),
    batchNormalization(),
    dropout({ rate: 0.3 }),
    dense({ units: 1, activation: "sigmoid" }),
  ], { seed: 3, dtype });
  model.compile({
    optimizer: adam({ learningRate: 0.01 }),
    loss: "binaryCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
}
const FIT = { batchSize: 8, shuffle: true, verbose: 0 } as const;
const bits = (weights: { readonly [path: string]: Variable }) =>
  Object.fromEntries(Object.entries(weights).map(([path, value]) => [path, [...value.toArray().data]]));

for (const dtype of ["float32", "float64"] as const) {
  Deno.test(`a model of ${dtype} predicts the same bits when it is loaded, and keeps its metadata`, async () => {
    const model = makeModel(dtype);
    await model.fit(X, Y, { ...FIT, epochs: 2 });
    model.metadata = { classes: ["a", "b"], scaler: { kind: "standard", offsets: [1], scales: [2] } };
    const again = await loadModel(model.toBytes());
    assertEquals(again.predict(X).toArray(), model.predict(X).toArray());
    assertEquals(bits(again.getWeights()), bits(model.getWeights()));
    assertEquals(again.metadata, model.metadata);
    assertEquals([again.dtype, again.seed, again.compileOptions], [dtype, 3, undefined]);
    assertEquals(again.toBytes(), model.toBytes());
  });

  for (const epoch of [1, 2, 4]) {
    Deno.test(`training of ${dtype} goes on after epoch ${epoch} with the bits of one that was not interrupted`, async () => {
      const whole = makeModel(dtype);
      const { history } = await whole.fit(X, Y, { ...FIT, epochs: 5 });
      const first = makeModel(dtype);
      await first.fit(X, Y, { ...FIT, epochs: epoch });
      const second = await loadModel(first.toBytes({ training: true }));
      const rest = await second.fit(X, Y, { ...FIT, epochs: 5 - epoch });
      assertEquals(rest.history["loss"], history["loss"]!.slice(epoch));
      assertEquals(bits(second.getWeights()), bits(whole.getWeights()));
    });
  }
}

Deno.test("models with branches, shared layers and frozen parts are loaded as they were", async () => {
  const [a, b] = [input({ shape: [3] }), input({ shape: [3] })];
  const shared = dense({ units: 4, name: "shared" });
  const inner = sequential([dense({ units: 2, activation: "tanh" })], { name: "inner" });
  inner.trainable = false;
  const joined = concatenate().apply([shared.apply(a), shared.apply(b)]);
  const model = functional({
    inputs: { a, b },
    outputs: [inner.apply(joined), dense({ units: 1 }).apply(joined)],
  });
  model.build();
  const again = await loadModel(model.toBytes());
  const x = { a: X, b: X } as never;
  const results = (m: { predict(x: never): unknown }) => (m.predict(x) as Variable[]).map((y) => y.toArray());
  assertEquals(results(again as never), results(model as never));
  assertEquals((again.getLayer("inner")).trainable, false);
});

const scale: LayerFactory<{ start?: number }> = defineLayer(
  "io-test/scale",
  ({ start = 1 }: { start?: number }) => (x: Variable, c: Context) =>
    x.mul(c.parameter("gain", x.shape.slice(-1), start)),
);

Deno.test("layers of one's own are written by their name; what has none is refused by its path", async () => {
  const model = sequential([scale({ start: 2 }), dense({ units: 1 })]).build([3]);
  assertEquals((await loadModel(model.toBytes())).predict(X).toArray(), model.predict(X).toArray());
  const odd = sequential([dense({ units: 1, activation: ((x: Variable) => x.square()) as never })]).build([
    3,
  ]);
  assertThrows(() => odd.toBytes(), TypeError, "dense.activation");
  const unnamed = makeModel();
  unnamed.compile({ optimizer: "sgd", loss: (y: Variable, p: Variable) => p.sub(y).square() });
  unnamed.build([3]);
  assertThrows(() => unnamed.toBytes({ training: true }), TypeError, "compile.loss");
  assertThrows(() => sequential([dense({ units: 1 })]).toBytes(), TypeError, "no parameters yet");
  assertThrows(() => model.toBytes({ training: true }), TypeError, "it was not compiled");
  assertThrows(() => model.toBytes({ train: true } as never), TypeError, "did you mean training?");
});

/** A model's file with something else in it. */
function changed(
  change: (description: Record<string, unknown>, tensors: Record<string, NdArray>) => unknown,
): Uint8Array {
  const model = makeModel();
  model.build([3]);
  const { tensors, metadata } = parseSafetensors(model.toBytes());
  const description = JSON.parse(metadata["tapegrad"]!);
  const copy = { ...tensors };
  const result = change(description, copy);
  return encodeSafetensors(copy, {
    tapegrad: typeof result === "string" ? result : JSON.stringify(description),
  });
}
// deno-lint-ignore no-explicit-any
type Any = any;

const HOSTILE: readonly (readonly [string, Uint8Array, ErrorConstructor, string])[] = [
  ["no description", encodeSafetensors({ a: [1] }), SyntaxError, "it describes no model"],
  ["no JSON", changed(() => "{"), SyntaxError, "is no JSON"],
  [
    "a key twice",
    changed((d) => JSON.stringify(d).replace('{"format"', '{"format":1,"format"')),
    SyntaxError,
    'names "format" twice',
  ],
  [
    "another format",
    changed((d) => void (d["format"] = 2)),
    SyntaxError,
    "the description is wrong at format",
  ],
  [
    "something beside",
    changed((d) => void (d["code"] = "x")),
    SyntaxError,
    "the description is wrong at code",
  ],
  [
    "an unknown layer",
    changed((d: Any) => void (d.model.layers[0].kind = "evil")),
    RangeError,
    'Unknown layer: "evil"',
  ],
  [
    "a kind named like a method",
    changed((d: Any) => void (d.model.layers[0].kind = "constructor")),
    RangeError,
    "Unknown layer",
  ],
  ["an unknown option", changed((d: Any) => void (d.model.layers[0].options.unit = 3)), TypeError, "unit"],
  [
    "more units",
    changed((d: Any) => void (d.model.layers[0].options.units = 5)),
    RangeError,
    "too many numbers",
  ],
  [
    "absurd units",
    changed((d: Any) => void (d.model.layers[0].options.units = 2 ** 40)),
    RangeError,
    "the largest array has",
  ],
  [
    "a missing tensor",
    changed((_, t) => void delete t["parameters/dense/bias"]),
    RangeError,
    "too many numbers",
  ],
  [
    "a tensor too many",
    changed((_, t) => void (t["parameters/dense/extra"] = X)),
    SyntaxError,
    "belongs to no part",
  ],
  [
    "another shape",
    changed((_, t) => void (t["parameters/dense/kernel"] = new NdArray(new Float32Array(12), [4, 3]))),
    SyntaxError,
    "has shape [4, 3], the model's has [3, 4]",
  ],
];
for (const [name, bytes, type, text] of HOSTILE) {
  Deno.test(`loadModel() refuses a file with ${name}`, async () => {
    const error = await assertRejects(() => loadModel(bytes), type as never) as Error;
    assertStringIncludes(error.message, text);
  });
}

Deno.test("loadModel() gives a model or an error of ours for damaged descriptions", async () => {
  const model = makeModel();
  model.build([3]);
  const { tensors, metadata } = parseSafetensors(model.toBytes());
  const text = metadata["tapegrad"]!;
  const damage = fc.tuple(fc.nat(text.length - 1), fc.nat(text.length), fc.string({ maxLength: 6 })).map((
    [i, j, s],
  ) => text.slice(0, Math.min(i, j)) + s + text.slice(Math.min(Math.max(i, j), Math.min(i, j) + 12)));
  await fc.assert(
    fc.asyncProperty(damage, async (damaged) => {
      try {
        await loadModel(encodeSafetensors(tensors, { tapegrad: damaged }));
      } catch (error) {
        const isOurs = error instanceof SyntaxError || error instanceof TypeError ||
          error instanceof RangeError;
        if (!isOurs || /of undefined|is not a function|iterable/.test((error as Error).message)) throw error;
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("loadWeights() reports what was missing, unexpected and of another shape", async () => {
  const source = sequential([dense({ units: 4, name: "base" }), dense({ units: 2, name: "head" })], {
    seed: 1,
  }).build([3]);
  const target = sequential([
    dense({ units: 4, name: "base" }),
    dense({ units: 3, name: "head" }),
    dense({ units: 1, name: "new" }),
  ]).build([3]);
  const head = target.getWeights()["head/kernel"]!.toArray();
  const report = await loadWeights(target, encodeSafetensors({ ...source.getWeights(), other: [1] }));
  assertEquals(report, {
    loaded: ["base/kernel", "base/bias"],
    missing: ["new/kernel", "new/bias"],
    unexpected: ["other"],
    mismatched: [
      { path: "head/kernel", expected: [4, 3], found: [4, 2] },
      { path: "head/bias", expected: [3], found: [2] },
    ],
  });
  assertEquals(target.getWeights()["base/kernel"]!.toArray(), source.getWeights()["base/kernel"]!.toArray());
  assertEquals(target.getWeights()["head/kernel"]!.toArray(), head);
});

const granted = (await Deno.permissions.query({ name: "write" })).state === "granted";

Deno.test({
  name: "checkpoint() keeps the last files, or the best one, and training goes on from it",
  ignore: !granted,
}, async () => {
  const folder = await Deno.makeTempDir();
  const files = async () => (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  try {
    const model = makeModel();
    const last = checkpoint(`${folder}/{epoch}.safetensors`, { keep: 2 });
    await model.fit(X, Y, { ...FIT, epochs: 4, callbacks: last });
    assertEquals(await files(), ["3.safetensors", "4.safetensors"]);
    const again = await loadModel(`${folder}/3.safetensors`);
    await again.fit(X, Y, { ...FIT, epochs: 1 });
    assertEquals(bits(again.getWeights()), bits(model.getWeights()));
    const best = checkpoint(`${folder}/best.safetensors`, {
      saveBestOnly: true,
      monitor: "loss",
      mode: "max",
    });
    const rising = makeModel();
    rising.compile({ optimizer: rmsprop(), loss: "binaryCrossentropy" });
    await rising.fit(X, Y, { ...FIT, epochs: 1, callbacks: best });
    const before = await Deno.readFile(`${folder}/best.safetensors`);
    await rising.fit(X, Y, { ...FIT, epochs: 1 });
    assertEquals(await Deno.readFile(`${folder}/best.safetensors`), before);
    assertNotEquals(rising.toBytes({ training: true }), before);
    assertThrows(() => checkpoint("", {}), TypeError, "the path is a text");
    assertThrows(() => checkpoint("a", { best: true } as never), TypeError, "saveBestOnly");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
