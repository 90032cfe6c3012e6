/** Programs of very many steps, and of steps with very many parts. */
import { assertEquals, assertLess } from "@std/assert";
import {
  compile,
  concat,
  constant,
  grad,
  NdArray,
  scan,
  stack,
  unstack,
  type Variable,
} from "../../../mod.ts";

const numbers = (shape: readonly [number, number]): Variable =>
  constant(new NdArray(Float64Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(i)), shape));

/** The largest difference of two arrays. */
function distance(x: Variable, y: Variable): number {
  const other = y.data;
  let most = 0;
  for (const [i, value] of x.data.entries()) most = Math.max(most, Math.abs(value - other[i]!));
  return most;
}

const programs: Record<string, { f: (x: Variable) => Variable; shape: readonly [number, number] }> = {
  "3,000 rows taken apart and put together": { f: (x) => stack(unstack(x)), shape: [3000, 4] },
  "the gradient of 1,500 rows put together": {
    f: grad((x: Variable) => stack(unstack(x)).square().sum()),
    shape: [1500, 3],
  },
  "the gradient of a scan of 1,500 steps by its inputs": {
    f: grad((x: Variable) =>
      scan((s: Variable, x: Variable) => [s.mul(0.9).add(x.tanh()), s.sum()] as const, constant([0, 0]), x)[0]
        .sum()
    ),
    shape: [1500, 2],
  },
  "a chain of 3,000 operations on each element": {
    f: (x) => {
      let y = x;
      for (let i = 0; i < 1500; i++) y = y.mul(0.9).add(x);
      return y;
    },
    shape: [5, 7],
  },
  "1,000 sums": {
    f: (x) => concat(Array.from({ length: 1000 }, (_, i) => x.slice([i % 50, 0], [3, 2]).sum().reshape([1]))),
    shape: [60, 2],
  },
};

for (const [name, { f, shape }] of Object.entries(programs)) {
  Deno.test(`a program can be long: ${name}`, () => {
    using compiled = compile(f);
    const x = numbers(shape);
    assertLess(distance(compiled(x), f(x)), 1e-12);
    assertEquals(compiled.stats()[0]!.target, "wasm");
  });
}
