/**
 * What this library computes at ties, kinks, poles and infinities. The page `src/primitives/CONVENTIONS.md` is
 * written from this list by `deno run -A tests/primitives/conventions.ts`.
 */
import * as t from "../../mod.ts";
import type { Variable } from "../../mod.ts";

/** Numbers, one or nested. */
export type Numbers = number | readonly Numbers[];

/** Who has the same value and the same derivatives. */
export type Agreement = "JAX and PyTorch" | "JAX" | "PyTorch" | "neither";

/** One line of the page. */
export interface Convention {
  /** How the operation is written. */
  readonly operation: string;
  /** The operation. */
  readonly f: (...x: Variable[]) => Variable;
  /** Its operands. */
  readonly at: readonly Numbers[];
  /** Its result. */
  readonly value: Numbers;
  /** The derivatives of the sum of the result, by each operand. */
  readonly derivative: readonly Numbers[];
  /** Who has the same. */
  readonly agreesWith: Agreement;
  /** The reason. */
  readonly why: string;
  /** The operation in the fixture of reference values, where it is there. */
  readonly reference?: string;
}

function at(
  reference: string | undefined,
  operation: string,
  f: (...x: Variable[]) => Variable,
  point: readonly Numbers[],
  value: Numbers,
  derivative: readonly Numbers[],
  agreesWith: Agreement,
  why: string,
): Convention {
  const line = { operation, f, at: point, value, derivative, agreesWith, why };
  return reference === undefined ? line : { ...line, reference };
}

const BOTH = "JAX and PyTorch";
const third = 1 / 3;

