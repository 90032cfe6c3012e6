/** Every primitive of the table, compiled: the same values and derivatives as eager, and really by WebAssembly. */
import { assert, assertEquals } from "@std/assert";
import { operations } from "../../src/primitives/mod.ts";
import { apply, type Variable } from "../../src/variable/variable.ts";
import { constant, grad } from "../../mod.ts";
import { draw } from "../primitives/samples.ts";
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
    for (const dtype of ["float64", "float32"] as const) {
      Deno.test(`${op.name} ${index} ${shapes} ${dtype}: compiled is what eager is, with derivatives`, () => {
        const tolerance = dtype === "float64" ? 1e-12 : 2e-5;
        const inputs = draw(op, sample, 7).map((x) => constant(x, { dtype }));
        const forward = (...x: Variable[]): Variable => apply(op, x, sample.attributes).mul(0.5);
        const compiled = compile(forward);
        compare(compiled(...inputs), forward(...inputs), tolerance, "value");
        compare(compiled(...inputs), forward(...inputs), tolerance, "value again");
        assertEquals(compiled.stats().map(({ target }) => target), ["wasm"]);
        const free = inputs.map((_, k) => k).filter((k) => op.isDifferentiable(k));
        if (free.length === 0) return;
        const loss = (...x: Variable[]): Variable => forward(...x).tanh().sum();
        const gradient = grad(loss, { argnums: free }) as unknown as (...x: Variable[]) => Variable[];
        const found = compile(gradient)(...inputs);
        gradient(...inputs).forEach((g, i) => compare(found[i]!, g, tolerance, `gradient ${free[i]}`));
      });
    }
  });
}
