/** Regions: loops that a few rows at a time pass through. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { compile, constant, gelu, grad, layerNorm, softmax, type Variable } from "../../../mod.ts";

type DType = "float32" | "float64";

/** Numbers between -2 and 2 that look random. */
function draw(shape: readonly number[], dtype: DType, phase = 0): Variable {
  const size = shape.reduce((a, b) => a * b, 1);
  const numbers = Array.from({ length: size }, (_, i) => 2 * Math.sin(1.7 * i + phase));
  return constant(dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers)).reshape(
    shape,
  );
}

function assertClose(actual: Variable, expected: Variable, tolerance: number): void {
  assertEquals(actual.shape, expected.shape);
  const [found, wanted] = [[...actual.data], [...expected.data]];
  const worst = wanted.reduce((most, x, i) => Math.max(most, Math.abs(x - found[i]!)), 0);
  const scale = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  assert(worst <= tolerance * scale, `${worst} away`);
}

/** Functions of an array and of another of its shape. */
const FUNCTIONS: { readonly [name: string]: (x: Variable, w: Variable) => Variable } = {
  "a softmax": (x) => softmax(x),
  "the gradient of a softmax": (x, w) => grad((y: Variable) => softmax(y).mul(w).sum())(x),
  "a normalization with its gradient": (x, w) => grad((y: Variable) => layerNorm(y).mul(w).sum())(x),
  "gelu of a normalization, with its gradient": (x, w) =>
    grad((y: Variable) => gelu(layerNorm(y)).mul(w).sum())(x),
  "a row less its largest element, over its deviation": (x) => {
    const rest = x.sub(x.max({ axis: -1, keepDims: true }));
    return rest.div(rest.square().mean({ axis: -1, keepDims: true }).add(1).sqrt());
  },
  "two norms of rows, one of which is a result": (x) => {
    const norm = x.square().sum({ axis: -1, keepDims: true }).sqrt();
    return x.div(norm).exp().sum({ axis: -1 }).add(norm.reshape(x.shape.slice(0, -1)));
  },
};

/** Rows that fill no block, no vector and no cache line, and those that do. */
const SHAPES = [[257, 301], [512, 128], [7, 9, 1031], [9001, 8], [2, 40000]];

for (const [name, f] of Object.entries(FUNCTIONS)) {
  for (const dtype of ["float32", "float64"] as const) {
    Deno.test(`${name} in ${dtype} by regions is what it is eagerly`, () => {
      for (const shape of SHAPES) {
        const [x, w] = [draw(shape, dtype), draw(shape, dtype, 1)];
        using program = compile(f);
        assertClose(program(x, w), f(x, w), dtype === "float32" ? 1e-4 : 1e-12);
      }
    });
  }
}

Deno.test("regions give the same bits in one, two and three threads", () => {
  const f = FUNCTIONS["gelu of a normalization, with its gradient"]!;
  const [x, w] = [draw([301, 257], "float32"), draw([301, 257], "float32", 1)];
  using alone = compile(f);
  const found = alone(x, w);
  for (const threads of [2, 3]) {
    using shared = compile(f, { threads });
    assertEquals(shared(x, w).data, found.data);
    assertEquals(shared.stats()[0]!.threads, threads);
  }
});

Deno.test("a softmax, and a normalization with its gradient, are one kernel each, and take no room in between", () => {
  for (const name of ["a softmax", "the gradient of a softmax", "a normalization with its gradient"]) {
    using program = compile(FUNCTIONS[name]!);
    const [x, w] = [draw([1024, 256], "float32"), draw([1024, 256], "float32", 1)];
    const { groups } = program.lower(x, w);
    assertEquals(groups.split("\n").length, 1, groups);
    assert(/^0: region of \d loops over \[1024, 256\]: /.test(groups), groups);
    program(x, w);
    const arrays = 3 * 4 * 1024 * 256;
    assert(program.stats()[0]!.bytes < arrays + (1 << 18), `${program.stats()[0]!.bytes}`);
  }
});

Deno.test("loops over small arrays, and loops that need all rows of what another writes, are no region", () => {
  const isRegion = (f: (x: Variable) => Variable, shape: readonly number[]): boolean =>
    compile(f).lower(draw(shape, "float32")).groups.includes("region");
  assertEquals(isRegion((x) => softmax(x), [16, 16]), false);
  assertEquals(isRegion((x) => softmax(x), [1024, 256]), true);
  // A softmax along the rows needs all of them.
  assertEquals(isRegion((x) => softmax(x, { axis: 0 }), [1024, 256]), false);
});

Deno.test("what is not a number in a row stays in that row", () => {
  const x = draw([1024, 256], "float32").data.slice();
  x[300 * 256 + 7] = NaN;
  using program = compile((y: Variable) => softmax(y));
  const { data } = program(constant(x).reshape([1024, 256]));
  for (let row = 0; row < 1024; row++) {
    const numbers = data.subarray(row * 256, (row + 1) * 256);
    if (row === 300) assert(numbers.every(Number.isNaN));
    else assertAlmostEquals([...numbers].reduce((a, b) => a + b, 0), 1, 1e-5);
  }
});

Deno.test("an array that a result takes the place of is given up as before", () => {
  const step = compile((x: Variable) => softmax(x).add(x), { donate: [0] });
  const plain = compile((x: Variable) => softmax(x).add(x));
  let [a, b] = [draw([1024, 256], "float32"), draw([1024, 256], "float32")];
  for (let i = 0; i < 3; i++) {
    a = step(a);
    b = plain(b);
    assertEquals(a.data, b.data);
  }
});
