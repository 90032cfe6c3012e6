import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as fc from "npm:fast-check@4";
import * as t from "../../../mod.ts";
import { grad, type Variable } from "../../../mod.ts";

/** Numbers that repeat nowhere. */
function numbers(shape: readonly number[], seed = 1): Variable {
  const size = shape.reduce((a, b) => a * b, 1);
  return t.constant(Float64Array.from({ length: size }, (_, i) => Math.sin(12.9898 * (i + seed)))).reshape(
    shape,
  );
}

interface Case {
  readonly batch: number;
  readonly size: readonly [number, number];
  readonly window: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly groups: number;
  readonly perGroup: readonly [number, number];
}

/** The definition: a sum over each window, one product at a time. */
function convolveByHand(x: Variable, w: Variable, c: Case): number[] {
  const [n, height, width, channels] = x.shape as [number, number, number, number];
  const [kh, kw, inner, outChannels] = w.shape as [number, number, number, number];
  const lengthOf = (axis: 0 | 1): number =>
    Math.floor(
      (c.size[axis] + c.padding[axis][0] + c.padding[axis][1] - (c.window[axis] - 1) * c.dilations[axis] -
        1) / c.strides[axis],
    ) + 1;
  const [xs, ws] = [x.data, w.data];
  const out: number[] = [];
  for (let b = 0; b < n; b++) {
    for (let oy = 0; oy < lengthOf(0); oy++) {
      for (let ox = 0; ox < lengthOf(1); ox++) {
        for (let k = 0; k < outChannels; k++) {
          const group = Math.floor(k / (outChannels / c.groups));
          let sum = 0;
          for (let ky = 0; ky < kh; ky++) {
            for (let kx = 0; kx < kw; kx++) {
              const y = oy * c.strides[0] + ky * c.dilations[0] - c.padding[0][0];
              const z = ox * c.strides[1] + kx * c.dilations[1] - c.padding[1][0];
              if (y < 0 || y >= height || z < 0 || z >= width) continue;
              for (let i = 0; i < inner; i++) {
                sum += xs[((b * height + y) * width + z) * channels + group * inner + i]! *
                  ws[((ky * kw + kx) * inner + i) * outChannels + k]!;
              }
            }
          }
          out.push(sum);
        }
      }
    }
  }
  return out;
}

const small = (low: number, high: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }));
const cases: fc.Arbitrary<Case> = fc.record({
  batch: fc.integer({ min: 0, max: 3 }),
  size: small(5, 7),
  window: small(1, 3),
  strides: small(1, 3),
  dilations: small(1, 2),
  padding: fc.tuple(small(0, 2), small(0, 2)),
  groups: fc.integer({ min: 1, max: 3 }),
  perGroup: small(1, 3),
});

function drawn(c: Case): [Variable, Variable] {
  return [
    numbers([c.batch, ...c.size, c.groups * c.perGroup[0]]),
    numbers([...c.window, c.perGroup[0], c.groups * c.perGroup[1]], 7),
  ];
}

function optionsOf({ strides, dilations, padding, groups }: Case): t.Conv2dOptions {
  return { strides, dilations, padding, groups };
}

Deno.test("conv2d() is its definition, whatever the strides, padding, dilations and groups", () => {
  fc.assert(fc.property(cases, (c) => {
    const [x, w] = drawn(c);
    const result = t.conv2d(x, w, optionsOf(c)).data;
    const expected = convolveByHand(x, w, c);
    assertEquals(result.length, expected.length);
    expected.forEach((v, i) => assertAlmostEquals(result[i]!, v, 1e-12));
  }));
});

Deno.test("the gradients of conv2d() are its transposes: <g, conv(x, w)> = <grad, operand> for both", () => {
  fc.assert(fc.property(cases, (c) => {
    const [x, w] = drawn(c);
    const y = t.conv2d(x, w, optionsOf(c));
    const g = numbers(y.shape, 3);
    const [dx, dw] = grad((a: Variable, b: Variable) => t.conv2d(a, b, optionsOf(c)).mul(g).sum(), {
      argnums: [0, 1],
    })(
      x,
      w,
    ) as unknown as [Variable, Variable];
    const value = y.mul(g).sum().item();
    assertAlmostEquals(dx.mul(x).sum().item(), value, 1e-10);
    assertAlmostEquals(dw.mul(w).sum().item(), value, 1e-10);
  }));
});

