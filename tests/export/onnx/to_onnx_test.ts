import { assert, assertEquals, assertRejects } from "@std/assert";
import type { NdArray } from "../../../src/array/nd_array.ts";
import { fromOnnx, toOnnx } from "../../../src/export/mod.ts";
import { mean, softmaxCrossEntropy } from "../../../src/functions/mod.ts";
import * as nn from "../../../src/nn/mod.ts";
import type { Layer } from "../../../src/nn/mod.ts";
import { adam } from "../../../src/optim/mod.ts";
import { key, normal } from "../../../src/random/mod.ts";
import { scan, valueAndGrad } from "../../../src/transforms/mod.ts";
import { constant, type Variable, variable } from "../../../src/variable/mod.ts";
import { isNear } from "../../primitives/samples.ts";
import { findPython } from "../../python.ts";
import { type Fed, runOnnx, runtime } from "./runtime.ts";

const python = await findPython("onnx");
const CHECK = `
import sys, onnx
onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)
print("ok")
`;

function assertNear(actual: NdArray | undefined, expected: NdArray, what: string): void {
  assertEquals(actual?.shape, expected.shape, what);
  actual!.data.forEach((x, i) =>
    assert(isNear(x, expected.data[i]!, 1e-5), `${what}[${i}]: ${x}, expected ${expected.data[i]}`)
  );
}

/** Normal numbers in float32. */
function draw(seed: number, shape: readonly number[]): NdArray {
  return normal(key(seed), shape, { dtype: "float32" }).toArray();
}

/** Runs a file in ONNX Runtime and here, and compares both with what is expected. */
async function compare(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, NdArray | Fed>>,
  expected: Readonly<Record<string, Variable>>,
): Promise<void> {
  const { parameters, apply } = await fromOnnx(bytes);
  const arrays = Object.fromEntries(
    Object.entries(feeds).map(([name, each]) => [name, "array" in each ? each.array : each]),
  );
  const here = apply(parameters, arrays);
  const there = runtime === undefined ? undefined : await runOnnx(bytes, feeds);
  for (const [name, value] of Object.entries(expected)) {
    assertNear(here[name]?.toArray(), value.toArray(), `${name} here`);
    if (there !== undefined) assertNear(there[name], value.toArray(), `${name} in ONNX Runtime`);
  }
}

type Step = (
  w: Record<string, Variable>,
  x: Variable,
  y: Variable,
) => readonly [Variable, Record<string, Variable>];

const mlp = (w: Record<string, Variable>, x: Variable): Variable =>
  x.matmul(w["w1"]!).add(w["b1"]!).relu().matmul(w["w2"]!).add(w["b2"]!);

/** A step of training: loss, and weights after it. */
const step: Step = (w, x, y) => {
  const loss = (w: Record<string, Variable>): Variable => mean(softmaxCrossEntropy(y, mlp(w, x)));
  const [value, gradients] = valueAndGrad(loss as never)(w as never) as unknown as [
    Variable,
    Record<string, Variable>,
  ];
  return [value, Object.fromEntries(Object.entries(w).map(([k, v]) => [k, v.sub(gradients[k]!.mul(0.1))]))];
};

const SHAPES = { w1: [4, 8], b1: [8], w2: [8, 3], b2: [3] };
const weights = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape], i) => [name, constant(draw(i, shape))]),
);

Deno.test("a step of training runs in ONNX Runtime, for any number of examples", async () => {
  const bytes = await toOnnx(step, [weights, { shape: ["batch", 4] }, { shape: ["batch", 3] }], {
    names: { inputs: ["parameters", "x", "y"], outputs: ["loss", "next"] },
  });
  const { inputs, outputs } = await fromOnnx(bytes);
  assertEquals(inputs.map(({ name }) => name), [
    ...Object.keys(SHAPES).map((k) => `parameters/${k}`),
    "x",
    "y",
  ]);
  assertEquals(inputs.at(-1)!.shape, ["batch", 3]);
  assertEquals(outputs[0], { name: "loss", shape: [], type: "float32" });
  for (const size of [1, 5, 64]) {
    const [x, y] = [draw(7, [size, 4]), constant(draw(8, [size, 3])).softmax().toArray()];
    const [loss, next] = step(weights, constant(x), constant(y));
    const given = Object.fromEntries(
      Object.entries(weights).map(([name, w]) => [`parameters/${name}`, w.toArray()]),
    );
    const wanted = Object.fromEntries(Object.entries(next).map(([name, w]) => [`next/${name}`, w]));
    await compare(bytes, { ...given, x, y }, { loss, ...wanted });
  }
});

