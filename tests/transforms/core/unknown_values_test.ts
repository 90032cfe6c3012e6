import { assertEquals, assertThrows } from "@std/assert";
import {
  compile,
  constant,
  customVjp,
  grad,
  noGrad,
  oneHot,
  scan,
  stopGradient,
  valueAndGrad,
  type Variable,
  variable,
  vmap,
  whileLoop,
} from "../../../mod.ts";
import { UnknownArray } from "../../../src/array/deferred_array.ts";

/** Compiles a function that says at each recording whether it knew the value of its argument. */
function watched(f: (x: Variable) => Variable): { run: (x: Variable) => Variable; known: boolean[] } {
  const known: boolean[] = [];
  const run = compile((x: Variable) => {
    known.push(!(x.array instanceof UnknownArray) && !Number.isNaN(x.number));
    return f(x);
  });
  return { run, known };
}

const x = constant([[1, 2, 3], [4, 5, 6]]);

const WITHOUT: readonly [name: string, f: (x: Variable) => Variable][] = [
  ["operations and constants", (x) => x.mul(constant([1, 2, 3]).square()).sum({ axis: 1 })],
  ["a gradient", (x) => grad((y: Variable) => y.square().sum().mul(y.mean()))(x)],
  ["a gradient by something else", (x) => x.mul(grad((y: Variable) => y.mul(y))(constant(3)))],
  [
    "a gradient of a gradient",
    (x) => grad((y: Variable) => grad((z: Variable) => z.pow(3).sum())(y).sum())(x),
  ],
  ["vmap", (x) => vmap((row: Variable) => row.square().sum())(x)],
  ["a gradient for each example", (x) => vmap(grad((row: Variable) => row.exp().prod()))(x)],
  ["scan", (x) => scan((s: Variable, row: Variable) => [s.add(row), s] as const, constant([0, 0, 0]), x)[1]],
  [
    "a rule of its own",
    (x) =>
      grad((y: Variable) =>
        customVjp((z: Variable) => z.mul(1), {
          forward: (z) => [z.mul(1), z],
          backward: (z, g) => [g.mul(z)],
        })(y).sum()
      )(x),
  ],
  ["an index that is checked in each call", (x) => oneHot(x.slice([0, 0], [2, 2]), 6)],
  [
    "a loop that ends by its values",
    (x) => whileLoop((y: Variable) => y.sum().lt(50), (y: Variable) => y.mul(2))(x),
  ],
  ["a stopped gradient", (x) => grad((y: Variable) => stopGradient(y).mul(y).sum())(x)],
];

for (const [name, f] of WITHOUT) {
  Deno.test(`compile() records ${name} without values, and computes what eager code does`, () => {
    const { run, known } = watched(f);
    const found = run(x);
    assertEquals(known, [false]);
    assertEquals(found.shape, f(x).shape);
    found.toArray().data.forEach((value, i) => {
      const wanted = f(x).toArray().data[i]!;
      if (!(Math.abs(value - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted)))) {
        throw new Error(`${value} ${wanted}`);
      }
    });
  });
}

const WITH: readonly [name: string, f: (x: Variable) => Variable][] = [
  ["a branch", (x) => x.sum().gt(0).truthy() ? x.mul(2) : x],
  [
    "a loop of which a step takes a branch",
    (x) =>
      whileLoop(
        (y: Variable) => y.sum().lt(50),
        (y: Variable) => y.sum().gt(30).truthy() ? y.mul(3) : y.mul(2),
      )(x),
  ],
  ["text of a value", (x) => x.toString().length > 0 ? x.add(1) : x],
  ["a branch in a try block that hides what is thrown", (x) => {
    try {
      return x.sum().gt(0).truthy() ? x.mul(2) : x;
    } catch {
      return x.mul(100);
    }
  }],
];

for (const [name, f] of WITH) {
  Deno.test(`compile() records again with values for ${name}`, () => {
    const { run, known } = watched(f);
    assertEquals(run(x).value, f(x).value);
    assertEquals(known.slice(0, 2), [false, true]);
    // The next recording begins with values.
    assertEquals(run(x.slice(0, 1)).value, f(x.slice(0, 1)).value);
    assertEquals(known.slice(2).includes(false), false);
  });
}