Deno.test("images larger than a tile of patches give the same, in both dtypes", () => {
  const x = numbers([1, 70, 70, 8]);
  const w = numbers([5, 5, 8, 4], 2);
  const c: Case = {
    batch: 1,
    size: [70, 70],
    window: [5, 5],
    strides: [1, 1],
    dilations: [1, 1],
    padding: [[2, 2], [2, 2]],
    groups: 1,
    perGroup: [8, 4],
  };
  const expected = convolveByHand(x, w, c);
  const wide = t.conv2d(x, w, { padding: "same" });
  const narrow = t.conv2d(x.cast("float32"), w.cast("float32"), { padding: "same" });
  assertEquals([wide.dtype, narrow.dtype], ["float64", "float32"]);
  assertEquals(wide.shape, [1, 70, 70, 4]);
  expected.forEach((v, i) => {
    if (i % 97 > 0) return;
    assertAlmostEquals(wide.data[i]!, v, 1e-11);
    assertAlmostEquals(narrow.data[i]!, v, 1e-5);
  });
  const g = numbers(wide.shape, 5);
  const slope = grad((a: Variable, b: Variable) => t.conv2d(a, b, { padding: "same" }).mul(g).sum(), {
    argnums: [0, 1],
  });
  const [dx, dw] = slope(x, w) as unknown as [Variable, Variable];
  const value = wide.mul(g).sum().item();
  assertAlmostEquals(dx.mul(x).sum().item(), value, 1e-8);
  assertAlmostEquals(dw.mul(w).sum().item(), value, 1e-8);
});

Deno.test('padding "same" keeps the length over the stride, with the odd zero at the end', () => {
  const ones = t.constant(new Float64Array([1, 1])).reshape([2, 1, 1]);
  const x = t.constant(new Float64Array([1, 2, 3, 4])).reshape([1, 4, 1]);
  assertEquals([...t.conv1d(x, ones, { padding: "same" }).data], [3, 5, 7, 4]);
  assertEquals([...t.conv1d(x, ones, { padding: "same", strides: 3 }).data], [3, 4]);
  assertEquals([...t.conv1d(x, ones, { padding: [1, 0] }).data], [1, 3, 5, 7]);
  for (const length of [1, 2, 5, 6, 7]) {
    for (const strides of [1, 2, 3]) {
      for (const dilations of [1, 2]) {
        const y = t.conv1d(numbers([1, length, 1]), numbers([3, 1, 1]), {
          padding: "same",
          strides,
          dilations,
        });
        assertEquals(y.shape, [1, Math.ceil(length / strides), 1]);
      }
    }
  }
});

Deno.test("conv2dTranspose() is the gradient of conv2d() by its image", () => {
  for (
    const options of [{}, { strides: 2 }, { strides: [2, 3], padding: 1 }, {
      padding: "same",
      strides: 2,
    }] as const
  ) {
    const w = numbers([3, 3, 2, 4]);
    const x = numbers([2, 8, 9, 2], 4);
    const y = t.conv2d(x, w, options);
    const g = numbers(y.shape, 9);
    const slope = grad((v: Variable) => t.conv2d(v, w, options).mul(g).sum())(x);
    const rest = (axis: 1 | 2): number => {
      const back = t.conv2dTranspose(g, w, options).shape[axis]!;
      return x.shape[axis]! - back;
    };
    const same = "padding" in options && options.padding === "same";
    if (same) {
      assertEquals(t.conv2dTranspose(numbers([1, 3, 5, 4]), w, options).shape, [1, 6, 10, 2]);
      continue;
    }
    const back = t.conv2dTranspose(g, w, { ...options, outputPadding: [rest(1), rest(2)] });
    assertEquals(back.data, slope.data);
  }
});

Deno.test("conv2dTranspose() in groups spreads each group by itself", () => {
  const x = numbers([1, 2, 2, 4]);
  const w = numbers([2, 2, 3, 4], 5);
  const both = t.conv2dTranspose(x, w, { groups: 2, strides: 2 });
  assertEquals(both.shape, [1, 4, 4, 6]);
  const half = (i: number): Variable =>
    t.conv2dTranspose(x.slice([0, 0, 0, 2 * i], [1, 2, 2, 2]), w.slice([0, 0, 0, 2 * i], [2, 2, 3, 2]), {
      strides: 2,
    });
  const joined = t.concat([half(0), half(1)], { axis: 3 });
  joined.data.forEach((v, i) => assertAlmostEquals(both.data[i]!, v, 1e-14));
});

