/** Models trained by a native library, and what is said where it can't be. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { NdArray } from "../../../mod.ts";
import {
  type CompileOptions,
  conv2d,
  dense,
  describeTraining,
  flatten,
  sequential,
} from "../../../src/nn/mod.ts";
import { randomNumbers } from "../../compiler/random_programs.ts";
import { countProducts, productCount, testWithBlas } from "../../compiler/blas/_library.ts";

const next = randomNumbers(1);
const images = new NdArray(Float32Array.from({ length: 64 * 8 * 8 * 16 }, next), [64, 8, 8, 16]);
const labels = new NdArray(Float64Array.from({ length: 64 }, (_, i) => i % 4));
const OPTIONS: CompileOptions = {
  optimizer: "adam",
  loss: "sparseCategoricalCrossentropy",
  metrics: ["accuracy"],
};

function network() {
  return sequential([
    conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
    flatten(),
    dense({ units: 64, activation: "tanh" }),
    dense({ units: 4, activation: "softmax" }),
  ], { seed: 3 }).build([8, 8, 16]);
}

testWithBlas(
  "a model is trained, evaluated and used by a library, with the same result to rounding",
  async (blas) => {
    const [plain, native] = [network(), network()];
    plain.compile({ ...OPTIONS, compile: true });
    native.compile({ ...OPTIONS, compile: true, blas: blas.name });
    const fit = { epochs: 2, batchSize: 32 };
    const wanted = await plain.fit(images, labels, fit);
    const before = productCount();
    const found = await native.fit(images, labels, fit);
    assert(productCount() - before >= 4 * 7);
    found.history["loss"]!.forEach((loss, i) => assert(Math.abs(loss - wanted.history["loss"]![i]!) < 1e-4));
    assert(countProducts(() => native.evaluate(images, labels)) > 0);
    assert(countProducts(() => native.predict(images)) > 0);
    assertEquals(countProducts(() => plain.predict(images)), 0);
    native.compile({ ...OPTIONS, compile: true });
    assertEquals(countProducts(() => native.predict(images)), 0);
  },
);

Deno.test("a library is not saved with what a model is trained with, as it belongs to the machine", () => {
  assertEquals(describeTraining({ ...OPTIONS, blas: "auto" }), describeTraining(OPTIONS));
});

Deno.test("a library that is none, and one for what does not run compiled, are refused", () => {
  const model = network();
  assertThrows(() => model.compile({ ...OPTIONS, blas: 3 as never }), TypeError, "the option blas is 3");
  assertThrows(
    () => model.compile({ ...OPTIONS, blas: "auto", compile: false }),
    TypeError,
    "with blas and compile: false",
  );
});
