import { assert, assertEquals, assertExists, assertStrictEquals } from "@std/assert";
import * as t from "../../mod.ts";
import type { Variable } from "../../mod.ts";
import fixture from "../fixtures/conventions.json" with { type: "json" };
import { type Agreement, conventions, type Numbers, PAGE, renderConventions } from "./conventions.ts";

const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";
const lines = Object.values(conventions).flat();
const LIBRARIES = ["JAX", "PyTorch"] as const;

/** A value and the derivatives by each operand. */
interface Result {
  readonly value: Numbers;
  readonly derivative: readonly Numbers[];
}

/** A case of the fixture, read: the non-finite numbers are texts there. */
interface Case extends Record<(typeof LIBRARIES)[number], Result> {
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Numbers[];
}

const TEXTS: { readonly [text: string]: number } = { NaN, Infinity, "-Infinity": -Infinity, "-0": -0 };

const cases = JSON.parse(
  JSON.stringify(fixture.cases),
  (_, x) => typeof x === "string" && x in TEXTS ? TEXTS[x] : x,
) as readonly Case[];

type Run = (inputs: readonly Variable[], attrs: Case["attrs"]) => Variable;

const first = (f: (x: Variable) => Variable): Run => ([x]) => f(x!);
const pair = (f: (x: Variable, y: Variable) => Variable): Run => ([x, y]) => f(x!, y!);
const power: Run = ([x], { exponent }) => t.pow(x!, exponent as number);

/** How each operation of the fixture is computed here. */
const RUNS: { readonly [op: string]: Run } = {
  abs: first(t.abs),
  relu: first(t.relu),
  sign: first(t.sign),
  sqrt: first(t.sqrt),
  log: first(t.log),
  reciprocal: first(t.reciprocal),
  tanh: first(t.tanh),
  sigmoid: first(t.sigmoid),
  softplus: first(t.softplus),
  exp: first(t.exp),
  square: first(t.square),
  log1p: first(t.log1p),
  leaky_relu: first((x) => t.leakyRelu(x)),
  elu: first((x) => t.elu(x)),
  selu: first(t.selu),
  gelu: first((x) => t.gelu(x)),
  silu: first(t.silu),
  round: first(t.round),
  floor: first(t.floor),
  rsqrt: first(t.rsqrt),
  atan: first(t.atan),
  asin: first(t.asin),
  acos: first(t.acos),
  atanh: first(t.atanh),
  erf: first(t.erf),
  expm1: first(t.expm1),
  cos: first(t.cos),
  logsigmoid: first(t.logSigmoid),
  relu6: first(t.relu6),
  pow2: power,
  pow0: power,
  pow_half: power,
  pow_neg1: power,
  pow: pair(t.pow),
  maximum: pair(t.maximum),
  minimum: pair(t.minimum),
  clip: ([x], { min, max }) => t.clip(x!, min as number, max as number),
  hardtanh: ([x], { min, max }) => t.hardTanh(x!, { min: min as number, max: max as number }),
  max_all: first((x) => t.max(x)),
  amax_axis: ([x], { axis }) => t.max(x!, { axis: axis as number }),
  min_all: first((x) => t.min(x)),
  max_nan: first((x) => t.max(x)),
  logsumexp: first((x) => t.logSumExp(x)),
  softmax: first((x) => t.softmax(x)),
  logsoftmax: first((x) => t.logSoftmax(x)),
  where_safe_sqrt: first((x) => t.where(t.gt(x, 0), t.sqrt(x), 0)),
  where_div: first((x) => t.where(t.ne(x, 0), t.div(1, x), 0)),
  xlogx: first((x) => t.mul(x, t.log(x))),
  atan2: pair(t.atan2),
  hypot: pair(t.hypot),
  logaddexp: pair(t.logAddExp),
  div: pair(t.div),
  mul: pair(t.mul),
  huber_at_delta: ([x], { delta }) =>
    t.huber(x!, t.mul(x!, 0), { delta: delta as number, reduction: "none" }),
  l1_zero: first(t.abs),
  bce_logits: ([x], { target }) => t.sigmoidCrossEntropy(target as number[], x!, { reduction: "none" }),
  mean_empty: first((x) => t.mean(x)),
  sum_empty: first((x) => t.sum(x)),
  maxpool1d: ([x], { kernel, stride }) => {
    const channelsLast = t.transpose(x!, [0, 2, 1]);
    const pooled = t.maxPool1d(channelsLast, kernel as number, { strides: stride as number });
    return t.transpose(pooled, [0, 2, 1]);
  },
  sort: first((x) => t.sort(x)),
  topk2: ([x], { k }) => t.topK(x!, k as number).values,
  cummax: first((x) => t.cumMax(x)),
  norm2: first((x) => t.norm(x)),
  norm1: first((x) => t.norm(x, { ord: 1 })),
  norminf: first((x) => t.norm(x, { ord: Infinity })),
  std: ([x], { ddof }) => t.standardDeviation(x!, { correction: ddof as number }),
  var: ([x], { ddof }) => t.variance(x!, { correction: ddof as number }),
  var_empty: ([x], { ddof }) => t.variance(x!, { correction: ddof as number }),
  prod: first((x) => t.prod(x)),
  cumprod: first((x) => t.cumProd(x)),
};

