import { apply } from "../../src/variable/apply.ts";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { NdArray } from "../../src/array/nd_array.ts";
import { type Shape, sizeOf } from "../../src/array/shape.ts";
import { type Operation, operations, type Sample } from "../../src/primitives/mod.ts";
import {
  constant,
  debugNans,
  grad,
  hessian,
  jacobian,
  jvp,
  noGrad,
  stopGradient,
  tape,
  valueAndGrad,
  type Variable,
  variable,
  vmap,
} from "../../mod.ts";

const SIZE = 3;

/** Operands with a batch axis for those marked, drawn from the ranges of a sample. */
function draw(operation: Operation, sample: Sample<unknown>, batched: readonly boolean[]): Variable[] {
  let state = 12345;
  const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return sample.shapes.map((shape, k) => {
    const [low, high] = sample.domains?.[k] ?? [-2, 2];
    const whole = sample.integers?.includes(k) || operation.primitive.untyped?.includes(k);
    const full: Shape = batched[k] ? [SIZE, ...shape] : shape;
    const data = Float64Array.from({ length: sizeOf(full) }, () => {
      const x = low + random() * (high - low);
      return whole ? Math.floor(x) : x;
    });
    const columns = shape[shape.length - 1] ?? 0;
    const matrix = columns * (shape[shape.length - 2] ?? 0);
    if (k === 0 && sample.diagonal !== undefined) {
      for (let start = 0; start < data.length; start += matrix) {
        sample.diagonal.forEach((x, i) => data[start + i * (columns + 1)]! += x);
      }
    }
    return constant(new NdArray(data, full));
  });
}

function closeTo(actual: Variable, expected: Variable, tolerance = 1e-11): void {
  assertEquals(actual.shape, expected.shape);
  const { data } = expected;
  actual.data.forEach((x, i) => {
    if (!Object.is(x, data[i]!)) assertAlmostEquals(x, data[i]!, tolerance * Math.max(1, Math.abs(data[i]!)));
  });
}

/** What `vmap` must give, example by example. */
function byLoop(
  f: (...x: Variable[]) => Variable,
  axes: readonly (0 | null)[],
  args: readonly Variable[],
): Variable {
  const results = Array.from(
    { length: SIZE },
    (_, i) => f(...args.map((x, k) => axes[k] === null ? x : x.slice(i, 1).reshape(x.shape.slice(1)))),
  );
  const data = results.flatMap((y) => [...y.data]);
  return constant(new NdArray(Float64Array.from(data), [SIZE, ...results[0]!.shape]));
}

for (const operation of operations) {
  if (operation.name === "custom") continue;
  Deno.test(`vmap of ${operation.name} equals a loop`, () => {
    for (const sample of operation.primitive.samples) {
      const count = sample.shapes.length;
      const masks = [sample.shapes.map(() => true)];
      if (count > 1) { for (let k = 0; k < count; k++) masks.push(sample.shapes.map((_, i) => i === k)); }
      for (const mask of masks) {
        const axes = mask.map((b) => b ? 0 : null);
        const args = draw(operation, sample, mask);
        const f = (...xs: Variable[]): Variable => apply(operation, xs, sample.attributes);
        closeTo(vmap(f, { inAxes: axes })(...args), byLoop(f, axes, args));
      }
    }
    assertEquals(tape.length, 0);
  });
}

const loss = (w: Variable, x: Variable): Variable => w.mul(x).sin().sum().square();
const W = [0.5, -1];
const X = [[1, 2], [3, 4], [0, 1]];

Deno.test("vmap(grad(f)) gives one gradient for each example", () => {
  const each = vmap(grad(loss), { inAxes: [null, 0] })(W, X);
  closeTo(each, constant(X.map((x) => grad(loss)(W, constant(x)) as number[])));
  const [values, gradients] = vmap(valueAndGrad((w: Variable) => loss(w, constant([1, 2]))))(X);
  closeTo(values as Variable, constant(X.map((x) => loss(constant(x), constant([1, 2])).item())));
  assertEquals((gradients as Variable).shape, [3, 2]);
});

Deno.test("the gradient of a vmap is the sum over the examples", () => {
  const total = (w: Variable): Variable => vmap(loss, { inAxes: [null, 0] })(w, X).sum();
  const expected = (w: Variable): Variable => X.map((x) => loss(w, constant(x))).reduce((a, b) => a.add(b));
  closeTo(constant(grad(total)(W)), constant(grad(expected)(W)));
  closeTo(hessian(total)(W), hessian(expected)(W));
  closeTo(jvp(total)([W], [[1, 2]])[1], jvp(expected)([W], [[1, 2]])[1]);
});

Deno.test("vmap nests with itself, hessian, jacobian and jvp in either order", () => {
  const product = vmap((x: Variable) => vmap((y: Variable) => x.mul(y))([1, 2, 3]))([1, 2]);
  assertEquals(product.value, [[1, 2, 3], [2, 4, 6]]);
  const columns = vmap(vmap((x: Variable) => x.square(), { inAxes: 0 }), { inAxes: 1, outAxes: 1 })([[1, 2], [
    3,
    4,
  ]]);
  assertEquals(columns.value, [[1, 4], [9, 16]]);
  const f = (x: Variable): Variable => x.pow(3).sum();
  assertEquals(vmap(hessian(f))([[1, 2], [3, 4]]).value, [[[6, 0], [0, 12]], [[18, 0], [0, 24]]]);
  const push = vmap((x: Variable) => jvp(f)([x], [[1, 0]])[1]);
  assertEquals(push([[1, 2], [3, 4]]).value, [3, 27]);
  assertEquals(jacobian((x: Variable) => vmap(f)(x))([[1, 2], [3, 4]]).shape, [2, 2, 2]);
  assertEquals(grad(grad((x: Variable) => vmap((a: Variable) => a.mul(x).pow(3))([1, 2]).sum()))(2), 108);
});

