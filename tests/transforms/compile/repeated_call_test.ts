import { assertEquals, assertThrows } from "@std/assert";
import { compile, constant, grad, NdArray, noGrad, tape, type Variable, variable } from "../../../mod.ts";

/** Calls a compiled function several times, so that later calls are recognized, and compares each with the function. */
function sameEachTime<A extends unknown[]>(f: (...args: A) => unknown, calls: readonly A[]): void {
  const compiled = compile(f) as unknown as (...args: A) => unknown;
  const show = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  for (const args of [...calls, ...calls, ...calls.toReversed()]) {
    assertEquals(show(compiled(...args)), show(f(...args)));
  }
}

Deno.test("a call like the one before gives what the function gives, for arguments of all kinds", () => {
  const double = (x: Variable) => x.mul(2);
  const vector = (...x: number[]): Variable => constant(Float64Array.from(x));
  sameEachTime(double, [[vector(1, 2)], [vector(3, 4)], [vector(5)], [vector()], [vector(6)]]);
  sameEachTime(double, [[constant(new Float32Array([0.1]))], [vector(0.1)], [constant(0.1)]]);
  type Point = { readonly x: Variable; readonly y: readonly Variable[] };
  const sum = (
    { x, y }: Point,
  ) => [x.add(y[0] ?? 0), { total: y.reduce((a, b) => a.add(b), x) }, "text", null];
  sameEachTime(sum, [
    [{ x: vector(1), y: [] }],
    [{ x: vector(2), y: [vector(3)] }],
    [{ x: vector(4), y: [vector(5), vector(6)] }],
    [{ y: [vector(7)], x: vector(8) }],
  ]);
});

Deno.test("plain numbers and arrays come back in the form they went in, call after call", () => {
  const square = compile((x: Variable) => x.square());
  for (let i = 1; i < 4; i++) {
    assertEquals(square(i), i * i);
    assertEquals(square([i, 2]), [i * i, 4]);
    assertEquals(square(new Float32Array([i])), new Float32Array([i * i]));
    assertEquals(square(new Float64Array([i])), new Float64Array([i * i]));
    assertEquals(square(new Float64Array([i + 1])), new Float64Array([(i + 1) ** 2]));
    assertEquals(square(new NdArray(new Float64Array([i]), [])), i * i);
    assertEquals(square(new NdArray(new Float64Array([i]))), new NdArray(new Float64Array([i * i])));
    assertEquals(square([]), []);
  }
});

Deno.test("derivatives by an argument are there also after calls that wanted none", () => {
  const square = compile((x: Variable) => x.square().sum());
  const plain = constant(new Float64Array([3]));
  const w = variable(new Float64Array([5]));
  for (let i = 0; i < 3; i++) {
    assertEquals(square(plain).value, 9);
    w.zeroGrad();
    square(w).backward();
    assertEquals(w.grad?.value, [10]);
    assertEquals(noGrad(() => square(w)).value, 25);
    assertEquals(grad(square)(plain).value, [6]);
  }
  assertEquals(tape.length, 0);
});

Deno.test("a trainable Variable that the function reads is read anew at each call", () => {
  const w = variable([2]);
  const scale = compile((x: Variable) => x.mul(w));
  const typed = new Float64Array([10]);
  for (let i = 1; i < 4; i++) {
    w.assign([i]);
    assertEquals(scale(typed), new Float64Array([10 * i]));
    const result = scale(constant(typed));
    result.sum().backward();
    assertEquals(result.value, [10 * i]);
    assertEquals(w.grad?.value, [10]);
    w.zeroGrad();
  }
});

Deno.test("static arguments, other numbers of arguments and disposing are seen by the next call", () => {
  const power = compile((x: Variable, n: number, bias?: Variable) => {
    const result = n === 2 ? x.square() : x;
    return bias === undefined ? result : result.add(bias);
  }, { staticArgnums: [1] });
  const x = constant(new Float64Array([3]));
  for (let i = 0; i < 2; i++) {
    assertEquals(power(x, 2).value, [9]);
    assertEquals(power(x, 1).value, [3]);
    assertEquals(power(x, 1, x).value, [6]);
    power[Symbol.dispose]();
    assertEquals(power.stats().length, 0);
  }
});

Deno.test("a function that branches on a value takes the right way at each call", () => {
  const abs = compile((x: Variable) => x.gt(0).truthy() ? x : x.neg());
  for (const value of [1, 2, -3, -4, 5, -6]) assertEquals(abs(constant(value)).value, Math.abs(value));
});

Deno.test("results keep names that have another meaning in objects", () => {
  const f = compile((x: Variable) => ({ ["__proto__"]: x, constructor: x.neg() }));
  for (let i = 0; i < 2; i++) {
    const result = f(constant(2)) as Record<string, Variable>;
    assertEquals(Object.keys(result), ["__proto__", "constructor"]);
    assertEquals(Object.getPrototypeOf(result), Object.prototype);
    assertEquals(Object.entries(result).map(([, x]) => x.value), [2, -2]);
  }
});

Deno.test("an argument of another kind is refused also after calls that were fine", () => {
  const f = compile((x: Variable) => x.neg());
  f(constant(1));
  f(constant(1));
  assertThrows(() => (f as unknown as (x: unknown) => void)(new Map()), TypeError, "Cannot compile with");
});
