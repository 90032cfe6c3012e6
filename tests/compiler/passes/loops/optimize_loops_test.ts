import { assertAlmostEquals, assertEquals } from "@std/assert";
import { compile, constant, grad, gruCell, lstmCell, scan, type Variable, zeros } from "../../../../mod.ts";

type Weights = { readonly [name: string]: Variable };

const [STEPS, ROWS, WIDTH, UNITS] = [20, 4, 9, 10] as const;

/** Numbers between -0.5 and 0.5 that look random. */
function wave(shape: readonly number[], phase: number): Variable {
  const size = shape.reduce((a, b) => a * b, 1);
  return constant(Float64Array.from({ length: size }, (_, i) => 0.5 * Math.sin(7.3 * i + phase))).reshape(
    shape,
  );
}

const start = zeros([ROWS, UNITS]);
const xs = wave([STEPS, ROWS, WIDTH], 1);

/** Recurrent networks with all states summed, by name, and their weights. */
const NETWORKS: { readonly [name: string]: readonly [(w: Weights, x: Variable) => Variable, Weights] } = {
  plain: [
    (w, x) =>
      scan(
        (h: Variable, t: Variable) => {
          const next = h.matmul(w["u"]!).add(t.matmul(w["w"]!)).add(w["b"]!).tanh();
          return [next, next] as const;
        },
        start,
        x,
      )[1].square().sum(),
    { w: wave([WIDTH, UNITS], 2), u: wave([UNITS, UNITS], 3), b: wave([UNITS], 4) },
  ],
  lstm: [
    (w, x) =>
      scan(
        (s: { hidden: Variable; cell: Variable }, t: Variable) => {
          const next = lstmCell(t, s, { kernel: w["w"]!, recurrentKernel: w["u"]!, bias: w["b"]! });
          return [next, next.hidden] as const;
        },
        { hidden: start, cell: start },
        x,
      )[1].square().sum(),
    { w: wave([WIDTH, 4 * UNITS], 2), u: wave([UNITS, 4 * UNITS], 3), b: wave([4 * UNITS], 4) },
  ],
  gru: [
    (w, x) =>
      scan(
        (h: Variable, t: Variable) => {
          const next = gruCell(t, h, {
            kernel: w["w"]!,
            recurrentKernel: w["u"]!,
            bias: w["b"]!,
            recurrentBias: w["c"]!,
          });
          return [next, next] as const;
        },
        start,
        x,
      )[1].square().sum(),
    {
      w: wave([WIDTH, 3 * UNITS], 2),
      u: wave([UNITS, 3 * UNITS], 3),
      b: wave([3 * UNITS], 4),
      c: wave([3 * UNITS], 5),
    },
  ],
  "two matrices one after the other": [
    (w, x) =>
      scan(
        (h: Variable, t: Variable) => {
          const next = h.matmul(w["u"]!).tanh().matmul(w["v"]!).add(
            t.slice([0, 0], [ROWS, UNITS - 1]).matmul(w["w"]!),
          );
          return [next.sigmoid(), next] as const;
        },
        start,
        x,
      )[1].square().sum(),
    { u: wave([UNITS, 12], 2), v: wave([12, UNITS], 3), w: wave([UNITS - 1, UNITS], 4) },
  ],
  "weights that the state depends on twice": [
    (w, x) =>
      scan(
        (h: Variable, t: Variable) => {
          const next = h.matmul(w["u"]!).add(t.matmul(w["w"]!)).tanh().matmul(w["u"]!).add(h);
          return [next.tanh(), h.mul(next)] as const;
        },
        start,
        x,
      )[1].square().sum(),
    { w: wave([WIDTH, UNITS], 2), u: wave([UNITS, UNITS], 3) },
  ],
};

function close(actual: Weights, expected: Weights, tolerance: number): void {
  for (const [name, value] of Object.entries(expected)) {
    const scale = Math.max(1, ...Array.from(value.data, Math.abs));
    assertEquals(actual[name]!.shape, value.shape);
    value.data.forEach((x, i) =>
      assertAlmostEquals(actual[name]!.data[i]!, x, tolerance * scale, `${name} ${i}`)
    );
  }
}

for (const [name, [network, weights]] of Object.entries(NETWORKS)) {
  Deno.test(`the gradient of a compiled recurrent network is the eager one: ${name}`, () => {
    const slopes = (w: Weights, x: Variable): Weights =>
      grad(network as (w: Weights, x: Variable) => Variable)(w, x) as Weights;
    const expected = slopes(weights, xs);
    close(compile(slopes)(weights, xs), expected, 1e-12);
    close(compile(slopes, { target: "replay" })(weights, xs), expected, 1e-12);
  });

  Deno.test(`the gradient by the inputs, and second derivatives, of a compiled network are the eager ones: ${name}`, () => {
    const byInput = (w: Weights, x: Variable) => ({ x: grad((y: Variable) => network(w, y))(x) });
    close(compile(byInput)(weights, xs), byInput(weights, xs), 1e-12);
    const twice = (w: Weights, x: Variable): Weights =>
      grad((v: Weights) => {
        const slopes = grad(network as (w: Weights, x: Variable) => Variable)(v, x) as Weights;
        return Object.values(slopes).map((s) => s.square().sum()).reduce((a, b) => a.add(b));
      })(w) as Weights;
    close(compile(twice)(weights, xs), twice(weights, xs), 1e-11);
  });
}

/** The products inside and outside of the steps of loops of a program. */
function products(
  network: (w: Weights, x: Variable) => Variable,
  weights: Weights,
): [inside: number, outside: number] {
  const slopes = compile((w: Weights, x: Variable) =>
    grad(network as (w: Weights, x: Variable) => Variable)(w, x)
  );
  const lines = slopes.lower(weights, xs).simplified.split("\n");
  const inside = lines.filter((line) => line.includes("= loop")).map((line) =>
    line.split("\\n").filter((l) => l.includes("transposeX")).length
  );
  return [inside.reduce((a, b) => a + b, 0), lines.filter((line) => line.includes("= matmul")).length];
}

Deno.test("a recurrent network computes in each step only what the next one waits for", () => {
  // Forwards and backwards one product with the recurrent weights; the inputs' products before, both gradients behind.
  for (const name of ["plain", "lstm"]) assertEquals(products(...NETWORKS[name]!), [2, 3]);
});

Deno.test("products of which the values of all steps would take too much room are computed again", () => {
  const rows = 2 ** 12;
  const network = (w: Weights, x: Variable): Variable =>
    scan(
      (h: Variable, t: Variable) => [h.mul(0.5).add(t).matmul(w["u"]!).tanh().matmul(w["v"]!), null] as const,
      zeros([rows, 8]),
      x,
    )[0].sum();
  const slopes = compile((w: Weights, x: Variable) =>
    grad(network as (w: Weights, x: Variable) => Variable)(w, x)
  );
  const like = { u: zeros([8, 128]), v: zeros([128, 8]) };
  const { simplified } = slopes.lower(like, zeros([20, rows, 8]));
  assertEquals(simplified.split("\n").filter((line) => line.includes("= matmul")).length, 0);
});
