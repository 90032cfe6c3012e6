import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  compile,
  concat,
  constant,
  grad,
  jvp,
  scan,
  stack,
  stopGradient,
  tape,
  type Variable,
  variable,
  vmap,
} from "../../../mod.ts";
import { memoryInUse, sharedMemory } from "../../../src/compiler/wasm/linear_memory.ts";

type DType = "float32" | "float64";

/** Numbers between -1 and 1 that look random. */
function wave(shape: readonly number[], phase: number, dtype: DType): Variable {
  const size = shape.reduce((a, b) => a * b, 1);
  const numbers = Array.from({ length: size }, (_, i) => Math.sin(7.3 * i + phase));
  return constant(dtype === "float64" ? Float64Array.from(numbers) : Float32Array.from(numbers)).reshape(
    shape,
  );
}

function close(actual: unknown, expected: unknown, tolerance: number): void {
  const [a, e] = [flat(actual), flat(expected)];
  assertEquals(
    a.map(({ shape, dtype }) => [shape.join(), dtype]),
    e.map(({ shape, dtype }) => [shape.join(), dtype]),
  );
  a.forEach((x, k) => {
    const wanted = e[k]!.data;
    const scale = Math.max(1, ...Array.from(wanted, Math.abs));
    x.data.forEach((value, i) => assertAlmostEquals(value, wanted[i]!, tolerance * scale));
  });
}

function flat(tree: unknown): Variable[] {
  return Array.isArray(tree) ? tree.flatMap(flat) : [tree as Variable];
}

/** A recurrent step with a matrix, an array and a number from outside, a state of two parts, and an output. */
function network(w: Variable, b: Variable, h: Variable, xs: Variable, dtype: DType): Variable[] {
  const table = wave([3], 5, dtype);
  const step = ([s, c]: readonly [Variable, Variable], x: Variable) => {
    const next = s.matmul(w).add(b).add(x).tanh();
    const total = c.mul(0.9).add(next.mul(table).sum());
    return [[next, total] as const, next.mul(total)] as const;
  };
  const start = [h, h.sum()] as const;
  const [[s, c], ys] = scan(step, start, xs);
  return [s, c, ys];
}

function loss(w: Variable, b: Variable, h: Variable, xs: Variable, dtype: DType): Variable {
  const [s, c, ys] = network(w, b, h, xs, dtype);
  return s!.square().sum().add(c!).add(ys!.square().sum());
}

const operands = (length: number, dtype: DType): [Variable, Variable, Variable, Variable] => [
  wave([3, 3], 1, dtype).mul(0.5),
  wave([3], 2, dtype),
  wave([2, 3], 3, dtype),
  wave([length, 2, 3], 4, dtype),
];

for (const dtype of ["float64", "float32"] as const) {
  const tolerance = dtype === "float64" ? 1e-11 : 2e-4;
  for (const length of [0, 1, 7, 8, 50]) {
    Deno.test(`a compiled scan() of ${length} steps in ${dtype} is the eager one, with gradients by all it uses`, () => {
      const args = operands(length, dtype);
      const run = (...x: Variable[]) => network(x[0]!, x[1]!, x[2]!, x[3]!, dtype);
      close(compile(run)(...args), run(...args), tolerance);
      const slopes = (...x: Variable[]) =>
        grad((...y: Variable[]) => loss(y[0]!, y[1]!, y[2]!, y[3]!, dtype), { argnums: [0, 1, 2, 3] })(
          ...x as [Variable],
        ) as unknown as Variable[];
      const unrolled = (...x: Variable[]) => {
        const parts = x[3]!.shape[0] === 0 ? [] : [...x[3]!].map((row) => row.reshape([1, 2, 3]));
        // In pieces shorter than what is taken as a loop.
        const inPieces = (...y: Variable[]): Variable => {
          let [h, c] = [y[2]!, y[2]!.sum()];
          const table = wave([3], 5, dtype);
          const outputs = parts.map((_, t) => {
            h = h.matmul(y[0]!).add(y[1]!).add(y[3]!.slice(t, 1).reshape([2, 3])).tanh();
            c = c.mul(0.9).add(h.mul(table).sum());
            return h.mul(c);
          });
          const total = h.square().sum().add(c);
          return outputs.length === 0 ? total : total.add(stack(outputs).square().sum());
        };
        return grad(inPieces, { argnums: [0, 1, 2, 3] })(...x as [Variable]) as unknown as Variable[];
      };
      close(compile(slopes)(...args), unrolled(...args), tolerance);
      close(slopes(...args), unrolled(...args), tolerance);
      assertEquals(tape.length, 0);
    });
  }
}

