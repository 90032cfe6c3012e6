import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { grad } from "../../../src/transforms/mod.ts";
import { fromOnnx, type NamedVariables } from "../../../src/export/mod.ts";
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
