/** Engines without relaxed SIMD, or without SIMD: what is compiled for them computes the same. */
import { assert, assertEquals } from "@std/assert";
import { assumeEngine, engine } from "../../src/compiler/wasm/writer.ts";
import { compile, constant, conv2d, maxPool2d, NdArray, valueAndGrad, type Variable } from "../../mod.ts";
import { randomNumbers, randomProgram } from "./random_programs.ts";

const ENGINES = ["relaxed", "simd", "none"] as const;

function close(actual: Variable, expected: Variable, what: string): void {
  const tolerance = expected.dtype === "float64" ? 1e-9 : 2e-3;
  const [a, e] = [actual.data, expected.data];
  const scale = Math.max(1, ...Array.from(e).filter(Number.isFinite).map(Math.abs));
  e.forEach((x, i) =>
    assert(Object.is(a[i], x) || Math.abs(a[i]! - x) <= tolerance * scale, `${what}[${i}]: ${a[i]}, ${x}`)
  );
}

const NAMES = { relaxed: "with relaxed SIMD", simd: "with SIMD", none: "without SIMD" } as const;

Deno.test("an engine can be taken for one that can do less, for a while", () => {
  const real = engine();
  assertEquals(assumeEngine("none", engine), "none");
  assertEquals(engine(), real);
});

for (const level of ENGINES) {
  Deno.test(`random programs run right on an engine ${NAMES[level]}`, () => {
    for (let seed = 20_000; seed < 20_150; seed++) {
      const { inputs, run, text } = randomProgram(seed);
      const both = valueAndGrad(run, { argnums: inputs.map((_, i) => i) }) as unknown as (
        ...x: Variable[]
      ) => [Variable, Variable[]];
      const compiled = compile(both);
      const [value, slopes] = assumeEngine(level, () => compiled(...inputs));
      const [expected, gradients] = both(...inputs);
      close(value, expected, `seed ${seed} value\n${text}\n`);
      gradients.forEach((g, i) => close(slopes[i]!, g, `seed ${seed} gradient ${i}\n${text}\n`));
    }
  });

  Deno.test(`matrix products and convolutions run right on an engine ${NAMES[level]}`, () => {
    const random = randomNumbers(5);
    for (const dtype of ["float32", "float64"] as const) {
      const draw = (...shape: number[]): Variable => {
        const size = shape.reduce((a, b) => a * b, 1);
        return constant(new NdArray(Float64Array.from({ length: size }, () => random() - 0.5), shape), {
          dtype,
        });
      };
      const f = (x: Variable, k: Variable, w: Variable): Variable =>
        maxPool2d(conv2d(x, k).relu(), 2).reshape([3, -1]).matmul(w).softmax().square().sum();
      const at = [draw(3, 10, 9, 2), draw(3, 2, 2, 5), draw(80, 7)] as const;
      const compiled = compile(valueAndGrad(f, { argnums: [0, 1, 2] }));
      const [value, slopes] = assumeEngine(level, () => compiled(...at));
      const [expected, gradients] = valueAndGrad(f, { argnums: [0, 1, 2] })(...at);
      close(value, expected, "value");
      gradients.forEach((g, i) => close(slopes[i]!, g, `gradient ${i}`));
      assertEquals(compiled.stats()[0]!.target, level === "none" ? "replay" : "wasm");
    }
  });
}
