/** Convolutions and pooling that threads share. */
import { assert, assertEquals } from "@std/assert";
import {
  compile,
  constant,
  conv2d,
  conv2dTranspose,
  grad,
  maxPool2d,
  type Variable,
  vjp,
} from "../../../mod.ts";

type DType = "float32" | "float64";

/** Numbers between -1 and 1 that look random. */
function draw(shape: readonly number[], dtype: DType, phase: number): Variable {
  const size = shape.reduce((a, b) => a * b, 1);
  const numbers = Array.from({ length: size }, (_, i) => Math.sin(12.9 * i + phase));
  return constant(dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers)).reshape(
    shape,
  );
}

type Options = NonNullable<Parameters<typeof conv2d>[2]>;

/** Images, filters, and how the window moves. */
const CASES: readonly (readonly [name: string, image: number[], filters: number[], options: Options])[] = [
  ["no padding", [5, 14, 15, 16], [3, 3, 16, 24], {}],
  ["padding", [5, 13, 14, 16], [3, 3, 16, 24], { padding: "same" }],
  ["strides", [6, 17, 18, 16], [3, 3, 16, 24], { strides: 2, padding: "same" }],
  ["dilations", [4, 17, 16, 16], [3, 2, 16, 20], { dilations: 2, padding: "same" }],
  ["columns that fill no panel", [4, 16, 16, 17], [3, 3, 17, 27], { padding: "same" }],
  ["groups", [5, 14, 15, 16], [3, 3, 8, 48], { groups: 2, padding: "same" }],
  ["a window of one pixel", [6, 16, 16, 48], [1, 1, 48, 40], {}],
  ["images in bands", [3, 64, 64, 64], [3, 3, 64, 16], { padding: "same" }],
  ["a border that pays only for many images", [32, 6, 6, 64], [3, 3, 64, 64], { padding: "same" }],
];

for (const [name, image, filters, options] of CASES) {
  for (const dtype of ["float32", "float64"] as const) {
    Deno.test(`a convolution in ${dtype} and its gradients have the same bits in any number of threads: ${name}`, () => {
      const all = (x: Variable, w: Variable): readonly Variable[] => {
        const loss = (a: Variable, b: Variable): Variable => conv2d(a, b, options).square().sum();
        return [conv2d(x, w, options), ...grad(loss, { argnums: [0, 1] })(x, w) as unknown as Variable[]];
      };
      const [x, w] = [draw(image, dtype, 1), draw(filters, dtype, 2)];
      using alone = compile(all);
      const found = alone(x, w);
      for (const threads of [2, 3]) {
        using shared = compile(all, { threads });
        shared(x, w).forEach((y, i) => assertEquals(y.data, found[i]!.data, `result ${i}`));
        assertEquals(shared.stats()[0]!.threads, threads);
      }
    });
  }
}

Deno.test("convolutions and both gradients are divided between threads, the gradient of filters in groups is not", () => {
  for (const [name, image, filters, options] of CASES) {
    const [x, w] = [draw(image, "float32", 1), draw(filters, "float32", 2)];
    const g = conv2d(x, w, options);
    const programs: readonly (readonly [(...all: Variable[]) => Variable, Variable[], boolean])[] = [
      [(a, b) => conv2d(a!, b!, options), [x, w], true],
      [(a, b, c) => vjp((y: Variable) => conv2d(y, b!, options))(a!)[1](c!)[0], [x, w, g], true],
      [
        (a, b, c) => vjp((y: Variable) => conv2d(a!, y, options))(b!)[1](c!)[0],
        [x, w, g],
        options.groups === undefined,
      ],
    ];
    programs.forEach(([f, args, isShared], i) => {
      using program = compile(f, { threads: 2 });
      program(...args);
      assertEquals(program.stats()[0]!.threads, isShared ? 2 : 1, `${name} ${i}`);
    });
  }
});

Deno.test("a shared convolution steps over padding where filters are not finite", () => {
  const [x, w] = [draw([5, 13, 14, 16], "float32", 1), draw([3, 3, 16, 24], "float32", 2)];
  const numbers = w.data.slice();
  numbers[5] = NaN;
  numbers[100] = Infinity;
  const f = (a: Variable, b: Variable): Variable => conv2d(a, b, { padding: "same" });
  const broken = constant(numbers).reshape([3, 3, 16, 24]);
  using shared = compile(f, { threads: 2 });
  const [expected, found] = [f(x, broken).data, shared(x, broken).data];
  found.forEach((value, i) => assertEquals(Number.isFinite(value), Number.isFinite(expected[i]!)));
  assert(expected.some(Number.isNaN) && expected.some(Number.isFinite));
});

Deno.test("a shared transposed convolution has the same bits", () => {
  const [x, w] = [draw([6, 12, 12, 16], "float32", 1), draw([3, 3, 16, 16], "float32", 2)];
  const f = (a: Variable, b: Variable): Variable => conv2dTranspose(a, b, { strides: 2 });
  using alone = compile(f);
  using shared = compile(f, { threads: 2 });
  assertEquals(shared(x, w).data, alone(x, w).data);
});

for (const dtype of ["float32", "float64"] as const) {
  Deno.test(`max pooling of ${dtype} and its gradient are divided between threads, with the same bits`, () => {
    for (
      const [shape, window, strides] of [[[9, 40, 41, 33], 2, 2], [[7, 30, 33, 48], 3, 2], [
        [5, 31, 30, 40],
        3,
        1,
      ]] as const
    ) {
      const x = draw(shape, dtype, 1);
      const pool = (a: Variable): Variable => maxPool2d(a, window, { strides, padding: "same" });
      const g = draw(pool(x).shape, dtype, 2);
      const slope = (a: Variable, b: Variable): Variable => vjp(pool)(a)[1](b)[0];
      for (const f of [pool, slope]) {
        using alone = compile(f as typeof slope);
        for (const threads of [2, 3]) {
          using shared = compile(f as typeof slope, { threads });
          assertEquals(shared(x, g).data, alone(x, g).data);
          assertEquals(shared.stats()[0]!.threads, threads);
        }
      }
    }
  });
}