Deno.test("a step of adam runs in ONNX Runtime", async () => {
  const optimizer = adam({ learningRate: 0.01 });
  const start = optimizer.init(weights);
  const whole = (w: typeof weights, state: typeof start, x: Variable, y: Variable) => {
    const loss = (w: typeof weights): Variable => mean(softmaxCrossEntropy(y, mlp(w, x)));
    const [value, gradients] = valueAndGrad(loss as never)(w as never) as unknown as [
      Variable,
      typeof weights,
    ];
    return { loss: value, ...optimizer.update(gradients, state, w) };
  };
  const [x, y] = [draw(7, [5, 4]), constant(draw(8, [5, 3])).softmax().toArray()];
  const bytes = await toOnnx(whole, [weights, start as never, x, y], {
    names: { inputs: ["w", "s", "x", "y"] },
  });
  const { inputs } = await fromOnnx(bytes);
  const all = new Map<string, NdArray>([["x", x], ["y", y], ["s/step", start.step.toArray()]]);
  all.set("s/rate", start.rate.toArray());
  for (const [name, w] of Object.entries(weights)) all.set(`w/${name}`, w.toArray());
  for (const [slot, list] of Object.entries(start.slots)) {
    for (const [name, w] of Object.entries(list)) all.set(`s/slots/${slot}/${name}`, w.toArray());
  }
  assertEquals(inputs.map(({ name }) => name).sort(), [...all.keys()].sort());
  const result = whole(weights, start, constant(x), constant(y));
  const wanted = Object.entries(result.parameters).map(([name, w]) => [`parameters/${name}`, w]);
  await compare(bytes, Object.fromEntries(all), { loss: result.loss, ...Object.fromEntries(wanted) });
});

/** Models, the shape of an example, and where its numbers are whole, how many there are of them. */
const MODELS: Record<string, readonly [make: () => Layer[], shape: number[], integers?: number]> = {
  dense: [() => [nn.dense({ units: 5, activation: "tanh" }), nn.dense({ units: 3, activation: "softmax" })], [
    4,
  ]],
  activations: [
    () =>
      ["relu", "sigmoid", "softplus", "elu", "selu", "gelu", "silu", "mish"].map((activation) =>
        nn.dense({ units: 4, activation: activation as "relu" })
      ),
    [4],
  ],
  "images": [
    () => [
      nn.conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
      nn.batchNormalization(),
      nn.maxPooling2d({ poolSize: 2 }),
      nn.conv2d({ filters: 3, kernelSize: 2, strides: 2 }),
      nn.averagePooling2d({ poolSize: 2 }),
      nn.flatten(),
      nn.dropout({ rate: 0.5 }),
      nn.dense({ units: 3 }),
    ],
    [12, 10, 2],
  ],
  "transposed convolution": [
    () => [
      nn.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: "same" }),
      nn.depthwiseConv2d({ kernelSize: 3 }),
      nn.globalAveragePooling2d(),
    ],
    [5, 4, 2],
  ],
  normalization: [() => [nn.layerNormalization(), nn.groupNormalization({ groups: 2 })], [6]],
  lstm: [() => [nn.lstm({ units: 4, returnSequences: true }), nn.gru({ units: 3 })], [5, 2]],
  "long sequences": [
    () => [nn.lstm({ units: 3, returnSequences: true }), nn.bidirectional({ layer: nn.gru({ units: 2 }) })],
    [12, 2],
  ],
  embedding: [() => [nn.embedding({ inputDim: 7, outputDim: 4 }), nn.globalAveragePooling1d()], [6], 7],
};