Deno.test("the number of rows, kernels and bytes of code of a compiled scan() does not depend on its steps", () => {
  const rowsFor = (length: number) => {
    const args = operands(length, "float64");
    const f = compile((...x: Variable[]) =>
      grad((...y: Variable[]) => loss(y[0]!, y[1]!, y[2]!, y[3]!, "float64"), { argnums: [0, 2] })(
        ...x as [Variable],
      )
    );
    f(...args);
    const [{ rows, simplifiedRows, kernels, stages }] = f.stats() as [ReturnType<typeof f.stats>[number]];
    return [rows, simplifiedRows, kernels, stages.groups.split("\n").length];
  };
  assertEquals(rowsFor(20), rowsFor(400));
});

Deno.test("a compiled scan() keeps no states where no derivative is wanted", () => {
  const bytesFor = (length: number) => {
    const f = compile((h: Variable, xs: Variable) =>
      scan((s: Variable, x: Variable) => [s.add(x), []], h, xs)[0]
    );
    f(wave([1000], 1, "float64"), wave([length, 1000], 2, "float64"));
    return f.stats()[0]!.bytes - 8 * 1000 * length;
  };
  assertEquals(Math.abs(bytesFor(100) - bytesFor(10)) < 1000, true);
});

Deno.test("a compiled scan() runs without memory that grows from call to call", () => {
  const args = operands(50, "float64");
  const f = compile((...x: Variable[]) =>
    grad((...y: Variable[]) => loss(y[0]!, y[1]!, y[2]!, y[3]!, "float64"), { argnums: [0, 2] })(
      ...x as [Variable],
    )
  );
  f(...args);
  const before = sharedMemory().buffer.byteLength;
  for (let i = 0; i < 50; i++) f(...args);
  assertEquals(sharedMemory().buffer.byteLength, before);
});

const xs = wave([20, 3], 4, "float64");
const h = wave([3], 3, "float64");
const w = wave([3, 3], 1, "float64").mul(0.5);
const small = (w: Variable, h: Variable, xs: Variable): Variable => {
  const [last, ys] = scan(
    (s: Variable, x: Variable) => {
      const next = s.matmul(w).add(x).tanh();
      return [next, next.sum()] as const;
    },
    h,
    xs,
  );
  return last.sum().add(ys.square().sum());
};

/** Functions of (w, h, xs), each with the name of what is special in it. */
const USES: readonly [name: string, f: (w: Variable, h: Variable, xs: Variable) => unknown][] = [
  ["its derivative in a direction", (w, h, xs) => jvp(small)([w, h, xs], [w.mul(0.3), h, xs.cos()])[1]],
  [
    "a derivative in a direction by what it runs over",
    (w, h, xs) => jvp((x: Variable) => small(w, h, x))([xs], [xs.sin()])[1],
  ],
  [
    "the derivative of its derivative",
    (w, h, xs) => grad((y: Variable) => (grad(small)(y, h, xs) as Variable).square().sum())(w),
  ],
  [
    "the derivative of its derivative by its state",
    (w, h, xs) =>
      grad((y: Variable) => (grad((z: Variable) => small(w, z, xs))(y) as Variable).square().sum())(h),
  ],
  [
    "the gradient of a derivative in a direction",
    (w, h, xs) =>
      grad((y: Variable) =>
        jvp((z: Variable) => small(z, h, xs))([y], [h.mul(xs.slice(0, 3))])[1] as Variable
      )(w),
  ],
  ["vmap over its state", (w, h, xs) => vmap((s: Variable) => small(w, s, xs))(stack([h, h.mul(2)]))],
  [
    "vmap over what it runs over",
    (w, h, xs) => vmap((x: Variable) => small(w, h, x))(stack([xs, xs.mul(2)])),
  ],
  [
    "gradients for each example",
    (w, h, xs) =>
      vmap(grad(small), { inAxes: [null, 0, 1] })(
        w,
        stack([h, h.mul(2)]),
        stack([xs, xs.mul(2)], { axis: 1 }),
      ),
  ],
  [
    "the gradient through a mapped loop",
    (w, h, xs) =>
      grad((y: Variable) => vmap((s: Variable) => small(y, s, xs))(stack([h, h.mul(2)])).sum())(w),
  ],
  ["a loop in its step", (w, h, xs) =>
    grad((y: Variable) =>
      scan(
        (s: Variable, x: Variable) => {
          const [inner] = scan((u: Variable, v: Variable) => [u.mul(v).add(x).tanh(), []], s, xs.slice(0, 9));
          return [inner.add(s.matmul(y)).tanh(), inner] as const;
        },
        h,
        xs,
      )[1].square().sum()
    )(w)],
  ["a state of two dtypes", (w, h, xs) =>
    grad((y: Variable) => {
      const single = h.cast("float32");
      const [[a, b]] = scan(
        ([a, b]: readonly [Variable, Variable], x: Variable) =>
          [[a.mul(0.5).add(x.cast("float32")), b.matmul(y).add(a.cast("float64"))] as const, []] as const,
        [single, h] as const,
        xs,
      );
      return a.sum().cast("float64").add(b.square().sum());
    })(w)],
  [
    "no state",
    (w, _, xs) =>
      grad((y: Variable) =>
        scan((s: readonly Variable[], x: Variable) => [s, x.matmul(y).tanh()] as const, [], xs)[1].sum()
      )(w),
  ],
  ["an output that is the state before", (w, h, xs) =>
    grad((y: Variable) => {
      const [last, before] = scan((s: Variable, x: Variable) => [s.matmul(y).add(x), s] as const, h, xs);
      return last.sum().add(before.square().sum());
    })(w)],
  ["states that change places", (_, h, xs) => {
    const [[a, b]] = scan(
      ([a, b]: readonly [Variable, Variable], x: Variable) => [[b, a.mul(0.5).add(x)] as const, []] as const,
      [h, h.mul(2)] as const,
      xs,
    );
    return [a, b];
  }],
  [
    "an output that is the same for all steps",
    (w, h, xs) => scan((s: Variable, x: Variable) => [s.add(x), [constant([1, 2]), w]] as const, h, xs)[1],
  ],
  ["several loops one after the other", (w, h, xs) =>
    grad((y: Variable) => {
      const first = scan((s: Variable, x: Variable) => [s.matmul(y).add(x).tanh(), s] as const, h, xs);
      return small(y, first[0], concat([first[1], xs]));
    })(w)],
];

