/** Formulas to begin with. */

/** A formula with numbers for its variables. */
export interface Example {
  readonly title: string;
  readonly text: string;
  readonly values: { readonly [name: string]: number };
}

/** The formulas of the list, the first one first. */
export const EXAMPLES: readonly Example[] = [
  {
    title: "A neuron of two inputs",
    text: "sigmoid(w1*x1 + w2*x2 + b)",
    values: { w1: 0.5, x1: 2, w2: -1, x2: 1, b: 0.25 },
  },
  { title: "One row used twice", text: "h = w * x; h*h + sin(h)", values: { w: 0.7, x: 2 } },
  { title: "x sin x", text: "x * sin(x)", values: { x: 2 } },
  {
    title: "The error of a neuron",
    text: "y = sigmoid(w*x + b); (y - target)^2",
    values: { w: 1.5, x: 0.8, b: -0.5, target: 1 },
  },
  { title: "A variable exponent", text: "x^n", values: { x: 1.5, n: 3 } },
  { title: "A dead unit", text: "v * relu(w*x + b)", values: { v: 2, w: -1, x: 3, b: 0.5 } },
  { title: "Tiny and huge", text: "exp(a) * exp(-b)", values: { a: 20, b: 25 } },
  { title: "Where NaN comes from", text: "x * log(y - 3) + sqrt(x)", values: { x: 2, y: 1 } },
  {
    title: "Heron's root",
    text: "r = (x + 1) / 2; s = (r + x/r) / 2; t = (s + x/s) / 2; u = (t + x/t) / 2; (u + x/u) / 2",
    values: { x: 2 },
  },
  {
    title: "A layer: arrays",
    text: "W = [[0.5, -1], [2, 1]]; x = [1, 2]; b = [0.5, -1]; sum(sigmoid(matmul(W, x) + b))",
    values: {},
  },
  {
    title: "A line through points",
    text: "x = [1, 2, 3]; y = [2, 4, 5]; mean(square(w*x + b - y))",
    values: { w: 0.5, b: 0.1 },
  },
  {
    title: "Softmax, and its loss",
    text: "z = [2, 1, -1]; p = softmax(z); -sum([1, 0, 0] * log(p))",
    values: {},
  },
];
