import { assert, assertEquals, assertRejects } from "@std/assert";
import { loadModel, loadTfjsModel } from "../../src/io/mod.ts";
import { constant, flattenTree, type Tree, type Variable } from "../../src/variable/mod.ts";
import expected from "../fixtures/files/tfjs/expected.json" with { type: "json" };
import { isNear } from "../primitives/samples.ts";

const FOLDER = new URL("../fixtures/files/", import.meta.url);
const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly file: string;
  readonly inputs: readonly Values[];
  readonly outputs: readonly Values[];
}

const read = ({ data, shape }: Values): Variable => constant(Float32Array.from(data)).reshape(shape);

for (const { name, file, inputs, outputs } of expected.cases as readonly Case[]) {
  Deno.test({
    name: `loadTfjsModel() predicts as TensorFlow.js does: ${name}`,
    ignore: !granted,
    async fn() {
      const model = await loadTfjsModel(new URL(file, FOLDER));
      const x = inputs.length === 1 ? read(inputs[0]!) : inputs.map(read);
      const again = await loadModel(model.toBytes());
      for (const each of [model, again]) {
        const found = flattenTree<Variable>(each.predict(x as Variable) as unknown as Tree<Variable>);
        assertEquals(found.map(({ shape }) => shape), outputs.map(({ shape }) => shape));
        found.forEach((y, k) =>
          y.data.forEach((value, i) => {
            const wanted = outputs[k]!.data[i]!;
            assert(isNear(value, wanted, 1e-5), `output ${k}[${i}]: ${value}, expected ${wanted}`);
          })
        );
      }
    },
  });
}

const DENSE = { units: 1, name: "d", batch_input_shape: [null, 2] };
const WEIGHTS = [
  { name: "d/kernel", shape: [2, 1], dtype: "float32" },
  { name: "d/bias", shape: [1], dtype: "float32" },
];

/** `model.json` of one layer. */
function file(className: string, config: object, weights: object[] = WEIGHTS, paths: unknown = []): unknown {
  return {
    modelTopology: { class_name: "Sequential", config: { layers: [{ class_name: className, config }] } },
    weightsManifest: [{ paths, weights }],
  };
}

const bytes = new Uint8Array(12);
const REFUSED: Readonly<
  Record<string, readonly [unknown, Uint8Array, typeof TypeError | typeof SyntaxError, string]>
> = {
  "what is no JSON": ["{", bytes, SyntaxError, "it is no JSON"],
  "a graph model": [
    { modelTopology: { node: [] }, weightsManifest: [] },
    bytes,
    TypeError,
    "Cannot read model.json",
  ],
  "a layer that is not there": [file("ConvLSTM2D", DENSE), bytes, TypeError, "there is no layer for "],
  "a layer named like what objects have": [
    file("constructor", DENSE),
    bytes,
    TypeError,
    "there is no layer for ",
  ],
  "an option that is not there": [
    file("Dense", { ...DENSE, lora_rank: 3 }),
    bytes,
    TypeError,
    "Cannot read layers[0].lora_rank: 3 is not supported",
  ],
  "a shape that is not known": [
    file("Dense", { ...DENSE, batch_input_shape: undefined }),
    bytes,
    TypeError,
    "it has to be known",
  ],
  "an absurd number of units": [file("Dense", { ...DENSE, units: -1 }), bytes, RangeError as never, "units"],
  "too few bytes": [file("Dense", DENSE), bytes.subarray(1), SyntaxError, "it ends at byte 12, there are 11"],
  "too many bytes": [
    file("Dense", DENSE),
    new Uint8Array(16),
    SyntaxError,
    "they end at byte 12, there are 16",
  ],
  "absurd lengths": [
    file("Dense", DENSE, [{ ...WEIGHTS[0]!, shape: [2 ** 40, 2 ** 40] }]),
    bytes,
    SyntaxError,
    "there are 12",
  ],
  "fractional lengths": [
    file("Dense", DENSE, [{ ...WEIGHTS[0]!, shape: [0.5] }]),
    bytes,
    TypeError,
    "wrong at",
  ],
  "texts": [
    file("Dense", DENSE, [{ ...WEIGHTS[0]!, dtype: "string" }]),
    bytes,
    TypeError,
    "are not supported",
  ],
  "a weight too few": [
    file("Dense", DENSE, WEIGHTS.slice(0, 1)),
    bytes.subarray(4),
    SyntaxError,
    "there are none for d/bias",
  ],
  "a weight too many": [
    file("Dense", { ...DENSE, use_bias: false }),
    bytes,
    SyntaxError,
    "d//bias belongs to no layer",
  ],
  "a weight that stands twice": [
    file("Dense", DENSE, [WEIGHTS[1]!, WEIGHTS[1]!, WEIGHTS[1]!]),
    bytes,
    SyntaxError,
    "stands twice",
  ],
  "a weight of another shape": [
    file("Dense", DENSE, [{ ...WEIGHTS[0]!, shape: [1, 2] }, WEIGHTS[1]!]),
    bytes,
    SyntaxError,
    "d/kernel has shape [2, 1], the file's has [1, 2]",
  ],
};
for (const [what, [modelJson, weights, type, message]] of Object.entries(REFUSED)) {
  Deno.test(`loadTfjsModel() refuses ${what}`, async () => {
    await assertRejects(() => loadTfjsModel({ modelJson, weights }), type, message);
  });
}

Deno.test("loadTfjsModel() reads a model for sequences of any length", async () => {
  const layers = [
    {
      class_name: "Embedding",
      config: { input_dim: 2, output_dim: 1, name: "e", batch_input_shape: [null, null] },
    },
    { class_name: "GlobalAveragePooling1D", config: { name: "mean" } },
  ];
  const modelJson = {
    modelTopology: { class_name: "Sequential", config: { layers } },
    weightsManifest: [{ paths: [], weights: [{ name: "e/embeddings", shape: [2, 1], dtype: "float32" }] }],
  };
  const model = await loadTfjsModel({ modelJson, weights: new Uint8Array(Float32Array.of(1, 5).buffer) });
  assertEquals(model.predict(constant([[0, 1]])).value, [[3]]);
  assertEquals(model.predict(constant([[0, 1, 0, 0]])).value, [[2]]);
});

Deno.test({
  name: "loadTfjsModel() reads no files but those beside model.json",
  ignore: !granted,
  async fn() {
    const path = await Deno.makeTempFile();
    try {
      for (const shard of ["../secret.bin", "/etc/passwd", "a/../../b", "file:///etc/passwd", "", "..\\b"]) {
        await Deno.writeTextFile(path, JSON.stringify(file("Dense", DENSE, WEIGHTS, [shard])));
        await assertRejects(() => loadTfjsModel(path), TypeError, "it is no file beside model.json");
      }
    } finally {
      await Deno.remove(path);
    }
  },
});