for (const [name, f] of USES) {
  Deno.test(`a compiled scan() is the eager one: ${name}`, () => {
    const run = compile((...args: [Variable, Variable, Variable]) => f(...args));
    close(run(w, h, xs), f(w, h, xs), 1e-10);
    close(run(w.mul(0.7), h, xs), f(w.mul(0.7), h, xs), 1e-10);
    const replayed = compile((...args: [Variable, Variable, Variable]) => f(...args), { target: "replay" });
    close(replayed(w, h, xs), f(w, h, xs), 1e-10);
    assertEquals(tape.length, 0);
  });
}

Deno.test("a compiled scan() has the same bits in any number of threads", () => {
  const step = (w: Variable, h: Variable, xs: Variable): Variable =>
    grad((y: Variable) =>
      scan(
        (s: Variable, x: Variable) => {
          const next = s.matmul(y).add(x).tanh();
          return [next, next.sum()] as const;
        },
        h,
        xs,
      )[1].square().sum()
    )(w) as Variable;
  const args = [
    wave([256, 256], 1, "float32"),
    wave([64, 256], 2, "float32"),
    wave([10, 64, 256], 3, "float32"),
  ] as const;
  using one = compile(step);
  using two = compile(step, { threads: 2 });
  assertEquals(two(...args).data, one(...args).data);
});

Deno.test("a compiled scan() reads trainable Variables, and is a part of loops with a donated state", () => {
  const scale = variable([0.5, 0.25, 0.125]);
  const train = (h: Variable, xs: Variable): readonly [Variable, Variable] => {
    const [last, ys] = scan((s: Variable, x: Variable) => [s.mul(scale).add(x), s.sum()] as const, h, xs);
    return [last, ys.sum()];
  };
  const step = compile(train, { donate: [0] });
  const loop = step.loop(h);
  let state = h;
  for (let i = 0; i < 3; i++) {
    const [sum] = loop.next(xs) as [Variable];
    const [next, wanted] = train(state, xs);
    close([sum], [stopGradient(wanted)], 1e-12);
    state = stopGradient(next);
  }
  close(loop.state(), state, 1e-12);
  scale.assign([1, 1, 1]);
  const [again] = loop.next(xs) as [Variable];
  close([again], [stopGradient(train(state, xs)[1])], 1e-12);
  tape.clear();
});

Deno.test("a compiled scan() gives its memory back, that of its steps included", () => {
  const args = operands(30, "float64");
  const use = (): number => {
    using f = compile((...x: Variable[]) =>
      grad((...y: Variable[]) => loss(y[0]!, y[1]!, y[2]!, y[3]!, "float64"), { argnums: [0, 2] })(
        ...x as [Variable],
      )
    );
    f(...args);
    return memoryInUse();
  };
  const during = use();
  const after = memoryInUse();
  for (let i = 0; i < 3; i++) assertEquals([use(), memoryInUse()], [during, after]);
  assertEquals(during > after, true);
});
