/**
 * Scalar Rosenbrock, value and gradient: Tapegrad against an engine of closures and parent pointers, in the
 * manner of micrograd. The inputs are made once; derivatives add up in them in both engines. Besides the times, prints
 * what a row of the tape costs in the fastest run.
 */
import { grad, tape, type Variable, variable } from "../../mod.ts";

/** A node with its parents and a closure that passes the derivative on. */
class Node {
  grad = 0;
  constructor(
    readonly value: number,
    readonly parents: readonly Node[],
    readonly back: (g: number) => void,
  ) {}
  add(o: Node): Node {
    return new Node(this.value + o.value, [this, o], (g) => {
      this.grad += g;
      o.grad += g;
    });
  }
  sub(o: Node): Node {
    return new Node(this.value - o.value, [this, o], (g) => {
      this.grad += g;
      o.grad -= g;
    });
  }
  mul(o: Node): Node {
    return new Node(this.value * o.value, [this, o], (g) => {
      this.grad += g * o.value;
      o.grad += g * this.value;
    });
  }
  backward(): void {
    const order: Node[] = [];
    const seen = new Set<Node>();
    const stack: [Node, number][] = [[this, 0]];
    seen.add(this);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const parent = top[0].parents[top[1]++];
      if (parent === undefined) order.push(stack.pop()![0]);
      else if (!seen.has(parent)) {
        seen.add(parent);
        stack.push([parent, 0]);
      }
    }
    this.grad = 1;
    for (let i = order.length - 1; i >= 0; i--) order[i]!.back(order[i]!.grad);
  }
}

const leaf = (value: number): Node => new Node(value, [], () => {});

function rosenbrockNodes(x: readonly Node[]): number {
  const n = x.length;
  const one = leaf(1);
  const hundred = leaf(100);
  let sum = leaf(0);
  for (let i = 0; i < n - 1; i++) {
    const a = one.sub(x[i]!);
    const b = x[i + 1]!.sub(x[i]!.mul(x[i]!));
    sum = sum.add(a.mul(a)).add(hundred.mul(b.mul(b)));
  }
  sum.backward();
  return x[0]!.grad;
}

/** Also tells how many rows one run records. */
let rows = 0;

function rosenbrockTape(x: readonly Variable[]): number {
  const n = x.length;
  let sum: Variable = variable(0);
  for (let i = 0; i < n - 1; i++) {
    const a = x[i]!.sub(1);
    const b = x[i + 1]!.sub(x[i]!.mul(x[i]!));
    sum = sum.add(a.mul(a)).add(b.mul(b).mul(100));
  }
  rows = tape.length;
  sum.backward();
  return x[0]!.grad!.item();
}

/** Nanoseconds a row, by the number of variables. */
const costs = new Map<number, number>();

for (const n of [1_000, 100_000]) {
  const variables = Array.from({ length: n }, (_, i) => variable(Math.sin(i)));
  const nodes = Array.from({ length: n }, (_, i) => leaf(Math.sin(i)));
  const difference = Math.abs(rosenbrockTape(variables) - rosenbrockNodes(nodes));
  if (!(difference < 1e-9)) throw new RangeError(`The engines differ by ${difference}`);
  const group = `Rosenbrock n = ${n}, ${rows} rows`;
  const recorded = rows;
  Deno.bench(`tape, ${n}`, { group, baseline: true }, () => {
    const start = performance.now();
    rosenbrockTape(variables);
    costs.set(n, Math.min(costs.get(n) ?? Infinity, 1e6 * (performance.now() - start) / recorded));
  });
  Deno.bench(`closures and parent pointers, ${n}`, { group }, () => void rosenbrockNodes(nodes));
}

Deno.bench("grad of a vector Rosenbrock, n = 100000", () => {
  const x = Float64Array.from({ length: 100_000 }, (_, i) => Math.sin(i));
  grad((v: Variable) => {
    const head = v.slice(0, 99_999);
    return v.slice(1).sub(head.square()).square().mul(100).add(head.sub(1).square()).sum();
  })(x);
});

globalThis.addEventListener("unload", () => {
  for (const [n, cost] of costs) console.log(`${cost.toFixed(1).padStart(6)} ns a row, n = ${n}`);
});
