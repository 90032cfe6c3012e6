/** Regions with products and convolutions: what follows one is computed on some of its rows before the next are made. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { compile, constant, conv2d, gelu, grad, relu, softmax, type Variable } from "../../../mod.ts";

type DType = "float32" | "float64";

/** Numbers between -1 and 1 that look random. */
function draw(shape: readonly number[], dtype: DType, phase = 0): Variable {
  const size = shape.reduce((a, b) => a * b, 1);
  const numbers = Array.from({ length: size }, (_, i) => Math.sin(1.7 * i * i + phase));
  return constant(dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers)).reshape(
    shape,
  );
}

function assertClose(actual: Variable, expected: Variable, tolerance: number, what: string): void {
  assertEquals(actual.shape, expected.shape);
  const [found, wanted] = [actual.data, expected.data];
  let [worst, scale] = [0, 1];
  wanted.forEach((x, i) => {
    worst = Math.max(worst, Number.isNaN(found[i]) ? Infinity : Math.abs(x - found[i]!));
    scale = Math.max(scale, Math.abs(x));
  });
  assert(worst <= tolerance * scale, `${what}: ${worst} away`);
}

/** The matrices of a batch transposed. */
function turned(x: Variable): Variable {
  const axes = x.shape.map((_, axis) => axis);
  return x.permute([...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
}

interface Case {
  readonly f: (...operands: Variable[]) => Variable | readonly Variable[];
  /** Shapes of the operands; each is tried. */
  readonly shapes: readonly (readonly (readonly number[])[])[];
  /** The start of the description of the region. */
  readonly groups: RegExp;
}

const CASES: Readonly<Record<string, Case>> = {
  "bias and activation": {
    f: (x, w, b) => gelu(x!.matmul(w!).add(b!)),
    shapes: [[[1024, 70], [70, 300], [300]], [[3001, 3], [3, 97], [97]], [[615, 600], [600, 430], [430]]],
    groups: /^0: region of 1 product, 1 loop over /,
  },
  "two layers and a softmax": {
    f: (x, w, b, v) => softmax(relu(x!.matmul(w!).add(b!)).matmul(v!)),
    shapes: [[[1000, 70], [70, 300], [300], [300, 270]], [[6, 401, 40], [40, 130], [130], [130, 118]]],
    groups: /^0: region of 2 products, \d loops over /,
  },
  "a product that is a result too": {
    f: (x, w) => {
      const y = x!.matmul(w!);
      return [y, y.mul(2).add(1)];
    },
    shapes: [[[1013, 20], [20, 260]]],
    groups: /^0: region of 1 product, 1 loop over /,
  },
  "the update of weights by their gradient": {
    f: (x, g, w) => w!.sub(x!.transpose().matmul(g!).mul(0.1)),
    shapes: [[[60, 601], [60, 457], [601, 457]], [[300, 528], [300, 530], [528, 530]]],
    groups: /^0: region of 1 product, 1 loop over /,
  },
  "columns stored as rows": {
    f: (x, w, b) => relu(x!.matmul(w!.transpose()).add(b!)),
    shapes: [[[956, 70], [301, 70], [301]], [[528, 513], [520, 513], [520]]],
    groups: /^0: region of 1 product, 1 loop over /,
  },
  "attention, a matrix at a time": {
    f: (q, k, v) => softmax(q!.matmul(turned(k!)).mul(0.3)).matmul(v!),
    shapes: [[[24, 150, 16], [24, 90, 16], [24, 90, 80]], [[4, 3, 180, 33], [4, 3, 180, 33], [
      4,
      3,
      180,
      125,
    ]]],
    groups: /^0: region of \d products?, \d loops over /,
  },
  "a convolution": {
    f: (x, w, b) => relu(conv2d(x!, w!, { padding: "valid" }).add(b!)),
    shapes: [[[9, 37, 35, 3], [3, 3, 3, 32], [32]], [[33, 20, 20, 16], [5, 3, 16, 30], [30]]],
    groups: /^0: region of 1 convolution, 1 loop over /,
  },
  "a convolution of images with a border": {
    f: (x, w, b) => relu(conv2d(x!, w!, { padding: "same" }).add(b!)),
    shapes: [[[17, 24, 22, 40], [3, 3, 40, 32], [32]]],
    groups: /^0: region of 1 convolution, 1 loop over /,
  },
  "the gradient of a convolution's images": {
    f: (g, w, x) =>
      grad((x: Variable) => conv2d(x, w!, { padding: "valid" }).mul(g!).sum())(x!).mul(0.5).exp(),
    shapes: [[[17, 22, 20, 32], [3, 3, 40, 32], [17, 24, 22, 40]]],
    groups: /region of 1 convolution, 1 loop over /,
  },
};

for (const [name, { f, shapes, groups }] of Object.entries(CASES)) {
  for (const dtype of ["float32", "float64"] as const) {
    Deno.test(`${name}: a region with kernels gives in ${dtype} what there is eagerly`, () => {
      for (const list of shapes) {
        const operands = list.map((shape, i) => draw(shape, dtype, i));
        using program = compile((...given: Variable[]) => [f(...given)].flat());
        assertMatch(program.lower(...operands).groups, groups);
        const wanted = [f(...operands)].flat();
        program(...operands).forEach((found, i) =>
          assertClose(found, wanted[i]!, dtype === "float32" ? 2e-5 : 1e-13, `${list.join(" ")} result ${i}`)
        );
      }
    });
  }

  Deno.test(`${name}: a region with kernels gives the same bits in one, two and three threads`, () => {
    for (const list of shapes) {
      const operands = list.map((shape, i) => draw(shape, "float32", i));
      using alone = compile((...given: Variable[]) => [f(...given)].flat());
      const wanted = alone(...operands).map(({ data }) => data);
      for (const threads of [2, 3]) {
        using shared = compile((...given: Variable[]) => [f(...given)].flat(), { threads });
        assertEquals(shared(...operands).map(({ data }) => data), wanted);
      }
    }
  });
}

Deno.test("a product in a region has the bits that it has alone", () => {
  for (const [rows, depth, columns] of [[957, 300, 301], [296, 17, 1000], [4100, 513, 64]] as const) {
    for (const transposeX of [false, true]) {
      const x = draw(transposeX ? [depth, rows] : [rows, depth], "float32");
      const w = draw([depth, columns], "float32", 1);
      using alone = compile((x: Variable, w: Variable) => (transposeX ? x.transpose() : x).matmul(w));
      using inside = compile((x: Variable, w: Variable) => (transposeX ? x.transpose() : x).matmul(w).neg());
      assert(inside.lower(x, w).groups.includes("region"));
      assertEquals(inside(x, w).data, alone(x, w).data.map((value) => -value));
    }
  }
});

Deno.test("weights are updated where they stand, by a gradient that is never stored", () => {
  const update = (w: Variable, m: Variable, x: Variable, g: Variable): [Variable, Variable] => {
    const gradient = x.transpose().matmul(g);
    const mean = m.mul(0.9).add(gradient.mul(0.1));
    return [w.sub(mean.mul(0.01)), mean];
  };
  using step = compile(update, { donate: [0, 1] });
  using plain = compile(update);
  const [x, g] = [draw([64, 512], "float32", 2), draw([64, 512], "float32", 3)];
  let state: readonly [Variable, Variable] = [draw([512, 512], "float32"), draw([512, 512], "float32", 1)];
  let other = state.map((v) => v.add(0)) as [Variable, Variable];
  const { groups, memory } = step.lower(...state, x, g);
  assertMatch(groups, /^0: region of 1 product, 1 loop over \[512, 512\]: matmul /);
  assertEquals(memory.match(/the place of a donated argument/g)?.length, 2, memory);
  for (let i = 0; i < 3; i++) {
    state = step(...state, x, g);
    other = plain(...other, x, g);
    state.forEach(({ data }, k) => assertEquals(data, other[k]!.data));
  }
  assert(step.stats()[0]!.bytes < 1 << 20, `${step.stats()[0]!.bytes} bytes hold a gradient of 1 MiB`);
});

Deno.test("products whose results are read as a whole, or small ones, are no region", () => {
  const isRegion = (f: (x: Variable, w: Variable) => Variable, rows: number): boolean =>
    compile(f).lower(draw([rows, 64], "float32"), draw([64, 256], "float32")).groups.includes("region");
  assertEquals(isRegion((x, w) => relu(x.matmul(w)), 1024), true);
  assertEquals(isRegion((x, w) => relu(x.matmul(w)), 512), false);
  assertEquals(isRegion((x, w) => softmax(x.matmul(w), { axis: 0 }), 1024), false);
  const deep = compile((x: Variable, w: Variable) => relu(x.matmul(w)));
  assertEquals(
    deep.lower(draw([512, 600], "float32"), draw([600, 520], "float32")).groups.includes("region"),
    false,
  );
  assertEquals(isRegion((x, w) => x.matmul(w).permute([1, 0]).reshape([1024, 256]).exp(), 1024), false);
});

Deno.test("what is not a number in a row of a product stays in that row", () => {
  const x = draw([512, 64], "float32").data.slice();
  x[300 * 64 + 7] = NaN;
  using program = compile((x: Variable, w: Variable) => softmax(x.matmul(w)));
  const { data } = program(constant(x).reshape([512, 64]), draw([64, 520], "float32"));
  for (let row = 0; row < 512; row++) {
    assertEquals(data.subarray(row * 520, (row + 1) * 520).some(Number.isNaN), row === 300);
  }
});
