/** Random programs of the primitive table, for comparing one way of running them with another. */
import { apply } from "../../src/variable/apply.ts";
import { NdArray } from "../../src/array/nd_array.ts";
import { type Shape, sizeOf } from "../../src/array/shape.ts";
import { type Operation, operation as op, operations, type PrimitiveName } from "../../src/primitives/mod.ts";
import type { Variable } from "../../src/variable/variable.ts";
import { constant, type DType } from "../../mod.ts";

/** A small generator, so that a failure can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = Math.imul(seed + 1, 2654435761) >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A function of some inputs, and how it reads. */
export interface RandomProgram {
  readonly inputs: readonly Variable[];
  readonly run: (...inputs: Variable[]) => Variable;
  readonly text: string;
}

/** One operation: how it is applied to values made before, and how it reads. */
interface Step {
  readonly apply: (values: readonly Variable[]) => Variable;
  readonly text: string;
}

const SHAPES: readonly Shape[] = [[], [1], [3], [4], [9], [2, 3], [3, 1], [1, 4], [4, 4], [2, 3, 4], [5, 9]];

/** Element-wise operations that are defined and smooth nearly everywhere; others get a safe operand first. */
const SAFE_DOMAIN: { readonly [name: string]: (x: Variable) => Variable } = {
  log: (x) => x.square().add(0.5),
  log2: (x) => x.square().add(0.5),
  log10: (x) => x.square().add(0.5),
  log1p: (x) => x.square(),
  sqrt: (x) => x.square().add(0.5),
  rsqrt: (x) => x.square().add(0.5),
  reciprocal: (x) => x.square().add(0.5),
  asin: (x) => x.sin().mul(0.9),
  acos: (x) => x.sin().mul(0.9),
  atanh: (x) => x.sin().mul(0.9),
  erfinv: (x) => x.sin().mul(0.9),
  acosh: (x) => x.square().add(1.5),
  lgamma: (x) => x.square().add(0.5),
  digamma: (x) => x.square().add(0.5),
  logit: (x) => x.sin().mul(0.4).add(0.5),
  tan: (x) => x.tanh(),
  cbrt: (x) => x.square().add(0.5),
};
/** Operations whose second operand has to keep away from 0, or whose value jumps. */
const LEFT_OUT: ReadonlySet<string> = new Set(["pow", "mod", "polygamma", "xlogy", "sincDerivative"]);
/** Operations that jump: a difference in the last bit may move their value, so they get exact operands only. */
const JUMPS: ReadonlySet<string> = new Set([
  ...["eq", "ne", "lt", "le", "gt", "ge", "floor", "ceil", "round", "trunc", "sign", "isFinite", "isNan"],
]);
const SAFE_SECOND: ReadonlySet<string> = new Set(["div", "atan2", "hypot"]);

const unary = elementwiseNames(1);
const binary = elementwiseNames(2);

function elementwiseNames(arity: number): readonly Operation[] {
  return operations.filter((o) =>
    o.primitive.arity === arity && o.primitive.lower !== undefined && !LEFT_OUT.has(o.name) &&
    o.primitive.untyped === undefined
  );
}

/** Draws a program. */
export function randomProgram(seed: number): RandomProgram {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const dtype: DType = random() < 0.5 ? "float64" : "float32";
  const inputs = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const shape = pick(SHAPES);
    const data = Float64Array.from({ length: sizeOf(shape) }, () => random() * 4 - 2);
    return constant(new NdArray(data, shape), { dtype });
  });
  const shapes: Shape[] = inputs.map((x) => x.shape);
  const steps: Step[] = [];
  const length = 2 + Math.floor(random() * 10);
  while (steps.length < length) {
    const step = drawStep(shapes, inputs.length, random, pick);
    if (step === null) continue;
    steps.push(step.step);
    shapes.push(step.shape);
  }
  const run = (...given: Variable[]): Variable => {
    const values = [...given];
    for (const step of steps) values.push(step.apply(values));
    return values.slice(-3).map((v) => v.mul(0.25).tanh().sum()).reduce((a, b) => a.add(b));
  };
  const head = inputs.map((x, i) => `%${i} = ${dtype}[${x.shape}]`);
  const body = steps.map((step, i) => `%${inputs.length + i} = ${step.text}`);
  return { inputs, run, text: [...head, ...body].join("\n") };
}

