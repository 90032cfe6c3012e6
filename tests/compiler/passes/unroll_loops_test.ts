import { assertAlmostEquals, assertEquals } from "@std/assert";
import { constant, grad, scan, type Variable } from "../../../mod.ts";
import { GraphLoop, interpret, nodesOf, unrollLoops } from "../../../src/compiler/mod.ts";
import type { Value } from "../../../src/array/value.ts";
import { NdArray } from "../../../src/array/nd_array.ts";
import { traceGraph } from "../../../src/transforms/core/graphs.ts";

Deno.test("unrollLoops() puts steps in place of loops, with the same results", () => {
  const xs = constant(Array.from({ length: 9 }, (_, t) => [Math.sin(t), Math.cos(t)]));
  const f = (h: Variable): Variable => {
    const [last, ys] = scan(
      (s: Variable, x: Variable) => {
        const [inner] = scan((u: Variable, v: Variable) => [u.mul(v.add(1).tanh()), []], s, xs);
        const next = inner.add(x).tanh();
        return [next, next.sum()] as const;
      },
      h,
      xs,
    );
    return last.sum().add(ys.square().sum());
  };
  const start = new NdArray(Float64Array.of(0.1, -0.4));
  const input = { value: start, dtype: "float64" } as const;
  const { graph } = traceGraph(
    [input],
    { where: "a test" },
    ([h]) => ({ outputs: [grad(f)(h!)], result: null }),
  );
  const loops = (list: typeof graph): number =>
    nodesOf(list).filter((node) => node.attributes instanceof GraphLoop).length;
  assertEquals(loops(graph) > 0, true);
  const unrolled = unrollLoops(graph);
  assertEquals(loops(unrolled), 0);
  const [found] = interpret<Value>(
    unrolled,
    [start],
    (node) => node.value!,
    (node, operands) => node.operation!.evaluate(operands, node.attributes, node.dtype),
  );
  const wanted = grad(f)(constant(start)).data;
  (found as NdArray).data.forEach((value, i) => assertAlmostEquals(value, wanted[i]!, 1e-12));
});