for (const [name, [make, shape, integers]] of Object.entries(MODELS)) {
  Deno.test(`the inference of a model (${name}) runs in ONNX Runtime, for any number of examples`, async () => {
    const model = nn.sequential(make()).build(shape);
    const bytes = await toOnnx(model);
    const { parameters } = await fromOnnx(bytes);
    assertEquals(Object.keys(parameters).sort(), Object.keys(model.getWeights()).sort());
    for (const size of [1, 3]) {
      let x = draw(size, [size, ...shape]);
      if (integers !== undefined) x = constant(x).abs().mul(3).floor().minimum(integers - 1).toArray();
      await compare(bytes, { input: x }, { output: model.predict(x) });
    }
  });
}

Deno.test("a model with several inputs and outputs has them under their names", async () => {
  const [a, b] = [nn.input({ shape: [3], name: "a" }), nn.input({ shape: [2], name: "b" })];
  const joined = nn.concatenate().apply([a, b]);
  const outputs = { sum: nn.dense({ units: 2 }).apply(joined), other: nn.dense({ units: 1 }).apply(a) };
  const model = nn.model({ inputs: { a, b }, outputs });
  const bytes = await toOnnx(model);
  const x = { a: draw(1, [4, 3]), b: draw(2, [4, 2]) };
  await compare(bytes, x, model.predict(x) as unknown as Record<string, Variable>);
});

Deno.test("a batch of a stated size is written where any length is not possible", async () => {
  const f = (x: Variable): Variable =>
    x.mul(constant(Array.from({ length: x.shape[0]! }, (_, i) => i)).reshape([-1, 1]));
  await assertRejects(
    () => toOnnx(f, [{ shape: ["batch", 2] }]),
    TypeError,
    "Cannot export a batch axis of any length: a constant array, of which the elements differ, of constant depends",
  );
  const x = draw(1, [3, 2]);
  await compare(await toOnnx(f, [{ shape: [3, 2] }]), { input: x }, { output: f(constant(x)) });
  const model = nn.sequential([nn.dense({ units: 1 })]).build([2]);
  assertEquals((await fromOnnx(await toOnnx(model, { batchSize: 8 }))).inputs[0]!.shape, [8, 2]);
});

Deno.test("shapes, counts and zeros follow the number of examples", async () => {
  const functions: Record<string, (x: Variable) => Variable> = {
    flat: (x) => x.reshape([-1]),
    pairs: (x) => x.reshape([x.shape[0]! * 2, 2]),
    variance: (x) => x.sub(x.mean(0)).square().mean({ axis: 0 }),
    "sum of products": (x) => x.transpose().matmul(x).div(x.shape[0]!),
    "less one": (x) => x.sum(0).div(x.shape[0]! - 1),
    softmax: (x) => x.softmax({ axis: 0 }),
    "cumulative sum": (x) => x.cumSum({ axis: 0 }),
  };
  for (const [name, f] of Object.entries(functions)) {
    const bytes = await toOnnx(f, [{ shape: ["batch", 4] }], { names: { outputs: [name] } });
    for (const size of [2, 6]) {
      const x = draw(size, [size, 4]);
      await compare(bytes, { input: x }, { [name]: f(constant(x)) });
    }
  }
});

Deno.test("a loop and its derivatives are written step by step", async () => {
  const run = (w: Variable, x: Variable): Variable => {
    const step = (s: Variable, x: Variable) => [s.mul(w).add(x).tanh(), s.mul(2)] as const;
    const [last, all] = scan(step, x.slice([0, 0, 0], [1, ...x.shape.slice(1)]).squeeze(0), x);
    return last.add(all.sum(0)).square().mean();
  };
  const f = (w: Variable, x: Variable): unknown => valueAndGrad(run, { argnums: [0, 1] })(w, x);
  const bytes = await toOnnx(f as never, [{ shape: [3] }, { shape: [10, "batch", 3] }], {
    names: { inputs: ["w", "x"], outputs: ["value", "gradients"] },
  });
  for (const size of [1, 4]) {
    const [w, x] = [draw(1, [3]), draw(2, [10, size, 3])];
    const [value, [byW, byX]] = f(constant(w), constant(x)) as [Variable, [Variable, Variable]];
    await compare(bytes, { w, x }, { value, "gradients/0": byW, "gradients/1": byX });
  }
});

