import { assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { constant, NdArray, type Variable } from "../../../mod.ts";
import {
  activation,
  type ActivationName,
  dense,
  flatten,
  type InitializerName,
  input,
  sequential,
} from "../../../src/nn/mod.ts";
import { apply, parametersOf } from "../apply.ts";

const ACTIVATIONS: { readonly [K in ActivationName]: (x: number) => number } = {
  linear: (x) => x,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
  softplus: (x) => Math.log1p(Math.exp(x)),
  leakyRelu: (x) => x > 0 ? x : 0.2 * x,
  elu: (x) => x > 0 ? x : Math.expm1(x),
  celu: (x) => x > 0 ? x : Math.expm1(x),
  squareplus: (x) => (x + Math.sqrt(x * x + 4)) / 2,
  logSigmoid: (x) => -Math.log1p(Math.exp(-x)),
  hardSilu: (x) => x * Math.min(1, Math.max(0, x / 6 + 0.5)),
  hardTanh: (x) => Math.min(1, Math.max(-1, x)),
  tanhShrink: (x) => x - Math.tanh(x),
  softShrink: (x) => Math.sign(x) * Math.max(0, Math.abs(x) - 0.5),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  // The normal distribution function at -1.5, 0.25 and 2.
  gelu: (x) => x * (x < 0 ? 0.06680720126885807 : x < 1 ? 0.5987063256829237 : 0.9772498680518208),
  silu: (x) => x / (1 + Math.exp(-x)),
  mish: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
  relu6: (x) => Math.min(6, Math.max(0, x)),
  softsign: (x) => x / (1 + Math.abs(x)),
  exponential: Math.exp,
  logSoftmax: (x) => x - Math.log(Math.exp(-1.5) + Math.exp(0.25) + Math.exp(2)),
  hardSigmoid: (x) => Math.min(1, Math.max(0, x / 6 + 0.5)),
  softmax: (x) => Math.exp(x) / (Math.exp(-1.5) + Math.exp(0.25) + Math.exp(2)),
};

for (const [name, formula] of Object.entries(ACTIVATIONS)) {
  Deno.test(`the activation ${name} is its formula, in a layer of its own and in a dense one`, () => {
    const x = constant([[-1.5, 0.25, 2]]);
    const identity = constant([[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
    const inDense = dense({ units: 3, activation: name as ActivationName, useBias: false });
    const results = [
      apply(activation(name as ActivationName), x),
      apply(inDense, x, { kernel: identity }),
    ];
    for (const result of results) {
      result.data.forEach((y, i) => assertAlmostEquals(y, formula(x.data[i]!), 1e-12));
    }
  });
}

/** Mean square of what each initializer gives for 300 inputs and 100 units. */
const VARIANCES: { readonly [K in InitializerName]: number } = {
  zeros: 0,
  ones: 1,
  glorotUniform: 2 / 400,
  glorotNormal: 2 / 400,
  heUniform: 2 / 300,
  heNormal: 2 / 300,
  lecunUniform: 1 / 300,
  lecunNormal: 1 / 300,
  randomNormal: 0.05 ** 2,
  randomUniform: 0.1 ** 2 / 12,
  truncatedNormal: (0.05 * 0.87962566103423978) ** 2,
  varianceScaling: 1 / 300,
  orthogonal: 1 / 300,
  identity: 1 / 300,
};

for (const [name, variance] of Object.entries(VARIANCES)) {
  Deno.test(`the initializer ${name} has mean square ${variance}, and the same bits for the same key`, () => {
    const layer = dense({ units: 100, kernelInitializer: name as InitializerName });
    const make = (seed: number): Float64Array =>
      parametersOf(layer, [300], seed)["kernel"]!.data as Float64Array;
    const kernel = make(7);
    const square = kernel.reduce((sum, x) => sum + x * x, 0) / kernel.length;
    assertAlmostEquals(square, variance, 0.03 * variance);
    assertEquals(make(7), kernel);
    if (variance > 0 && name !== "ones" && name !== "identity") {
      assertNotEquals(make(8), kernel);
      assertAlmostEquals(
        kernel.reduce((a, b) => a + b, 0) / kernel.length,
        0,
        5 * Math.sqrt(variance / 30_000),
      );
    }
  });
}

Deno.test("dense() takes initializers as functions, and for the bias too", () => {
  const layer = dense({
    units: 2,
    kernelInitializer: () => new NdArray(new Float64Array([1, 2, 3, 4]), [2, 2]),
    biasInitializer: "ones",
  });
  const model = sequential([layer]).build([2]);
  assertEquals(model.parameters["dense/kernel"]!.value, [[1, 2], [3, 4]]);
  assertEquals(model.parameters["dense/kernel"]!.dtype, "float32");
  assertEquals(model.parameters["dense/bias"]!.value, [1, 1]);
  assertEquals(layer.apply(input({ shape: [2] })).shape, [2]);
  const wrong = dense({ units: 3, kernelInitializer: () => new NdArray(new Float64Array(4), [2, 2]) });
  assertThrows(
    () => parametersOf(wrong, [2]),
    TypeError,
    "Cannot initialize the parameter kernel: the initializer gave shape [2, 2], expected [2, 3]",
  );
});

Deno.test("useBias: false leaves the bias out, and does not change the kernel", () => {
  const make = (useBias: boolean): Record<string, Variable> =>
    parametersOf(dense({ units: 2, useBias, biasInitializer: "randomNormal" }), [2], 3);
  assertEquals(Object.keys(make(false)), ["kernel"]);
  assertEquals(make(false)["kernel"]!.data, make(true)["kernel"]!.data);
});

Deno.test("unknown names are refused with the names there are", () => {
  assertThrows(
    () => activation("step" as "relu"),
    RangeError,
    'Unknown activation: "step", use one of linear',
  );
  assertThrows(
    () => dense({ units: 1, biasInitializer: "ten" as "ones" }),
    RangeError,
    'Unknown initializer: "ten", use one of zeros',
  );
});

Deno.test("build() takes the shape from the first layer, and checks what layers state", () => {
  const stated = sequential([flatten({ inputShape: [2, 3] }), dense({ units: 1, name: "out" })]);
  assertEquals(Object.values(stated.build().getWeights()).map((w) => w.shape), [[6, 1], [1]]);
  assertThrows(() => sequential([dense({ units: 1 })]).build(), TypeError, "is not known, pass it or state");
  assertThrows(() => sequential().build([1]), TypeError, "Cannot use sequential: it has no layers, add one");
  assertThrows(
    () => sequential([dense({ units: 2 }), dense({ units: 1, name: "out", inputShape: [3] })]).build([4]),
    TypeError,
    "Cannot build sequential: out states inputShape [3], it gets [2]",
  );
});
