/** Every primitive of the table, compiled: the same values and derivatives as eager, and really by WebAssembly. */
import { apply } from "../../src/variable/apply.ts";
import { assert, assertEquals } from "@std/assert";
import { operations } from "../../src/primitives/mod.ts";
import type { Variable } from "../../src/variable/variable.ts";
import { constant, grad } from "../../mod.ts";
import { draw, drawNonFinite, outcomeOf } from "../primitives/samples.ts";
import { compile } from "../../src/transforms/compile/compile.ts";

function compare(actual: Variable, expected: Variable, tolerance: number, what: string): void {
  assertEquals([...actual.shape], [...expected.shape], what);
  assertEquals(actual.dtype, expected.dtype, what);
  const [found, wanted] = [actual.data, expected.data];
  const scale = Math.max(1, ...Array.from(wanted).filter(Number.isFinite).map(Math.abs));
  wanted.forEach((x, i) =>
    assert(
      Object.is(found[i], x) || Math.abs(found[i]! - x) <= tolerance * scale,
      `${what}[${i}] is ${found[i]}, eager ${x}`,
    )
  );
}

for (const op of operations) {
  op.primitive.samples.forEach((sample, index) => {
    const shapes = sample.shapes.map((s) => `[${s}]`).join(" ");
    const forward = (...x: Variable[]): Variable => apply(op, x, sample.attributes).mul(0.5);
    const free = sample.shapes.map((_, k) => k).filter((k) => op.isDifferentiable(k));
    const loss = (...x: Variable[]): Variable => forward(...x).tanh().sum();
    const gradient = grad(loss, { argnums: free }) as unknown as (...x: Variable[]) => Variable[];
    for (const dtype of ["float64", "float32"] as const) {
      const tolerance = dtype === "float64" ? 1e-12 : 2e-5;

      Deno.test(`${op.name} ${index} ${shapes} ${dtype}: compiled is what eager is, with derivatives`, () => {
        const inputs = draw(op, sample, 7).map((x) => constant(x, { dtype }));
        const compiled = compile(forward);
        compare(compiled(...inputs), forward(...inputs), tolerance, "value");
        compare(compiled(...inputs), forward(...inputs), tolerance, "value again");
        assertEquals(compiled.stats().map(({ target }) => target), ["wasm"]);
        if (free.length === 0) return;
        const found = compile(gradient)(...inputs);
        gradient(...inputs).forEach((g, i) => compare(found[i]!, g, tolerance, `gradient ${free[i]}`));
      });

      Deno.test(`${op.name} ${index} ${shapes} ${dtype}: compiled makes of infinities and NaN what eager does`, () => {
        const all = (
          ...x: Variable[]
        ): Variable[] => [forward(...x), ...free.length > 0 ? gradient(...x) : []];
        const compiled = compile(all);
        for (const seed of [1, 2, 3, 4]) {
          const inputs = drawNonFinite(op, sample, seed).map((x) => constant(x, { dtype }));
          const [found, wanted] = [compiled, all].map((f) => outcomeOf(() => f(...inputs)));
          if (found instanceof Error || wanted instanceof Error) assertEquals(String(found), String(wanted));
          else wanted!.forEach((v, i) => compare(found![i]!, v, tolerance, `seed ${seed}, result ${i}`));
        }
      });
    }
  });
}
