import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import fc from "npm:fast-check@4";
import type { Shape } from "../../../src/array/shape.ts";
import { inputNode, type Node, operationNode } from "../../../src/compiler/graph/nodes.ts";
import { bytesOf, LAYOUT, paddedSize } from "../../../src/compiler/wasm/linear_memory.ts";
import {
  isView,
  type MemoryPlan,
  planMemory,
  type PlannedStep,
  storageOf,
} from "../../../src/compiler/plan/memory.ts";
import { operation as op } from "../../../src/primitives/mod.ts";

/** A value that some step writes. */
function made(shape: Shape): Node {
  return {
    operation: op.neg,
    operands: [],
    attributes: undefined,
    shape,
    dtype: "float64",
    input: -1,
    value: null,
  };
}

const reshaped = (x: Node, shape: Shape): Node => operationNode(op.reshape, [x], { shape }, x.dtype);
const sliced = (x: Node, begin: Shape, size: Shape): Node =>
  operationNode(op.slice, [x], { begin, size }, x.dtype);
const step = (reads: Node[], writes: Node[], more: Partial<PlannedStep> = {}): PlannedStep => ({
  reads,
  writes,
  scratch: 0,
  inPlace: [],
  ...more,
});
const nothing = (): boolean => false;

/** Runs steps on a picture of the memory that knows whose value each place holds; says what goes wrong. */
function findClash(
  steps: readonly PlannedStep[],
  inputs: readonly Node[],
  outputs: readonly Node[],
  plan: MemoryPlan,
  fixed: ReadonlySet<Node>,
  successors: ReadonlyMap<Node, Node>,
): string | null {
  const holders = new Map<number | Node, unknown>();
  const placesOf = (node: Node): (number | Node)[] => {
    if (fixed.has(node)) return [node];
    if (plan.writtenInPlace.has(node)) return [successors.get(node)!];
    return range(plan.offsets.get(node)!, bytesOf(node));
  };
  const range = (start: number, bytes: number): number[] =>
    Array.from({ length: Math.ceil(paddedSize(bytes) / 64) }, (_, i) => start / 64 + i);
  const put = (node: Node): void => placesOf(node).forEach((place) => holders.set(place, node));
  const holds = (node: Node): boolean => placesOf(node).every((place) => holders.get(place) === node);
  inputs.forEach(put);
  for (const [i, { reads, writes, scratch, inPlace }] of steps.entries()) {
    const roots = reads.map((node) => storageOf(node).root);
    if (scratch > 0) range(plan.scratch[i]!, scratch).forEach((place) => holders.set(place, "scratch"));
    if (!roots.every(holds)) return `step ${i} reads what has been written over`;
    const kept = roots.filter((root) => !inPlace.includes(root));
    writes.forEach(put);
    if (!kept.every(holds)) return `step ${i} writes over what it reads`;
    if (!writes.every(holds)) return `step ${i} writes two values to one place`;
    if (scratch > 0 && range(plan.scratch[i]!, scratch).some((place) => holders.get(place) !== "scratch")) {
      return `step ${i} writes over its scratch`;
    }
  }
  return outputs.every((node) => holds(storageOf(node).root)) ? null : "a result has been written over";
}

/** Numbers that steps are drawn from. */
const drawn = fc.record({
  inputs: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 4 }),
  fixed: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  donated: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  steps: fc.array(
    fc.record({
      reads: fc.array(fc.record({ node: fc.nat(), view: fc.boolean(), inPlace: fc.boolean() }), {
        maxLength: 4,
      }),
      writes: fc.array(fc.integer({ min: -1, max: 40 }), { minLength: 1, maxLength: 3 }),
      scratch: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400 })),
    }),
    { minLength: 1, maxLength: 14 },
  ),
  outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
});

