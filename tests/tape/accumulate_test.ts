import { assertArrayIncludes, assertEquals, assertLess } from "@std/assert";
import { NdArray } from "../../src/array/nd_array.ts";
import type { Value } from "../../src/array/value.ts";
import { eagerOps, operations } from "../../src/primitives/mod.ts";
import { at, gather, grad, noGrad, tape, unstack, type Variable, variable } from "../../mod.ts";
import { draw, randomNumbers } from "../primitives/samples.ts";

function asArray(value: Value): NdArray {
  return typeof value === "number" ? new NdArray(new Float64Array([value]), []) : value;
}

for (const op of operations) {
  const { accumulate, samples } = op.primitive;
  if (accumulate === undefined) continue;
  samples.forEach((sample, index) => {
    Deno.test(`${op.name} ${index}: adding in place gives what the vjp rule gives`, () => {
      const inputs = draw(op, sample, 1);
      const output = asArray(op.evaluate(inputs, sample.attributes, "float64"));
      const random = randomNumbers(7);
      const g = new NdArray(output.data.map(() => random() - 0.5), output.shape);
      const before = new NdArray(inputs[0]!.data.map(() => random()), inputs[0]!.shape);
      const into = before.clone();
      accumulate(into, output.shape.length === 0 ? g.data[0]! : g, sample.attributes, inputs);
      const context = op.context<Value>(eagerOps.float64, inputs, output, sample.attributes);
      const part = asArray(op.pullBack<Value>(context, g, inputs.map((_, k) => k === 0))[0]!);
      into.data.forEach((x, i) =>
        assertLess(Math.abs(x - before.data[i]! - part.data[i]!), 1e-14, `element ${i}: ${x}`)
      );
    });
  });
}

Deno.test("operations that read a part of an array add to its adjoint in place", () => {
  const names = operations.filter((op) => op.primitive.accumulate !== undefined).map((op) => op.name);
  for (const name of ["slice", "gather", "stridedSlice", "takeAlongAxis"]) {
    assertArrayIncludes(names, [name]);
  }
});

// Were each read to cost the length of the array, this would take minutes.
const LENGTH = 200_000;
const READS = 20_000;

Deno.test("20,000 elements read one by one from 200,000 have the derivatives of a sum", () => {
  const x = Float64Array.from({ length: LENGTH }, (_, i) => i % 7);
  const step = LENGTH / READS;
  const f = (v: Variable): Variable => {
    let sum = v.slice([0], [1]).reshape([]);
    for (let i = 1; i < READS; i++) sum = sum.add(at(v, i * step).get().square());
    return sum;
  };
  const g = grad(f)(x);
  assertEquals(g.length, LENGTH);
  for (let i = 0; i < LENGTH; i++) {
    const expected = i === 0 ? 1 : i % step === 0 ? 2 * (i % 7) : 0;
    if (g[i] !== expected) assertEquals(g[i], expected, `element ${i}`);
  }
});

Deno.test("rows gathered one by one add up, also in an array that other rows read as a whole", () => {
  const f = (v: Variable): Variable => {
    let sum = v.sum();
    for (let i = 0; i < 3000; i++) sum = sum.add(gather(v, i % 5, { axis: 0 }).mul(i).sum());
    return sum.add(v.square().sum());
  };
  const x = new NdArray(Float64Array.from({ length: 20_000 }, (_, i) => i / 1000), [5, 4000]);
  const g = grad(f)(variable(x, { trainable: false }));
  const byRow = Array.from({ length: 5 }, (_, r) => 600 * r + 5 * (600 * 599) / 2);
  g.data.forEach((d, i) => {
    const expected = 1 + byRow[Math.floor(i / 4000)]! + 2 * x.data[i]!;
    assertLess(Math.abs(d - expected), 1e-9 * expected, `element ${i}: ${d}, ${expected}`);
  });
});

Deno.test("an array that was passed on is not written to", () => {
  // The adjoint of y is also that of x before the slice adds to it.
  const w = variable([1, 2, 3]);
  const y = w.reshape([3]);
  y.sum().add(w.slice(0, 1).sum()).add(y.slice(1, 1).sum()).backward({ retainTape: true });
  assertEquals(w.grad?.value, [2, 2, 1]);
  assertEquals(noGrad(() => asArray(tape.adjointOf(y.row)!).toNested()), [1, 2, 1]);
  tape.clear();
});

Deno.test("many parts joined again have the derivatives of the whole", () => {
  const n = 5000;
  const f = (v: Variable): Variable => {
    const parts = unstack(v);
    return parts.reduce((sum, part, i) => sum.add(part.mul(i)));
  };
  const g = grad(f)(new Float64Array(n).fill(1));
  g.forEach((d, i) => assertEquals(d, i === 0 ? 1 : i));
});

Deno.test("derivatives of reads can be differentiated again, in float32 too", () => {
  const cube = (v: Variable): Variable => at(v, 1).get().pow(3).add(at(v, [0, 1, 1]).get().sum());
  const second = grad((v: Variable) => grad(cube)(v).sum());
  assertEquals(second([5, 2]), [0, 12]);
  assertEquals(grad(cube)(new Float32Array([5, 2])), new Float32Array([1, 14]));
});
