/** Values, gradients and Hessian-vector products computed by PyTorch in float64. */
import { assert } from "@std/assert";
import { constant, grad, NdArray, softmaxCrossEntropy, type Variable, where } from "../../mod.ts";
import * as tapegrad from "../../mod.ts";
import cases from "../fixtures/pytorch_ops.json" with { type: "json" };

type Numbers = (number | string)[];

interface Attributes {
  axis?: number | number[] | null;
  keepdims?: boolean;
  exponent?: number;
  reduction?: "mean" | "sum" | "none";
}

/** Non-finite numbers are texts in the fixture. */
function read(data: Numbers, shape: number[]): NdArray {
  return new NdArray(Float64Array.from(data, Number), shape);
}

function run(op: string, attrs: Attributes, inputs: readonly Variable[]): Variable {
  const [x, y, z] = inputs as [Variable, Variable, Variable];
  if (op === "where") return where(x, y, z);
  if (op === "powConst") return x.pow(attrs.exponent!);
  if (op === "crossEntropyProbs") return softmaxCrossEntropy(x, y, { reduction: attrs.reduction! });
  const f = tapegrad[op as "sum" | "add" | "exp"] as (...args: unknown[]) => Variable;
  if (op === "softmax" || op === "logSoftmax") return f(x, { axis: attrs.axis });
  if ("keepdims" in attrs) {
    return f(x, { keepDims: attrs.keepdims, ...attrs.axis === null ? {} : { axis: attrs.axis } });
  }
  return f(...inputs);
}

function compare(actual: NdArray, expected: Numbers, what: string): void {
  const numbers = expected.map(Number);
  const scale = Math.max(...numbers.filter(Number.isFinite).map(Math.abs), Number.MIN_VALUE);
  numbers.forEach((value, i) => {
    const found = actual.data[i]!;
    const right = Number.isFinite(value) ? Math.abs(found - value) <= 1e-10 * scale : Object.is(found, value);
    assert(right, `${what}[${i}] is ${found}, expected ${value}`);
  });
}

for (const { id, op, attrs, inputs, output, cotangent, cshape, grads, tangents, hvp } of cases) {
  Deno.test(`${id} is what PyTorch computes, with its derivatives`, () => {
    const arrays = inputs.map(({ data, shape }) => constant(read(data, shape)));
    compare(run(op, attrs as Attributes, arrays).toArray(), output, "output");
    const free = inputs.map((_, k) => k).filter((k) => inputs[k]!.diff && grads[k] !== null);
    const weights = read(cotangent, cshape);
    const weighted = (...variables: Variable[]): Variable => {
      const all = arrays.map((x, k) => free.includes(k) ? variables[free.indexOf(k)]! : x);
      return run(op, attrs as Attributes, all).mul(weights).sum();
    };
    const argnums = free.map((_, i) => i);
    const gradient = grad(weighted as never, { argnums }) as unknown as (...x: Variable[]) => Variable[];
    const points = free.map((k) => arrays[k]!);
    gradient(...points).forEach((g, i) => compare(g.toArray(), grads[free[i]!]!, `gradient ${free[i]}`));
    if (tangents === null || hvp === null) return;
    const along = (...variables: Variable[]): Variable =>
      gradient(...variables).map((g, i) => {
        const tangent = tangents[free[i]!];
        return g.mul(read(tangent!, inputs[free[i]!]!.shape)).sum();
      }).reduce((a, b) => a.add(b));
    const second = grad(along as never, { argnums }) as unknown as (...x: Variable[]) => Variable[];
    second(...points).forEach((h, i) => {
      const expected = hvp[free[i]!];
      if (expected) compare(h.toArray(), expected, `hvp ${free[i]}`);
    });
  });
}