Deno.test("plain nested numbers take the dtype of the other operand", () => {
  const x = t.constant(new Float32Array([1, 2, 3])).reshape([1, 3, 1]);
  const y = t.conv1d(x, [[[1]], [[-1]]]);
  assertEquals([y.dtype, y.value], ["float32", [[[-1], [-1]]]]);
});

Deno.test("an empty batch gives an empty batch, and zero gradients of filters", () => {
  const w = numbers([2, 2, 1, 3]);
  const x = numbers([0, 4, 4, 1]);
  assertEquals(t.conv2d(x, w).shape, [0, 3, 3, 3]);
  const slope = grad((v: Variable) => t.conv2d(x, v).sum())(w);
  assertEquals([...slope.data].filter((v) => v !== 0), []);
});

const image = numbers([1, 4, 4, 2]);
const BAD: readonly [string, () => unknown, ErrorConstructor, string][] = [
  [
    "images of three axes",
    () => t.conv2d(numbers([4, 4, 2]), numbers([2, 2, 2, 1])),
    TypeError,
    "shape [4, 4, 2]",
  ],
  ["filters of three axes", () => t.conv2d(image, numbers([2, 2, 2])), TypeError, "shape [2, 2, 2]"],
  [
    "channels that differ",
    () => t.conv2d(image, numbers([2, 2, 3, 1])),
    TypeError,
    "images of shape [1, 4, 4, 2] and filters of shape [2, 2, 3, 1] in 1 group do not fit",
  ],
  [
    "groups that do not divide",
    () => t.conv2d(image, numbers([2, 2, 1, 3]), { groups: 2 }),
    TypeError,
    "in 2 groups do not fit",
  ],
  [
    "filters larger than the image",
    () => t.conv2d(image, numbers([3, 3, 2, 1]), { dilations: 2 }),
    TypeError,
    "the window [3, 3] with dilations [2, 2] is larger than the image of shape [1, 4, 4, 2]",
  ],
  [
    "filters longer than the sequence",
    () => t.conv1d(numbers([1, 4, 2]), numbers([3, 2, 1]), { dilations: 2, padding: [0, 0] }),
    TypeError,
    "Cannot apply conv1d: the window 3 with dilation 2 is longer than the sequences of shape [1, 4, 2]",
  ],
  ["a stride of 0", () => t.conv2d(image, numbers([2, 2, 2, 1]), { strides: 0 }), RangeError, "strides is 0"],
  [
    "a fractional dilation",
    () => t.conv2d(image, numbers([2, 2, 2, 1]), { dilations: [1, 1.5] }),
    RangeError,
    "dilations is [1, 1.5]",
  ],
  [
    "negative padding",
    () => t.conv2d(image, numbers([2, 2, 2, 1]), { padding: [[0, 0], [0, -1]] }),
    RangeError,
    "padding is [0, 0, 0, -1]",
  ],
  [
    "an unknown rule of padding",
    () => t.conv2d(image, numbers([2, 2, 2, 1]), { padding: "full" as "same" }),
    RangeError,
    'padding is "full"',
  ],
  ["no groups", () => t.conv2d(image, numbers([2, 2, 2, 1]), { groups: 0 }), RangeError, "groups is 0"],
  ["sequences of two axes", () => t.conv1d([[1]], [[[1]]]), TypeError, "expected [batch, length, channels]"],
  [
    "transposed channels that differ",
    () => t.conv2dTranspose(image, numbers([2, 2, 2, 3])),
    TypeError,
    "images of shape [1, 4, 4, 2] and filters of shape [2, 2, 2, 3]",
  ],
  [
    "output padding as large as the stride",
    () => t.conv2dTranspose(image, numbers([2, 2, 1, 2]), { strides: 2, outputPadding: 2 }),
    RangeError,
    "outputPadding [2, 2] must be smaller than the strides [2, 2]",
  ],
  [
    "more padding than there is to cut",
    () => t.conv2dTranspose(numbers([1, 1, 1, 2]), numbers([1, 1, 1, 2]), { padding: 1 }),
    TypeError,
    "padding [1, 1, 1, 1]",
  ],
];
for (const [what, run, type, message] of BAD) {
  Deno.test(`convolution refuses ${what}`, () => {
    assertThrows(run, type, message);
  });
}