/** All lines, by theme. */
// deno-fmt-ignore
export const conventions: { readonly [theme: string]: readonly Convention[] } = {
  Kinks: [
    at("abs", "abs(x)", t.abs, [0], 0, [0],
      "PyTorch", "the middle of -1 .. 1: at a minimum the gradient is 0; JAX has 1"),
    at("l1_zero", "abs(x - y), an absolute error", (x) => t.abs(t.sub(x!, 0)), [0], 0, [0],
      "PyTorch", "as abs; JAX has 1"),
    at("relu", "relu(x)", t.relu, [0], 0, [0], BOTH, "what is not active learns nothing"),
    at("relu6", "relu6(x)", t.relu6, [0], 0, [0], BOTH, "as relu"),
    at("relu6", "relu6(x)", t.relu6, [6], 6, [0], BOTH, "as relu"),
    at("leaky_relu", "leakyRelu(x)", (x) => t.leakyRelu(x!), [0], 0, [0.01],
      "PyTorch", "x > 0 decides; JAX has 1"),
    at("elu", "elu(x)", (x) => t.elu(x!), [0], 0, [1], BOTH, "alpha, the derivative from the left"),
    at("selu", "selu(x)", t.selu, [0], 0, [1.7580993408473768], BOTH, "the derivative from the left"),
    at("hardtanh", "hardTanh(x)", (x) => t.hardTanh(x!), [-1], -1, [1], "JAX", "as clip; PyTorch has 0"),
    at("hardtanh", "hardTanh(x)", (x) => t.hardTanh(x!), [1], 1, [1], "JAX", "as clip; PyTorch has 0"),
    at("clip", "clip(x, -0.5, 0.5)", (x) => t.clip(x!, -0.5, 0.5), [-0.5], -0.5, [1],
      "PyTorch", "a parameter on a bound can still move inside; JAX halves the derivative"),
    at("clip", "clip(x, -0.5, 0.5)", (x) => t.clip(x!, -0.5, 0.5), [0.5], 0.5, [1],
      "PyTorch", "as at the lower bound"),
    at("sign", "sign(x)", t.sign, [0], 0, [0], BOTH, "0 everywhere"),
    at("round", "round(x)", t.round, [0.5], 0, [0],
      BOTH, "a half goes to the even integer; derivative 0 everywhere"),
    at("round", "round(x)", t.round, [1.5], 2, [0], BOTH, "as at 0.5"),
    at("floor", "floor(x)", t.floor, [1], 1, [0], BOTH, "0 everywhere"),
    at("bce_logits", "sigmoidCrossEntropy(0.5, x)", (x) => t.sigmoidCrossEntropy(0.5, x!), [0], Math.LN2, [0],
      "PyTorch", "sigmoid(x) - y, smooth; JAX has a kink at 0"),
    at("huber_at_delta", "huber(x, 0)", (x) => t.huber(x!, 0, { reduction: "none" }), [1], 0.5, [1],
      BOTH, "both pieces have the same derivative"),
  ],
  Ties: [
    at("maximum", "maximum(x, y)", t.maximum, [1, 1], 1, [0.5, 0.5], BOTH, "shared in halves"),
    at("minimum", "minimum(x, y)", t.minimum, [1, 1], 1, [0.5, 0.5], BOTH, "shared in halves"),
    at("max_all", "max(x)", (x) => t.max(x!), [[3, 1, 3, 3]], 3, [[third, 0, third, third]],
      BOTH, "shared equally"),
    at("amax_axis", "max(x, { axis: 1 })", (x) => t.max(x!, { axis: 1 }), [[[3, 1, 3], [2, 2, 5]]], [3, 5], [[[0.5, 0, 0.5], [0, 0, 1]]],
      BOTH, "shared equally"),
    at("min_all", "min(x)", (x) => t.min(x!), [[1, 1, 3]], 1, [[0.5, 0.5, 0]], BOTH, "shared equally"),
    at("norminf", "norm(x, { ord: Infinity })", (x) => t.norm(x!, { ord: Infinity }), [[2, -2, 1]], 2, [[0.5, -0.5, 0]],
      BOTH, "shared equally"),
    at("sort", "sort(x)", (x) => t.sort(x!), [[2, 1, 2, 1]], [1, 1, 2, 2], [[1, 1, 1, 1]],
      BOTH, "a permutation: equal elements stay in order"),
    at("topk2", "topK(x, 2).values", (x) => t.topK(x!, 2).values, [[2, 3, 3, 3]], [3, 3], [[0, 1, 1, 0]],
      "JAX", "the first of equal elements; PyTorch takes the last"),
    at("cummax", "cumMax(x)", (x) => t.cumMax(x!), [[1, 3, 3, 2, 3]], [1, 3, 3, 3, 3], [[1, 1, 2, 0, 1]],
      "PyTorch", "the last of equal elements; JAX shares"),
    at("maxpool1d", "maxPool1d(x, 2)", maxPool, [[[[2, 2, 1, 1, 5, 5]]]], [[[2, 1, 5]]], [[[[1, 0, 1, 0, 1, 0]]]],
      BOTH, "the first of equal elements"),
  ],
  "Roots, powers and norms": [
    at("sqrt", "sqrt(x)", t.sqrt, [0], 0, [Infinity], BOTH, "the true limit; guard with where to avoid it"),
    at("sqrt", "sqrt(x)", t.sqrt, [-1], NaN, [NaN], BOTH, "not a real number"),
    at("rsqrt", "rsqrt(x)", t.rsqrt, [0], Infinity, [-Infinity], BOTH, "the true limit"),
    at("rsqrt", "rsqrt(x)", t.rsqrt, [-0], -Infinity, [-Infinity],
      "JAX", "the sign of -1 / (2 x sqrt(x)) for a zero of either sign; PyTorch has Infinity"),
    at("pow0", "pow(x, 0)", (x) => t.pow(x!, 0), [0], 1, [0], BOTH, "a constant, 1"),
    at("pow0", "pow(x, 0)", (x) => t.pow(x!, 0), [NaN], 1, [0], BOTH, "a constant, 1"),
    at("pow", "pow(x, y)", t.pow, [0, 0], 1, [0, 0],
      "PyTorch", "by x it is the constant 1; JAX has NaN by x"),
    at("pow", "pow(x, y)", t.pow, [0, 1], 0, [1, 0], BOTH, "x^y stays 0 as y changes"),
    at("pow", "pow(x, y)", t.pow, [0, -1], Infinity, [-Infinity, -Infinity],
      "PyTorch", "the true limits; JAX has NaN by y"),
    at("pow", "pow(x, y)", t.pow, [-2, 2], 4, [-4, NaN],
      BOTH, "for a negative base the result is real at integer exponents only"),
    at("pow", "pow(x, y)", t.pow, [-2, 3], -8, [12, NaN], BOTH, "as for exponent 2"),
    at("pow", "pow(x, y)", t.pow, [-8, third], NaN, [NaN, NaN], BOTH, "not a real number; see cbrt"),
    at("pow", "pow(x, y)", t.pow, [1, Infinity], 1, [Infinity, 0],
      BOTH, "1 to any power is 1, as in C, and not NaN as in JavaScript"),
    at("pow_half", "pow(x, 0.5)", (x) => t.pow(x!, 0.5), [-Infinity], Infinity, [0],
      "JAX", "pow, not sqrt, as in C; PyTorch has NaN"),
    at("pow_half", "pow(x, 0.5)", (x) => t.pow(x!, 0.5), [-0], 0, [Infinity],
      "JAX", "as at 0; PyTorch has -Infinity"),
    at("hypot", "hypot(x, y)", t.hypot, [0, 0], 0, [0, 0],
      "neither", "the least subgradient, as abs; JAX has 1/2, PyTorch NaN"),
    at("norm2", "norm(x)", (x) => t.norm(x!), [[0, 0, 0]], 0, [[0, 0, 0]],
      "PyTorch", "the least subgradient, as hypot; JAX has NaN"),
    at("norm1", "norm(x, { ord: 1 })", (x) => t.norm(x!, { ord: 1 }), [[0, -2, 0]], 2, [[0, -1, 0]],
      "PyTorch", "as abs; JAX has 1 at 0"),
    at("std", "standardDeviation(x, { correction: 1 })", spread, [[2, 2, 2]], 0, [[0, 0, 0]],
      "PyTorch", "as norm; JAX has NaN"),
    at("std", "standardDeviation(x, { correction: 1 })", spread, [[5]], NaN, [[NaN]], BOTH, "0 / 0"),
  ],
  Angles: [
    at("atan2", "atan2(y, x)", t.atan2, [0, 0], 0, [0, 0],
      "PyTorch", "there is no direction to move in; JAX has NaN"),
    at("atan2", "atan2(y, x)", t.atan2, [0, -1], Math.PI, [-1, 0],
      BOTH, "on the cut, the derivative from either side"),
    at("asin", "asin(x)", t.asin, [1], Math.PI / 2, [Infinity], BOTH, "the true limit"),
    at("acos", "acos(x)", t.acos, [1], 0, [-Infinity], BOTH, "the true limit"),
    at("atanh", "atanh(x)", t.atanh, [1], Infinity, [Infinity], BOTH, "the true limit"),
  ],
  "Logarithms and exponentials": [
    at("log", "log(x)", t.log, [0], -Infinity, [Infinity], BOTH, "the true limit"),
    at("log", "log(x)", t.log, [-1], NaN, [-1], BOTH, "the rule is 1 / x everywhere"),
    at("log1p", "log1p(x)", t.log1p, [-1], -Infinity, [Infinity], BOTH, "the true limit"),
    at(undefined, "xlogy(x, y)", t.xlogy, [0, 0], 0, [0, 0],
      "neither", "the entropy of a distribution with zeros keeps a finite gradient; PyTorch has 0 by x and NaN by y, JAX -Infinity and NaN"),
    at("xlogx", "x log(x)", (x) => t.mul(x!, t.log(x!)), [0], NaN, [NaN],
      BOTH, "0 times an infinity; use xlogy"),
    at("logaddexp", "logAddExp(x, y)", t.logAddExp, [-Infinity, -Infinity], -Infinity, [0, 0],
      "neither", "a sum of nothing moves with none of its parts, so that chains of forbidden steps keep finite gradients; JAX and PyTorch have NaN"),
    at("logaddexp", "logAddExp(x, y)", t.logAddExp, [1e308, 1e308], 1e308, [0.5, 0.5],
      "PyTorch", "shared in halves; JAX has 1"),
    at("logsumexp", "logSumExp(x)", (x) => t.logSumExp(x!), [[-Infinity, -Infinity]], -Infinity, [[0, 0]],
      "neither", "as logAddExp"),
    at("logsumexp", "logSumExp(x)", (x) => t.logSumExp(x!), [[-Infinity, 0]], 0, [[0, 1]],
      BOTH, "exp(-Infinity) is 0"),
    at("softmax", "softmax(x)", (x) => t.softmax(x!), [[-Infinity, -Infinity]], [NaN, NaN], [[NaN, NaN]],
      BOTH, "nothing to choose from"),
    at("gelu", "gelu(x)", (x) => t.gelu(x!), [-Infinity], NaN, [NaN], BOTH, "-Infinity times 0"),
    at("silu", "silu(x)", t.silu, [-Infinity], NaN, [NaN], BOTH, "-Infinity times 0"),
  ],
  "Quotients, products and where": [
    at("div", "x / y", t.div, [1, 0], Infinity, [Infinity, -Infinity], BOTH, "the true limits"),
    at("div", "x / y", t.div, [0, 0], NaN, [Infinity, NaN], BOTH, "1 / y, and -(x / y) / y"),
    at("mul", "x y", t.mul, [0, Infinity], NaN, [Infinity, 0], BOTH, "the other factor"),
    at("where_safe_sqrt", "where(x > 0, sqrt(x), 0)", (x) => t.where(t.gt(x!, 0), t.sqrt(x!), 0), [0], 0, [NaN],
      BOTH, "0 times the infinite derivative of the branch not taken"),
    at(undefined, "where(x > 0, sqrt(where(x > 0, x, 1)), 0)", (x) => t.where(t.gt(x!, 0), t.sqrt(t.where(t.gt(x!, 0), x!, 1)), 0), [0], 0, [0],
      BOTH, "the way to write it: the inner where keeps 0 from sqrt"),
    at("where_div", "where(x != 0, 1 / x, 0)", (x) => t.where(t.ne(x!, 0), t.div(1, x!), 0), [0], 0, [NaN],
      BOTH, "as for sqrt"),
    at(undefined, "where(c, x, y)", (x, y) => t.where(1, x!, y!), [2, NaN], 2, [1, 0],
      BOTH, "NaN in the branch not taken stays there"),
    at("prod", "prod(x)", (x) => t.prod(x!), [[0, 2, 3]], 0, [[6, 0, 0]], BOTH, "the product of the others"),
    at("prod", "prod(x)", (x) => t.prod(x!), [[0, 0, 3]], 0, [[0, 0, 0]], BOTH, "the product of the others"),
    at("cumprod", "cumProd(x)", (x) => t.cumProd(x!), [[2, 0, 3, 0, 4]], [2, 0, 0, 0, 0], [[1, 8, 0, 0, 0]],
      BOTH, "the products of the others"),
  ],
  NaN: [
    at("abs", "abs(x)", t.abs, [NaN], NaN, [NaN], "neither", "NaN goes on; JAX has -1, PyTorch 0"),
    at("sign", "sign(x)", t.sign, [NaN], NaN, [0], "JAX", "0 everywhere; PyTorch has the value 0"),
    at("relu", "relu(x)", t.relu, [NaN], NaN, [0], "JAX", "NaN is not above 0; PyTorch has 1"),
    at("elu", "elu(x)", (x) => t.elu(x!), [NaN], NaN, [NaN], "JAX", "NaN goes on; PyTorch has 1"),
    at("selu", "selu(x)", t.selu, [NaN], NaN, [NaN], "JAX", "as elu; PyTorch has its scale"),
    at("maximum", "maximum(x, y)", t.maximum, [NaN, 1], NaN, [0, 0],
      "JAX", "neither operand is the larger; PyTorch has 1 for both"),
    at("maximum", "maximum(x, y)", t.maximum, [1, NaN], NaN, [0, 0], "JAX", "as on the other side"),
    at("minimum", "minimum(x, y)", t.minimum, [NaN, 1], NaN, [0, 0],
      "JAX", "neither operand is the smaller; PyTorch has 1 for both"),
    at("minimum", "minimum(x, y)", t.minimum, [1, NaN], NaN, [0, 0], "JAX", "as on the other side"),
    at("max_nan", "max(x)", (x) => t.max(x!), [[1, NaN, 3]], NaN, [[NaN, NaN, NaN]],
      "JAX", "no element equals NaN; PyTorch gives all to the NaN"),
    at("clip", "clip(x, -0.5, 0.5)", (x) => t.clip(x!, -0.5, 0.5), [NaN], NaN, [0],
      BOTH, "NaN is not between the bounds"),
  ],
  Nothing: [
    at("sum_empty", "sum(x)", (x) => t.sum(x!), [[]], 0, [[]], BOTH, "the sum of nothing is 0"),
    at("mean_empty", "mean(x)", (x) => t.mean(x!), [[]], NaN, [[]], BOTH, "0 / 0"),
    at("var_empty", "variance(x, { correction: 1 })", (x) => t.variance(x!, { correction: 1 }), [[]], NaN, [[]],
      BOTH, "nothing to estimate from"),
  ],
};

