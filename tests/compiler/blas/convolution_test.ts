/** Convolutions of compiled functions by a native library: beside the kernels, and beside running row by row. */
import { assert, assertEquals } from "@std/assert";
import { compile, constant, conv2d, type DType, type Variable, vjp } from "../../../mod.ts";
import type { Shape } from "../../../src/array/shape.ts";
import { distance, random, ROUNDING, testWithBlas } from "./_library.ts";

type ConvOptions = NonNullable<Parameters<typeof conv2d>[2]>;

/** The shapes of image and filters, and how the window moves. */
const CASES: readonly (readonly [name: string, image: Shape, filters: Shape, options: ConvOptions])[] = [
  ["a window of 3 x 3", [2, 13, 11, 32], [3, 3, 32, 40], {}],
  ["zeros around", [2, 13, 11, 32], [3, 3, 32, 40], { padding: "same" }],
  ["zeros on each side alone", [2, 13, 11, 32], [3, 3, 32, 40], { padding: [[2, 0], [1, 3]] }],
  ["strides", [3, 14, 15, 32], [3, 3, 32, 40], { strides: 2, padding: "same" }],
  ["strides that differ", [3, 14, 15, 32], [3, 4, 32, 40], { strides: [3, 2], padding: "same" }],
  ["strides longer than the window", [3, 24, 25, 32], [2, 2, 32, 40], { strides: 3 }],
  ["dilations", [2, 15, 16, 32], [3, 3, 32, 40], { dilations: [2, 3], padding: "same" }],
  ["strides and dilations", [3, 17, 16, 32], [3, 3, 32, 40], { strides: 2, dilations: 3, padding: "same" }],
  ["few filters", [4, 13, 11, 32], [3, 3, 32, 16], { padding: "same" }],
  ["dilations longer than the lines of results", [8, 23, 9, 48], [3, 2, 48, 40], { dilations: [10, 1] }],
  ["groups", [2, 13, 11, 64], [3, 3, 32, 80], { groups: 2, padding: "same" }],
  ["groups and strides", [2, 13, 11, 96], [3, 3, 32, 120], { groups: 3, strides: 2 }],
  ["a window of one pixel", [3, 14, 15, 64], [1, 1, 64, 40], {}],
  ["a window of one pixel with strides", [3, 24, 25, 64], [1, 1, 64, 40], { strides: 2 }],
  ["a window of one pixel and zeros around", [3, 14, 15, 64], [1, 1, 64, 40], { padding: 1 }],
  ["a window as large as the image", [12, 5, 6, 32], [5, 6, 32, 40], {}],
  ["more patches than are made at a time", [1, 70, 65, 48], [3, 3, 48, 33], { padding: "same" }],
];

/** A convolution, and the two gradients that go back from a cotangent of its result. */
type Part = (x: Variable, w: Variable, g: Variable) => Variable;

function parts(options: ConvOptions): { readonly [name: string]: Part } {
  const back = (f: (x: Variable) => Variable, x: Variable, g: Variable): Variable => {
    const [, pullback] = vjp(f)(x);
    return [pullback(g)].flat()[0] as Variable;
  };
  return {
    convolution: (x, w) => conv2d(x, w, options),
    "gradient of the image": (x, w, g) => back((x) => conv2d(x, w, options), x, g),
    "gradient of the filters": (x, w, g) => back((w) => conv2d(x, w, options), w, g),
  };
}

for (const dtype of ["float32", "float64"] as readonly DType[]) {
  for (const [name, image, filters, options] of CASES) {
    testWithBlas(
      `native convolutions of ${dtype} with ${name}, and their gradients, are those of the kernels`,
      (blas) => {
        const [x, w] = [random(image, dtype, 1), random(filters, dtype, 2)];
        const g = random(conv2d(x, w, options).shape, dtype, 3);
        for (const [part, f] of Object.entries(parts(options))) {
          const native = compile(f, { blas: "auto" });
          assert(native.lower(x, w, g).groups.includes(` by ${blas.name}`), part);
          const found = native(x, w, g);
          assert(distance(found, f(x, w, g)) < ROUNDING[dtype], part);
          assert(distance(found, compile(f)(x, w, g)) < ROUNDING[dtype], part);
        }
      },
    );
  }
}

testWithBlas("native convolutions obey <g, conv(x, w)> = <conv's transpose of g, x> = <that of g, w>", () => {
  const options: ConvOptions = { strides: 2, dilations: 2, groups: 2, padding: "same" };
  const [x, w] = [random([3, 19, 18, 64], "float64", 1), random([3, 3, 32, 80], "float64", 2)];
  const [forward, image, filters] = Object.values(parts(options)).map((f) => compile(f, { blas: "auto" }));
  const g = random(conv2d(x, w, options).shape, "float64", 3);
  const sums = [
    g.mul(forward!(x, w, g)),
    x.mul(image!(x, w, g)),
    w.mul(filters!(x, w, g)),
  ].map((products) => products.sum().item());
  for (const sum of sums) assert(Math.abs(sum - sums[0]!) < 1e-11 * Math.abs(sums[0]!), sums.join());
});

testWithBlas("a window of few channels, and one of single channels, stay with the kernels", (blas) => {
  for (
    const [image, filters, groups] of [
      [[4, 28, 28, 64], [3, 3, 16, 64], 4],
      [[8, 28, 28, 1], [3, 3, 1, 8], 1],
      [
        [4, 28, 28, 64],
        [3, 3, 1, 64],
        64,
      ],
    ] as const
  ) {
    const f = compile((x: Variable, w: Variable) => conv2d(x, w, { groups }), { blas: "auto" });
    const { groups: text } = f.lower(random(image, "float32", 1), random(filters, "float32", 2));
    assert(!text.includes(blas.name), text);
  }
});

testWithBlas("with three threads convolutions are divided between the kernels, where they can be", (blas) => {
  const text = (threads: number, filters: Shape, options: ConvOptions): string => {
    using f = compile(parts(options)["gradient of the filters"]!, { blas: "auto", threads });
    const [x, w] = [random([4, 28, 28, 64], "float32", 1), random(filters, "float32", 2)];
    return f.lower(x, w, conv2d(x, w, options)).groups;
  };
  assert(text(2, [3, 3, 64, 64], {}).includes(blas.name));
  assert(!text(3, [3, 3, 64, 64], {}).includes(blas.name));
  assert(text(3, [3, 3, 32, 64], { groups: 2 }).includes(blas.name));
});

testWithBlas("zeros around an image are stepped over where filters are infinite, also natively", () => {
  const [x, w] = [random([2, 13, 11, 32], "float32", 1), random([3, 3, 32, 40], "float32", 2)];
  const infinite = w.add(0).toArray();
  infinite.data[0] = Infinity;
  const f = (x: Variable, w: Variable): Variable => conv2d(x, w, { padding: "same" });
  const wanted = f(x, w.mul(0).add(constant(infinite)));
  const found = compile(f, { blas: "auto" })(x, constant(infinite));
  assertEquals([...found.data].map(Number.isFinite), [...wanted.data].map(Number.isFinite));
});
