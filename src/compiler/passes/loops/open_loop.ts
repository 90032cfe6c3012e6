/** Loops taken apart, so that what a step does can be moved out of it; and put together again. */
import { bytesOfElement } from "../../../array/dtype.ts";
import { sizeOf } from "../../../array/shape.ts";
import { operation as op } from "../../../primitives/mod.ts";
import { replay } from "../../graph/interpret.ts";
import { GraphLoop, type LoopPart } from "../../graph/loop.ts";
import { type Graph, inputNode, liveNodes, type Node, nodeOps, withOperands } from "../../graph/nodes.ts";
import { graphKey } from "../common_rows.ts";

/** A node outside of the loop, as it was; or what makes one once the loops before are closed. */
export type Outer = Node | (() => Node);

/** What a step gets: what stands for it in the step, and where it comes from. */
export interface Given {
  input: Node;
  readonly from: Outer;
}

/** A part of the state, which is given to a step, and what it is after the step. */
export interface State extends Given {
  next: Node;
}

/** A node of a step of which every step's value is kept. */
export interface Output {
  node: Node;
}

/** Where a part of the result is found when the loop is closed. */
export type Part =
  | { readonly kind: "last" | "kept"; readonly state: State }
  | { readonly kind: "output"; readonly output: Output }
  | { readonly kind: "made"; readonly make: () => Node };

/** A loop that can be changed; nodes of its step are told apart by themselves, not by numbers. */
export interface OpenLoop {
  readonly loop: GraphLoop;
  /** What a node outside has become. */
  readonly outside: (node: Node) => Node;
  states: readonly State[];
  /** What has a slice for each step. */
  slices: readonly Given[];
  /** What is the same in all steps. */
  readonly fixed: readonly Given[];
  outputs: readonly Output[];
  /** Where the parts of the result are that the loop had. */
  readonly parts: Map<LoopPart, Part>;
  /** Whether anything was changed. */
  isChanged: boolean;
  /** The loop that it became. */
  closed: { readonly node: Node; readonly loop: GraphLoop } | null;
}

/** Bytes that the steps of a loop may keep of one value for later. */
const MOST_KEPT = 2 ** 26;

/**
 * Takes a loop apart.
 *
 * @param step Its step, simplified
 */
export function openLoop(node: Node, loop: GraphLoop, step: Graph, outside: OpenLoop["outside"]): OpenLoop {
  const { states: count, slices: width } = loop.iteration;
  const given = step.inputs.map((input, k): Given => ({ input, from: node.operands[k]! }));
  const states = given.slice(0, count).map((x, k): State => ({ ...x, next: step.outputs[k]! }));
  const outputs = step.outputs.slice(count).map((x): Output => ({ node: x }));
  const parts = new Map<LoopPart, Part>([
    ...loop.last.map((part, k) => [part, { kind: "last", state: states[k]! }] as const),
    ...loop.kept.map((part, k) => [part, { kind: "kept", state: states[k]! }] as const),
    ...loop.outputs.map((part, k) => [part, { kind: "output", output: outputs[k]! }] as const),
  ]);
  return {
    ...{ loop, outside, states, outputs, parts },
    slices: given.slice(count, count + width),
    fixed: given.slice(count + width),
    isChanged: false,
    closed: null,
  };
}

/** The nodes of the step that it is taken for. */
export function endsOf({ states, outputs }: OpenLoop): Node[] {
  return [...states.map(({ next }) => next), ...outputs.map(({ node }) => node)];
}

let nextNumber = 2 ** 20;

/** A new input of a step that stands for a node; its number is no other's until the loop is closed. */
export function newInput({ shape, dtype }: Node): Node {
  return inputNode(nextNumber++, shape, dtype);
}

/** Whether every step's value of a node may be kept. */
export function canKeep({ loop }: OpenLoop, { shape, dtype }: Node): boolean {
  const { length } = loop.iteration;
  return dtype === loop.dtype && length * sizeOf(shape) * bytesOfElement(dtype) <= MOST_KEPT;
}

/** All steps' values of a node of a step, once the loop is closed: a slice where it is one, else an output. */
export function allValues(open: OpenLoop, node: Node): () => Node {
  const slice = open.slices.find(({ input }) => input === node);
  if (slice !== undefined) return () => resolve(open, slice.from);
  const output = open.outputs.find((x) => x.node === node) ?? { node };
  if (!open.outputs.includes(output)) open.outputs = [...open.outputs, output];
  // It is read as it will be, so it has to be closed.
  open.isChanged = true;
  return () => readPart(open, { kind: "output", output });
}

/** Puts something else in the place of nodes of the step, inputs included. */
export function replaceInStep(open: OpenLoop, places: ReadonlyMap<Node, Node>): void {
  const replaced = new Map(places);
  const current = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of liveNodes(endsOf(open))) {
    if (!replaced.has(node)) replaced.set(node, withOperands(node, current));
  }
  for (const given of [...open.states, ...open.slices, ...open.fixed]) given.input = current(given.input);
  for (const state of open.states) state.next = current(state.next);
  for (const output of open.outputs) output.node = current(output.node);
  open.isChanged = true;
}

/**
 * Makes the loop that it has become, when all that comes before it is as it will be.
 *
 * @param settle Gives what takes the place of a node that was made
 */
export function closeLoop(open: OpenLoop, settle: (node: Node) => Node): Node {
  const { iteration, dtype } = open.loop;
  const ends = endsOf(open);
  const live = liveNodes(ends);
  const isRead = ({ input }: Given): boolean => live.includes(input);
  const slices = open.slices.filter(isRead);
  const given = [...open.states, ...slices, ...open.fixed.filter(isRead)];
  const inputs = given.map(({ input }, k) => inputNode(k, input.shape, input.dtype));
  const replaced = new Map<Node, Node>(given.map(({ input }, k) => [input, inputs[k]!]));
  const current = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of live) if (!replaced.has(node)) replaced.set(node, withOperands(node, current));
  const step: Graph = { inputs, outputs: ends.map(current) };
  const loop = finalLoop({ ...iteration, step, states: open.states.length, slices: slices.length });
  const node = settle({
    operation: op.loop,
    operands: given.map(({ from }) => resolve(open, from)),
    attributes: loop,
    ...{ shape: [loop.size], dtype, input: -1, value: null },
  });
  open.closed = { node, loop };
  return node;
}

/** A loop that is only run from now on. */
function finalLoop(iteration: GraphLoop["iteration"]): GraphLoop {
  const unknown = (): never => {
    throw new TypeError("Cannot differentiate or map a loop of a compiled program");
  };
  return new GraphLoop(iteration, {
    key: () => graphKey(iteration.step),
    execute: () => replay(iteration.step),
    joint: { vjp: unknown, jvp: unknown },
    batch: unknown,
  });
}

/** What stands for a part of the result of a loop that is closed. */
export function readPart(open: OpenLoop, part: Part): Node {
  if (part.kind === "made") return part.make();
  const { node, loop } = open.closed!;
  const { offset, shape } = part.kind === "output"
    ? loop.outputs[open.outputs.indexOf(part.output)]!
    : (part.kind === "last" ? loop.last : loop.kept)[open.states.indexOf(part.state)]!;
  const ops = nodeOps(node.dtype);
  return ops.reshape(ops.slice(node, { begin: [offset], size: [sizeOf(shape)] }), { shape });
}

/** The node outside, as it is now. */
export function resolve(open: OpenLoop, from: Outer): Node {
  return typeof from === "function" ? from() : open.outside(from);
}