Deno.test("float64 stays float64", async () => {
  const f = (x: Variable): Variable => x.exp().sum({ axis: 1 }).sqrt();
  const x = constant(draw(1, [3, 4])).cast("float64").toArray();
  const bytes = await toOnnx(f, [{ shape: ["batch", 4], dtype: "float64" }]);
  assertEquals((await fromOnnx(bytes)).outputs[0]!.type, "float64");
  if (runtime === undefined) return;
  const { output } = await runOnnx(bytes, { input: x });
  output!.data.forEach((value, i) => assert(isNear(value, f(constant(x)).data[i]!, 1e-14)));
});

Deno.test("integers go in as integers", async () => {
  const table = variable(draw(3, [7, 2]), { name: "table" });
  const f = (x: Variable): Variable => table.gather(x).sum({ axis: 1 });
  const bytes = await toOnnx(f, [{ shape: ["batch", 3], dtype: "int64" }]);
  const { inputs, parameters } = await fromOnnx(bytes);
  assertEquals([inputs[0]!.type, Object.keys(parameters)], ["int64", ["table"]]);
  const array = constant([[0, 6, 2], [3, 3, 1]]).toArray();
  await compare(bytes, { input: { array, type: "int64" } }, { output: f(constant(array)) });
});

Deno.test({
  name: "the checker of ONNX accepts what is written",
  ignore: python === undefined,
  async fn() {
    const path = await Deno.makeTempFile();
    const files = [
      () => toOnnx(step, [weights, { shape: ["batch", 4] }, { shape: ["batch", 3] }]),
      ...Object.values(MODELS).map(([make, shape]) => () => toOnnx(nn.sequential(make()).build(shape))),
    ];
    try {
      for (const write of files) {
        await Deno.writeFile(path, await write());
        assertEquals((await python!.run(CHECK, path)).trim(), "ok");
      }
    } finally {
      await Deno.remove(path);
    }
  },
});

const REFUSED: Record<string, readonly [f: (x: Variable) => unknown, message: string]> = {
  "an operation without a counterpart": [
    (x) => x.lgamma(),
    "Cannot export lgamma: ONNX has no gamma function",
  ],
  "values that are read": [(x) => x.mul(x.sum().item()), "Cannot read .item() inside toOnnx()"],
  "results that are no Variables": [() => "text", "the function must return Variables"],
};
for (const [what, [f, message]] of Object.entries(REFUSED)) {
  Deno.test(`toOnnx() refuses ${what}`, async () => {
    await assertRejects(() => toOnnx(f, [{ shape: [2, 2] }]), TypeError, message);
  });
}

Deno.test("toOnnx() refuses a model for sequences of any length", async () => {
  const model = nn.sequential([nn.globalAveragePooling1d(), nn.dense({ units: 1 })]).build([null, 2]);
  await assertRejects(
    () => toOnnx(model),
    TypeError,
    "Cannot export sequential: examples of shape [any, 2] have an axis of any length",
  );
});

Deno.test("toOnnx() refuses what its inputs can't be like", async () => {
  const f = (x: Variable): Variable => x;
  for (
    const [input, message] of [
      [{ shape: [-1] }, "an axis is -1"],
      [{ shape: [2], dtype: "text" }, "the dtype is"],
      ["text", "state { shape, dtype } or pass an example"],
    ] as const
  ) await assertRejects(() => toOnnx(f, [input as never]), TypeError, message);
  const two = (x: Variable, y: Variable): Variable => x.add(y);
  const options = { names: { inputs: ["x", "x"] } };
  await assertRejects(
    () => toOnnx(two, [{ shape: [2] }, { shape: [2] }], options),
    TypeError,
    "two values of the name",
  );
  await assertRejects(() => toOnnx("f" as never, []), TypeError, "pass a model, or a function");
});