function drawStep(
  shapes: readonly Shape[],
  inputs: number,
  random: () => number,
  pick: <T>(list: readonly T[]) => T,
): { step: Step; shape: Shape } | null {
  const i = Math.floor(random() * shapes.length);
  const shape = shapes[i]!;
  const kind = random();
  if (kind < 0.35) {
    const o = pick(unary);
    if (JUMPS.has(o.name) && i >= inputs) return null;
    const safe = SAFE_DOMAIN[o.name] ?? ((x: Variable) => x.tanh().mul(2));
    return { shape, step: { text: `${o.name} %${i}`, apply: (v) => apply(o, [safe(v[i]!)], undefined) } };
  }
  if (kind < 0.65) {
    const j = Math.floor(random() * shapes.length);
    const o = pick(binary);
    if (JUMPS.has(o.name) && (i >= inputs || j >= inputs)) return null;
    let joined: Shape;
    try {
      joined = o.shape([shape, shapes[j]!], undefined);
    } catch {
      return null;
    }
    const second = SAFE_SECOND.has(o.name) ? (x: Variable) => x.square().add(0.5) : (x: Variable) => x;
    return {
      shape: joined,
      step: {
        text: `${o.name} %${i} %${j}`,
        apply: (v) => apply(o, [v[i]!.tanh(), second(v[j]!.tanh())], undefined),
      },
    };
  }
  return drawStructural(i, shape, random, pick, shapes);
}

/** Reductions, movements of elements, and matrix products. */
function drawStructural(
  i: number,
  shape: Shape,
  random: () => number,
  pick: <T>(list: readonly T[]) => T,
  shapes: readonly Shape[],
): { step: Step; shape: Shape } | null {
  const rank = shape.length;
  const make = (name: PrimitiveName, attributes: unknown, operands: readonly number[] = [i]) => {
    const o = op[name];
    let out: Shape;
    try {
      out = o.shape(operands.map((k) => shapes[k]!), attributes);
    } catch {
      return null;
    }
    return {
      shape: out,
      step: {
        text: `${name} ${operands.map((k) => `%${k}`).join(" ")} ${JSON.stringify(attributes)}`,
        apply: (v: readonly Variable[]) =>
          apply(
            o as Operation,
            o.primitive.arity === "list" ? operands.map((k) => v[k]!) : operands.map((k) => v[k]!),
            attributes,
          ),
      },
    };
  };
  const axes = shape.map((_, k) => k).filter(() => random() < 0.5);
  const keepDims = random() < 0.5;
  switch (Math.floor(random() * 8)) {
    case 0:
      return make(pick(["sum", "max", "min", "logSumExp"] as const), { axes, keepDims });
    case 1:
      return make("transpose", { axes: shape.map((_, k) => k).sort(() => random() - 0.5) });
    case 2:
      return make("reshape", { shape: random() < 0.5 ? [sizeOf(shape)] : [1, ...shape] });
    case 3: {
      if (rank === 0) return null;
      const begin = shape.map((n) => Math.floor(random() * n));
      return make("slice", { begin, size: shape.map((n, k) => 1 + Math.floor(random() * (n - begin[k]!))) });
    }
    case 4: {
      const begin = shape.map(() => Math.floor(random() * 3));
      return make("place", { begin, shape: shape.map((n, k) => n + begin[k]! + Math.floor(random() * 2)) });
    }
    case 5: {
      if (rank === 0) return null;
      const same = shapes.map((_, k) => k).filter((k) => String(shapes[k]) === String(shape));
      return make("concat", { axis: Math.floor(random() * rank) }, [i, pick(same)]);
    }
    case 6:
      return make("broadcastTo", { shape: [2, ...shape] });
    default: {
      const j = Math.floor(random() * shapes.length);
      return make("matmul", { transposeX: random() < 0.5, transposeY: random() < 0.5 }, [i, j]);
    }
  }
}