Deno.test("planMemory() never puts two values that are needed at once in one place", () => {
  fc.assert(
    fc.property(drawn, ({ inputs: sizes, fixed: isFixed, donated, steps: drafts, outputs: results }) => {
      const inputs = sizes.map((size, i) => inputNode(i, [size], "float64"));
      const fixed = new Set<Node>(inputs.filter((_, i) => isFixed[i] || donated[i]));
      const nodes: Node[] = [...inputs];
      const steps = drafts.map(({ reads, writes, scratch }): PlannedStep => {
        const read = reads.map(({ node, view, inPlace }) => {
          const root = nodes[node % nodes.length]!;
          return { node: view ? reshaped(root, [root.shape[0]!, 1]) : root, inPlace: inPlace && !view };
        });
        // -1 stands for the size of what is read first, so that places are taken over often.
        const written = writes.map((size) => made([size >= 0 ? size : read[0]?.node.shape[0] ?? 3]));
        nodes.push(...written);
        const inPlace = read.filter((r) => r.inPlace).map((r) => r.node);
        return { reads: read.map((r) => r.node), writes: written, scratch, inPlace };
      });
      const outputs = results.map((k) => nodes[k % nodes.length]!);
      const successors = new Map<Node, Node>();
      inputs.forEach((input, i) => {
        const result = outputs.find((o) =>
          o.operation !== null && !successors.has(o) && bytesOf(o) === bytesOf(input)
        );
        if (donated[i] && result !== undefined) successors.set(result, input);
      });
      const plan = planMemory(steps, inputs, outputs, (node) => fixed.has(node), LAYOUT, successors);
      assertEquals(findClash(steps, inputs, outputs, plan, fixed, successors), null);
      assertLessOrEqual(plan.bytes, plan.unsharedBytes);
      for (const offset of plan.offsets.values()) assertEquals(offset % 64, 0);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("the check of plans finds a plan that is wrong", () => {
  const x = inputNode(0, [8], "float64");
  const [a, b] = [made([8]), made([8])];
  const steps = [step([x], [a]), step([x], [b])];
  const at = (offsets: [Node, number][]): MemoryPlan => ({
    offsets: new Map(offsets),
    scratch: [0, 0],
    writtenInPlace: new Set(),
    bytes: 0,
    unsharedBytes: 0,
  });
  const clash = (offsets: [Node, number][], outputs: Node[]): string | null =>
    findClash(steps, [x], outputs, at(offsets), new Set(), new Map());
  assertEquals(clash([[x, 0], [a, 0], [b, 128]], [b]), "step 0 writes over what it reads");
  assertEquals(clash([[x, 0], [a, 128], [b, 64]], [b]), "step 1 writes over what it reads");
  assertEquals(clash([[x, 0], [a, 128], [b, 128]], [a, b]), "a result has been written over");
  assertEquals(clash([[x, 0], [a, 128], [b, 128]], [b]), null);
});

Deno.test("planMemory() uses a place again once nothing reads what stood there", () => {
  const x = inputNode(0, [100], "float64");
  const [a, b, c] = [made([100]), made([100]), made([100])];
  const plan = planMemory([step([x], [a]), step([a], [b]), step([b], [c])], [x], [c], nothing, LAYOUT);
  assertEquals(plan.offsets.get(b), plan.offsets.get(x));
  assertEquals(plan.offsets.get(c), plan.offsets.get(a));
  assertEquals([plan.bytes, plan.unsharedBytes], [2 * paddedSize(800), 4 * paddedSize(800)]);
});

Deno.test("planMemory() writes in place only where allowed, for the last reader, and for values of that size", () => {
  const x = inputNode(0, [10], "float64");
  const inPlace = [x];
  const isOver = (steps: PlannedStep[], outputs: Node[], isFixed = nothing): boolean => {
    const plan = planMemory(steps, [x], outputs, isFixed, LAYOUT);
    return plan.offsets.get(steps[0]!.writes[0]!) === (plan.offsets.get(x) ?? "fixed");
  };
  const [a, b] = [made([10]), made([10])];
  assertEquals(isOver([step([x], [a], { inPlace })], [a]), true);
  assert(!isOver([step([x], [a])], [a]), "not allowed");
  assert(!isOver([step([x], [a], { inPlace }), step([x], [b])], [a, b]), "read later");
  assert(!isOver([step([x], [a], { inPlace })], [a, x]), "a result itself");
  assert(!isOver([step([x], [a], { inPlace })], [a, reshaped(x, [2, 5])]), "a view of it is a result");
  assert(!isOver([step([x], [a], { inPlace })], [a], () => true), "fixed");
  const large = made([11]);
  assert(!isOver([step([x], [large], { inPlace })], [large]), "another size");
  const plan = planMemory([step([x], [a, b], { inPlace })], [x], [a, b], nothing, LAYOUT);
  assertNotStrictEquals(plan.offsets.get(a), plan.offsets.get(b), "two values over one");
});

Deno.test("planMemory() keeps what a view reads for as long as the view is read", () => {
  const x = inputNode(0, [4, 4], "float64");
  const [a, b, c] = [made([4, 4]), made([4, 4]), made([16])];
  const view = reshaped(a, [16]);
  const plan = planMemory([step([x], [a]), step([x], [b]), step([view, b], [c])], [x], [c], nothing, LAYOUT);
  assertNotStrictEquals(plan.offsets.get(a), plan.offsets.get(b));
  assertEquals(plan.offsets.has(view), false);
});

Deno.test("planMemory() writes a result in the place of a donated input only when nothing reads the input any more", () => {
  const x = inputNode(0, [10], "float64");
  const [a, b] = [made([10]), made([10])];
  const settles = (steps: PlannedStep[], outputs: Node[]): boolean =>
    planMemory(steps, [x], outputs, (node) => node === x, LAYOUT, new Map([[a, x]])).writtenInPlace.has(a);
  assert(settles([step([x], [b]), step([b], [a])], [a]), "read before");
  assert(!settles([step([x], [a])], [a]), "read by the same step, element by element not allowed");
  assert(settles([step([x], [a], { inPlace: [x] })], [a]), "read by the same step, in place");
  assert(!settles([step([x], [a], { inPlace: [x] }), step([x, a], [b])], [a, b]), "read later");
  assert(!settles([step([x], [a], { inPlace: [x] })], [a, x]), "a result itself");
  assert(settles([step([], [a])], [a]), "never read");
});

Deno.test("planMemory() gives a step workspace that nothing else uses while the step runs", () => {
  const x = inputNode(0, [10], "float64");
  const [a, b] = [made([10]), made([10])];
  const plan = planMemory(
    [step([x], [a], { scratch: 1000 }), step([a], [b], { scratch: 1000 })],
    [x],
    [b],
    nothing,
    LAYOUT,
  );
  // The step reads one value and writes another, each of 80 bytes.
  for (const [i, values] of [[x, a], [a, b]].entries()) {
    const start = plan.scratch[i]!;
    const over = values.map((node) => plan.offsets.get(node)!)
      .filter((at) => at < start + paddedSize(1000) && start < at + paddedSize(80));
    assertEquals(over, [], `workspace of step ${i} from ${start} on`);
  }
  assertEquals(plan.bytes, 3 * paddedSize(80) + paddedSize(1000) - paddedSize(80));
});

Deno.test("planMemory() places values as the layout of a target says", () => {
  const x = inputNode(0, [10], "float64");
  const [a, b] = [made([10]), made([3])];
  // A target whose elements all have 4 bytes, and that reads nothing beyond a value.
  const layout = { bytesOf: (node: Node) => 4 * node.shape[0]!, alignment: 16, slack: 0 };
  const plan = planMemory([step([x], [a]), step([a], [b])], [x], [a, b], nothing, layout);
  assertEquals([x, a, b].map((node) => plan.offsets.get(node)), [0, 48, 0]);
  assertEquals([plan.bytes, plan.unsharedBytes], [96, 112]);
});

Deno.test("storageOf() looks through reshapes, identities and slices of whole rows", () => {
  const x = inputNode(0, [4, 3, 2], "float64");
  const narrow = inputNode(0, [4, 3, 2], "float32");
  const rows = sliced(x, [1, 0, 0], [2, 3, 2]);
  assertEquals(storageOf(x), { root: x, offset: 0 });
  assertEquals(storageOf(rows), { root: x, offset: 6 });
  assertEquals(storageOf(sliced(narrow, [1, 0, 0], [2, 3, 2])), { root: narrow, offset: 6 });
  const deep = sliced(reshaped(rows, [12]), [5], [3]);
  assertEquals(storageOf(deep), { root: x, offset: 11 });
  assertEquals(storageOf(operationNode(op.identity, [deep], undefined, "float64")), { root: x, offset: 11 });
  assertEquals(storageOf(sliced(x, [2, 1, 1], [1, 1, 1])), { root: x, offset: 15 });
  assertEquals(storageOf(sliced(x, [2, 1, 0], [1, 2, 2])), { root: x, offset: 14 });
});

Deno.test("storageOf() takes a block that is no run of elements for a value of its own", () => {
  const x = inputNode(0, [4, 3], "float64");
  for (const [begin, size] of [[[0, 0], [4, 2]], [[0, 1], [2, 1]], [[1, 1], [3, 2]]] as [Shape, Shape][]) {
    const block = sliced(x, begin, size);
    assertStrictEquals(storageOf(block).root, block);
    assertEquals(isView(block), false);
  }
  assertEquals([isView(x), isView(reshaped(x, [12])), isView(sliced(x, [1, 1], [1, 2]))], [
    false,
    true,
    true,
  ]);
});

Deno.test("bytesOf() counts elements of the dtype, none for an empty array", () => {
  assertEquals(
    [
      inputNode(0, [2, 3], "float64"),
      inputNode(0, [2, 3], "float32"),
      inputNode(0, [], "float64"),
      inputNode(0, [0, 3], "float32"),
    ].map(bytesOf),
    [48, 24, 8, 0],
  );
});
