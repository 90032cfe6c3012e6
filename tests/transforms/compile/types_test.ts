import { assertEquals } from "@std/assert";
import { compile, constant, grad, jvp, valueAndGrad, type Variable, vmap } from "../../../mod.ts";

// What is tested is that this file type-checks; the values are compared beside.
const f = (x: Variable): Variable => x.square().sum();

Deno.test("compile(f) takes numbers and arrays, as grad(f) does, and gives numbers and arrays", () => {
  assertEquals<unknown>(compile(f)([1, 2]), 5);
  assertEquals<unknown>(compile((x: Variable) => x.mul(2))(Float32Array.of(1, 2)), Float32Array.of(2, 4));
  const product = compile((w: { k: Variable }, x: Variable, n: number) => ({ y: w.k.mul(x).mul(n) }));
  assertEquals<unknown>(product({ k: [1] }, [2], 3).y, [6]);
});

Deno.test("compile(f) takes Variables, alone or beside numbers, and gives Variables", () => {
  assertEquals(compile(f)(constant([1, 2])).item(), 5);
  const product = compile((w: { k: Variable }, x: Variable, n: number) => ({ y: w.k.mul(x).mul(n) }));
  assertEquals(product({ k: constant(1) }, constant(2), 3).y.item(), 6);
  assertEquals(product({ k: constant(1) }, [2], 3).y.value, [6]);
});

Deno.test("transforms of compiled functions, and compiled transforms, keep their types", () => {
  const slopes: number[] = grad(compile(f))([1, 2]);
  const compiled: number[] = compile(grad(f))([1, 2]);
  assertEquals([slopes, compiled], [[2, 4], [2, 4]]);
  const cube = (x: Variable): Variable => x.pow(3);
  const second: number = grad(compile(grad(cube)))(2);
  const [value, slope]: [number, number] = compile(valueAndGrad(cube))(2);
  assertEquals([second, value, slope], [12, 8, 12]);
  assertEquals(vmap(compile(f))([[1, 2]]).value, [5]);
  assertEquals(compile(vmap(f))(constant([[1, 2]])).value, [5]);
  assertEquals(jvp(compile(f))([[1, 2]], [[1, 0]])[1].item(), 2);
});