Deno.test("an error of a function is the same without values, and with", () => {
  const f = compile((x: Variable) => x.matmul(x));
  assertThrows(() => f(x), TypeError, "Cannot");
  const read = compile((x: Variable) => x.mul(x.sum().item()));
  assertThrows(() => read(x), TypeError, "Cannot read .item() inside compile()");
});

Deno.test("a single number that is an argument stays unknown with what it is combined with", () => {
  const { run, known } = watched((t) => grad((s: Variable) => constant([1, 2, 3]).mul(s).square().sum())(t));
  assertEquals(run(constant(2)).item(), 56);
  assertEquals(known, [false]);
  const step = compile(valueAndGrad((w: Variable, t: Variable) => w.mul(t).sum()));
  const [value, gradient] = step(constant([1, 2]), constant(3));
  assertEquals([value.item(), gradient.value], [9, [3, 3]]);
});

/** A number that a function leaves behind in a recording without values. */
function leftBehind(
  wrap: (f: (x: Variable) => Variable) => (x: Variable) => Variable,
  x: Variable,
): Variable {
  const left: Variable[] = [];
  const f = wrap((y) => {
    const number = y.sum().mul(2);
    left.push(number);
    return number;
  });
  compile(f)(x);
  return left[0] as Variable;
}

const LEAVING: readonly [name: string, wrap: (f: (x: Variable) => Variable) => (x: Variable) => Variable][] =
  [
    ["a compiled function", (f) => f],
    ["a compiled gradient", (f) => (x) => grad(f)(x)],
    ["a compiled function within one", (f) => compile(f)],
    ["a compiled batch", (f) => (x) => vmap(f)(x.reshape([1, x.size]))],
  ];

const USES: readonly [name: string, use: (x: Variable) => unknown][] = [
  ["item()", (x) => x.item()],
  [".value", (x) => x.value],
  [".data", (x) => x.data],
  ["toArray()", (x) => x.toArray()],
  ["truthy()", (x) => x.truthy()],
  ["JSON.stringify()", (x) => JSON.stringify(x)],
  ["toString()", (x) => x.toString()],
  ["constant()", (x) => constant(x)],
  ["variable()", (x) => variable(x)],
  ["assign()", (x) => variable(1).assign(x)],
  ["stopGradient()", (x) => stopGradient(x)],
  ["an operation", (x) => x.add(1)],
  ["a unary operation in noGrad()", (x) => noGrad(() => x.square())],
  ["a binary operation in noGrad()", (x) => noGrad(() => constant(1).add(x))],
  ["an operation with a number in noGrad()", (x) => noGrad(() => x.add(1))],
  ["another compiled function", (x) => compile((y: Variable) => y.mul(2))(x)],
  ["the recording of another function", (x) => compile((y: Variable) => y.mul(x))(constant(2))],
  ["a gradient", (x) => grad((y: Variable) => y.mul(2))(x)],
];

for (const [name, wrap] of LEAVING) {
  Deno.test(`a number that ${name} leaves behind is refused wherever it is used, never NaN`, () => {
    for (const dtype of ["float64", "float32"] as const) {
      for (const [use, read] of USES) {
        const left = leftBehind(wrap, constant([1, 2], { dtype }));
        // Many others drop rows in the meantime.
        for (let i = 0; i < 100; i++) grad((y: Variable) => y.mul(y))(i);
        assertThrows(() => read(left), TypeError, "function", use);
      }
    }
  });
}

Deno.test("NaN that was computed stays a value, also in what a function leaves behind", () => {
  const left: Variable[] = [];
  grad((x: Variable) => {
    left.push(x.mul(NaN));
    return x.square();
  })(2);
  assertEquals(left[0]?.item(), NaN);
  assertEquals(compile((x: Variable) => x.mul(2))(constant(NaN)).item(), NaN);
  assertEquals(noGrad(() => variable(NaN).add(1)).item(), NaN);
});

Deno.test("a number printed while a function is recorded shows its value, as an array does", () => {
  const printed: string[] = [];
  compile((x: Variable) => {
    printed.push(String(x.sum()));
    return x.sum();
  })(constant([1, 2]));
  assertEquals(printed.at(-1), "Variable(3, shape [], float64)");
});