function run(f: (...x: Variable[]) => Variable, at: readonly Numbers[]): Result {
  const operands = at.map((x) => t.constant(x as number[]));
  const gradient = t.grad(((...x: Variable[]) => f(...x).sum()) as never, { argnums: at.map((_, k) => k) });
  const derivative = (gradient as unknown as (...x: Variable[]) => Variable[])(...operands);
  return { value: f(...operands).value as Numbers, derivative: derivative.map((g) => g.value as Numbers) };
}

/** Equal up to rounding; zeros of either sign are equal, NaN is itself. */
function same(a: Numbers, b: Numbers): boolean {
  if (typeof a === "number" && typeof b === "number") {
    return a === b || Number.isNaN(a) && Number.isNaN(b) ||
      Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b)) && Math.abs(a) < Infinity;
  }
  if (typeof a === "number" || typeof b === "number") return false;
  return a.length === b.length && a.every((x, i) => same(x, b[i]!));
}

function sameResult(a: Result, b: Result): boolean {
  return same(a.value, b.value) && same(a.derivative, b.derivative);
}

/** Parts a case that works element by element into its elements; others stay whole. */
function elementsOf(each: Case): Case[] {
  const isFlat = (x: Numbers): x is number[] => Array.isArray(x) && x.every((e) => typeof e === "number");
  const elementwise = each.inputs.every(isFlat) && isFlat(each.JAX.value) &&
    each.JAX.value.length === (each.inputs[0] as number[]).length &&
    !["softmax", "logsoftmax", "sort", "cummax", "cumprod"].includes(each.op);
  if (!elementwise) return [each];
  return (each.inputs[0] as number[]).map((_, i) => {
    const pick = (x: Numbers): Numbers => (x as Numbers[])[i]!;
    const part = (r: Result): Result => ({ value: pick(r.value), derivative: r.derivative.map(pick) });
    const attrs = Object.fromEntries(
      Object.entries(each.attrs).map(([k, v]) => [k, Array.isArray(v) ? v[i] : v]),
    );
    return {
      op: each.op,
      attrs,
      inputs: each.inputs.map(pick),
      JAX: part(each.JAX),
      PyTorch: part(each.PyTorch),
    };
  });
}

const elements = cases.flatMap(elementsOf);

function show(x: unknown): string {
  return Deno.inspect(x, { depth: 9, breakLength: Infinity });
}

for (const line of lines) {
  Deno.test(`${line.operation} at ${show(line.at)} is what the conventions say`, () => {
    const found = run(line.f, line.at);
    assert(sameResult(found, line), show(found));
  });

  if (line.reference === undefined) continue;
  Deno.test(`${line.operation} at ${show(line.at)} agrees with ${line.agreesWith}`, () => {
    const exact = (a: unknown, b: unknown): boolean =>
      Array.isArray(a) ? Array.isArray(b) && a.every((x, i) => exact(x, b[i])) : Object.is(a, b);
    const each = [...elements, ...cases].find(({ op, inputs }) =>
      op === line.reference && exact(line.at, inputs)
    );
    assertExists(each, "the point is not in the fixture");
    const agreeing = LIBRARIES.filter((library) => sameResult(line, each[library]));
    assertEquals<Agreement>((agreeing.join(" and ") || "neither") as Agreement, line.agreesWith);
  });
}

elements.forEach((each) => {
  const { op, inputs, attrs } = each;
  const runs = RUNS[op];
  if (runs === undefined) return;
  Deno.test(`${op} at ${show(inputs)} ${show(attrs)} is what JAX and PyTorch have, or named in the page`, () => {
    const found = run((...x) => runs(x, attrs), inputs);
    const agreeing = LIBRARIES.filter((library) => sameResult(found, each[library]));
    const named = lines.find((line) => line.reference === op && same(line.at, inputs));
    if (sameResult(each.JAX, each.PyTorch) && named?.agreesWith !== "neither") {
      assertEquals(agreeing, [...LIBRARIES], `${show(found)}, both have ${show(each.JAX)}`);
      return;
    }
    assertExists(named, `the page does not tell that JAX and PyTorch differ here: ${show(each)}`);
  });
});

Deno.test("the fixture holds no operation that is forgotten", () => {
  assertEquals(cases.filter(({ op }) => !(op in RUNS)).map(({ op }) => op), []);
});

Deno.test({ name: "the page is what the list renders to", ignore: !granted }, async () => {
  const page = await Deno.readTextFile(PAGE);
  assertStrictEquals(
    page,
    renderConventions(),
    "write it anew with deno run -A tests/primitives/conventions.ts",
  );
});