function spread(x?: Variable): Variable {
  return t.standardDeviation(x!, { correction: 1 });
}

/** In the layout of the reference, `[batch, channels, length]`. */
function maxPool(x?: Variable): Variable {
  const pooled = t.maxPool1d(t.transpose(x!, [0, 2, 1]), 2, { strides: 2 });
  return t.transpose(pooled, [0, 2, 1]);
}

function print(x: Numbers): string {
  if (typeof x !== "number") return `[${x.map(print).join(", ")}]`;
  if (x === third) return "1/3";
  if (Math.abs(x) === Math.PI) return x < 0 ? "-pi" : "pi";
  if (x === Math.PI / 2) return "pi/2";
  if (x === Math.LN2) return "log(2)";
  return Object.is(x, -0) ? "-0" : String(x);
}

/** A table whose columns are padded, as the formatter wants it. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`);
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}

/** The page. */
export function renderConventions(): string {
  const sections = Object.entries(conventions).map(([theme, lines]) => {
    const rows = lines.map((line) => [
      `\`${line.operation}\``,
      line.at.map(print).join("; "),
      print(line.value),
      line.derivative.map(print).join("; "),
      line.agreesWith,
      line.why,
    ]);
    return `## ${theme}\n\n${
      table([["Operation", "At", "Value", "Derivative", "Agrees with", "Why"], ...rows])
    }\n`;
  });
  return `# Conventions at ties, kinks, poles and infinities

What an operation and its derivative are where mathematics leaves a choice, or where floating point needs
care. Where JAX and PyTorch agree, this library agrees with them; where they differ, the table says with whom
and why. Operands, and the derivatives by them, are parted by semicolons; the derivative of an array is that
of its sum. Every line is run as a test.

${sections.join("\n")}`;
}

/** Where the page is. */
export const PAGE: URL = new URL("../../src/primitives/CONVENTIONS.md", import.meta.url);

if (import.meta.main) await Deno.writeTextFile(PAGE, renderConventions());