Deno.test("inAxes and outAxes choose axes, for trees too", () => {
  const f = ({ a, b }: { a: Variable; b: Variable }, c: Variable) => ({ y: a.mul(b).add(c), z: c });
  const out = vmap(f, { inAxes: [{ a: 1, b: null }, 0], outAxes: { y: -1, z: 0 } })(
    { a: [[1, 2], [3, 4]], b: 10 },
    [100, 200],
  );
  assertEquals(out.y.value, [[110, 220], [130, 240]]);
  assertEquals(out.z.value, [100, 200]);
  const same = vmap((x: Variable) => [x, constant(7)], { outAxes: [0, null] })([1, 2]);
  assertEquals(same.map((v) => v.value), [[1, 2], 7]);
  assertEquals(vmap((_: Variable) => constant([1, 2]))([1, 2, 3]).value, [[1, 2], [1, 2], [1, 2]]);
  assertEquals(vmap((x: Variable) => x.sum())(new NdArray(new Float64Array(0), [0, 2])).shape, [0]);
});

Deno.test("vmap() keeps dtypes, and reaches trainable Variables", () => {
  assertEquals(vmap((x: Variable) => x.mul(2))(new Float32Array([1, 2])).dtype, "float32");
  const w = variable([1, 2]);
  vmap((x: Variable) => x.mul(w).sum())([[1, 2], [3, 4]]).sum().backward();
  assertEquals([w.grad?.value, tape.length], [[4, 6], 0]);
});

Deno.test("a value that depends on the example cannot be read inside vmap", () => {
  const reads: readonly ((x: Variable) => unknown)[] = [
    (x) => x.item(),
    (x) => x.gt(0).truthy(),
    (x) => x.mul(2).value,
    (x) => x.data,
    (x) => x.toArray(),
    (x) => constant(x),
    (x) => vmap((y: Variable) => (x.item(), y))([1, 2]),
    (x) => grad((y: Variable) => (x.item(), y))(constant(1)),
    (x) => stopGradient(x).item(),
    (x) => noGrad(() => x.mul(2)).item(),
  ];
  for (const read of reads) {
    assertThrows(() => vmap((x: Variable) => (read(x), x))([1, 2]), TypeError, "where(condition, a, b)");
  }
  // What does not depend on it can.
  const w = variable(3);
  assertEquals(vmap((x: Variable) => x.mul(w.mul(2).item()))([1, 2]).value, [6, 12]);
  assertEquals(tape.guard, null);
  tape.clear();
});

Deno.test("stopGradient() and noGrad() inside vmap cut the derivative, not the batch", () => {
  const f = (x: Variable): Variable => x.mul(stopGradient(x)).add(noGrad(() => x.mul(10)));
  assertEquals(vmap(f)([1, 2]).value, [11, 24]);
  assertEquals(vmap(grad(f))([1, 2]).value, [1, 2]);
  assertEquals(grad((x: Variable) => vmap(f)(x).sum())([1, 2]), [1, 2]);
});

Deno.test("vmap() refuses what cannot be mapped", () => {
  const f = (x: Variable, y: Variable): Variable => x.add(y);
  assertThrows(() => vmap(f)([1, 2], [1, 2, 3]), TypeError, "different numbers of examples, 2 and 3");
  assertThrows(() => vmap(f, { inAxes: [null, null] })(1, 2), TypeError, "no argument has an axis");
  assertThrows(() => vmap(f)(1, [1, 2]), RangeError, "axis 0 of shape []");
  assertThrows(() => vmap(f, { inAxes: [0] })([1], [1]), TypeError, "1 inAxes");
  assertThrows(() => vmap(f, { inAxes: [[0, 0], 0] })([1], [1]), TypeError, "inAxes has");
  assertThrows(() => vmap((x: Variable) => x, { outAxes: null })([1]), TypeError, "not the same for all");
  assertThrows(() => vmap((x: Variable) => x, { outAxes: 2 })([1]), RangeError, "along axis 2");
  // deno-lint-ignore require-await
  assertThrows(() => vmap((async (x: Variable) => x) as never)([1]), TypeError, "async");
  assertThrows(() => vmap(3 as never)([1]), TypeError, "vmap() takes a function");
});

Deno.test("an operation without batch rule runs example by example, and says so while debugging", () => {
  const primitive = operations.find((o) => o.name === "matmul")!.primitive as { batch?: unknown };
  const { batch } = primitive;
  const warned: string[] = [];
  const { warn } = console;
  console.warn = (message: string) => warned.push(message);
  delete primitive.batch;
  const f = (x: Variable): Variable => x.matmul([[1], [2]]);
  try {
    assertEquals(vmap(f)([[[1, 2]], [[3, 4]]]).value, [[[5]], [[11]]]);
    assertEquals(warned, []);
    using _ = debugNans();
    assertEquals(grad((x: Variable) => vmap(f)(x).sum())([[[1, 2]], [[3, 4]]]), [[[1, 2]], [[1, 2]]]);
  } finally {
    console.warn = warn;
    primitive.batch = batch;
  }
  assertEquals(warned, ["vmap: matmul has no batch rule, it runs once for each of the 2 examples"]);
});
