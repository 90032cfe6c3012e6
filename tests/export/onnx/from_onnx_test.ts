import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fromOnnx, type NamedVariables } from "../../../src/export/mod.ts";
import { checkGradients } from "../../../src/testing/mod.ts";
import { compile } from "../../../src/transforms/mod.ts";
import { constant, type Variable } from "../../../src/variable/mod.ts";
import { isNear } from "../../primitives/samples.ts";
import expected from "../../fixtures/files/onnx/expected.json" with { type: "json" };

const FOLDER = new URL("../../fixtures/files/", import.meta.url);
const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";

interface Values {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

interface Case {
  readonly name: string;
  readonly file: string;
  readonly runs: readonly {
    readonly inputs: Readonly<Record<string, Values>>;
    readonly outputs: Readonly<Record<string, Values>>;
  }[];
}

const cases = expected.cases as unknown as readonly Case[];

/** Values of a fixture; 64-bit integers and what JSON can't hold are texts. */
function read({ data, shape, dtype }: Values): Variable {
  const numbers = data.map(Number);
  return constant(dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers)).reshape(
    shape,
  );
}

function assertValues(actual: Variable | undefined, values: Values, what: string): void {
  assertEquals(actual?.shape, values.shape, what);
  const wanted = read(values).data;
  actual!.data.forEach((x, i) =>
    assert(isNear(x, wanted[i]!, 1e-5), `${what}[${i}]: ${x}, expected ${wanted[i]}`)
  );
}

for (const { name, file, runs } of cases.filter(({ name }) => name !== "refused_operation")) {
  Deno.test({
    name: `fromOnnx() runs ${name} as ONNX Runtime does`,
    ignore: !granted,
    async fn() {
      const { parameters, apply } = await fromOnnx(new URL(file, FOLDER));
      for (const { inputs, outputs } of runs) {
        const given = Object.fromEntries(Object.entries(inputs).map(([key, values]) => [key, read(values)]));
        const found = apply(parameters, given);
        for (const [key, values] of Object.entries(outputs)) assertValues(found[key], values, key);
        assertEquals(Object.keys(found).sort(), Object.keys(outputs).sort());
      }
    },
  });
}

for (const name of ["mlp_f8", "convolutions", "attention", "recurrent"]) {
  Deno.test({
    name: `gradients through ${name} by parameters and input are those of differences`,
    ignore: !granted,
    async fn() {
      const { file, runs } = cases.find((each) => each.name === name)!;
      const { parameters, apply } = await fromOnnx(new URL(file, FOLDER));
      const [{ inputs }] = runs as [Case["runs"][number]];
      // Some parameters and elements of each kind; all of them take long.
      const chosen = Object.entries(parameters).filter(([, { size }]) => size <= 40).slice(0, 5);
      const f = (some: NamedVariables, x: Variable): unknown =>
        Object.values(apply({ ...parameters, ...some }, { x })).map((y) => y.square().mean());
      const tolerance = name === "mlp_f8" ? 1e-6 : 2e-3;
      const step = name === "mlp_f8" ? 1e-3 : 2e-2;
      checkGradients(f as never, [Object.fromEntries(chosen), read(inputs["x"]!)] as never, {
        tolerance,
        step,
      });
    },
  });
}

Deno.test({
  name: "a model that was read runs compiled",
  ignore: !granted,
  async fn() {
    const { file, runs } = cases.find(({ name }) => name === "attention")!;
    const { parameters, apply } = await fromOnnx(new URL(file, FOLDER));
    const compiled = compile((p: NamedVariables, x: Variable) => apply(p, { x })["y"]!);
    for (const { inputs, outputs } of runs) {
      assertValues(compiled(parameters, read(inputs["x"]!)), outputs["y"]!, "y");
    }
  },
});

Deno.test({
  name: "fromOnnx() refuses an operator that it does not know, by name",
  ignore: !granted,
  async fn() {
    const { file } = cases.find(({ name }) => name === "refused_operation")!;
    await assertRejects(
      () => fromOnnx(new URL(file, FOLDER)),
      TypeError,
      "the operators NonZero are not supported",
    );
  },
});

Deno.test({
  name: "apply() refuses inputs and parameters that do not fit",
  ignore: !granted,
  async fn() {
    const { file, runs } = cases.find(({ name }) => name === "mlp_f4")!;
    const { parameters, apply } = await fromOnnx(new URL(file, FOLDER));
    const x = read(runs[0]!.inputs["x"]!);
    const wrong: readonly (readonly [parameters: NamedVariables, inputs: never, message: string])[] = [
      [parameters, {} as never, "the input x is missing"],
      [parameters, { z: x } as never, 'there is no input "z", it has x'],
      [parameters, x.reshape([4, 2]) as never, "the input x has shape [4, 2], expected [batch, 4]"],
      [{}, x as never, "the parameter w1 is undefined"],
      [{ ...parameters, w1: x }, x as never, "the parameter w1 has shape [2, 4], expected [4, 5]"],
    ];
    for (const [given, inputs, message] of wrong) {
      assertThrows(() => apply(given, inputs), TypeError, message);
    }
  },
});
