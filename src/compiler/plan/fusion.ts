/** Which nodes are computed together, in one loop. */
import type { DType } from "../../array/dtype.ts";
import { type Expression, inputExpression, scalarAlgebra } from "../../array/elementwise/expression.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import { type Graph, type Node, nodesOf, readersOf } from "../graph/nodes.ts";
import { type Operation, operation as op } from "../../primitives/mod.ts";

/** Nodes that run together: one loop for element-wise ones and their reductions, else a single node. */
export interface Group {
  /** The nodes, operands first. */
  readonly nodes: Node[];
  /** What the loop runs over; null for a single node that is no loop. */
  readonly domain: Shape | null;
  /** The dtype of the loop. */
  readonly dtype: DType;
}

/** A group while groups are being formed. */
interface Draft extends Group {
  /** Groups that must have run before. */
  readonly before: Set<Draft>;
  /** The group this one was merged into. */
  merged: Draft | null;
}

/** A loop keeps at most this many nodes, so that its values fit in registers and its code in the cache. */
const LARGEST = 64;

/** The reductions a loop can end in. */
const REDUCTIONS: ReadonlySet<unknown> = new Set([op.sum, op.max, op.min]);

/** Whether a node ends a loop: it is computed from the whole range, not element by element. */
export function isReduction(node: Node): boolean {
  return REDUCTIONS.has(node.operation);
}

/**
 * Joins element-wise nodes over the same range, and the reductions of their results, into loops, so that
 * what passes between them never goes through memory.
 *
 * @param isFusable Whether a loop can compute an element-wise node
 * @returns The groups in an order in which they can run
 */
export function fuse(graph: Graph, isFusable: (node: Node) => boolean): Group[] {
  const groupOf = new Map<Node, Draft>();
  const drafts: Draft[] = [];
  for (const node of nodesOf(graph)) {
    if (node.operation === null) continue;
    const domain = domainOf(node, isFusable);
    const draft: Draft = { nodes: [node], domain, dtype: node.dtype, before: new Set(), merged: null };
    groupOf.set(node, draft);
    drafts.push(draft);
    const candidates = new Set<Draft>();
    for (const operand of node.operands) {
      const group = operand.operation === null ? undefined : groupOf.get(operand);
      if (group === undefined) continue;
      draft.before.add(resolve(group));
      candidates.add(resolve(group));
    }
    if (domain === null) continue;
    for (const group of candidates) tryMerge(resolve(group), resolve(draft), groupOf);
    mergeSiblings(resolve(draft), node, groupOf, graph);
  }
  return inOrder(drafts.filter((d) => d.merged === null));
}

/** What a node's loop runs over, null if it is no loop. */
function domainOf(node: Node, isFusable: (node: Node) => boolean): Shape | null {
  if (!isFusable(node)) return null;
  const domain = isReduction(node) ? node.operands[0]!.shape : node.shape;
  return domain.includes(0) ? null : domain;
}

function resolve(draft: Draft): Draft {
  let current = draft;
  while (current.merged !== null) current = current.merged;
  return current;
}

/** Joins two groups if they run over the same range and nothing in between has to run in between. */
function tryMerge(into: Draft, from: Draft, groupOf: Map<Node, Draft>): boolean {
  if (into === from) return true;
  if (into.domain === null || from.domain === null || into.dtype !== from.dtype) return false;
  if (!sameShape(into.domain, from.domain) || into.nodes.length + from.nodes.length > LARGEST) return false;
  if (readsReduction(from, into, groupOf) || readsReduction(into, from, groupOf)) return false;
  if (reachesThroughOthers(from, into) || reachesThroughOthers(into, from)) return false;
  into.nodes.push(...from.nodes);
  for (const group of from.before) into.before.add(group);
  from.merged = into;
  into.before.delete(into);
  into.before.delete(from);
  return true;
}

/** Whether a node of one group reads a reduction of the other, which is known only after the loop. */
function readsReduction(reader: Draft, source: Draft, groupOf: Map<Node, Draft>): boolean {
  if (!source.nodes.some(isReduction)) return false;
  return reader.nodes.some((node) =>
    node.operands.some((o) => isReduction(o) && groupOf.has(o) && resolve(groupOf.get(o)!) === source)
  );
}

/** Whether `from` has to wait for `to` by way of a third group. */
function reachesThroughOthers(from: Draft, to: Draft): boolean {
  const seen = new Set<Draft>([from, to]);
  const open: Draft[] = [];
  const push = (group: Draft): void => {
    for (const raw of group.before) {
      const next = resolve(raw);
      if (!seen.has(next)) {
        seen.add(next);
        open.push(next);
      }
    }
  };
  push(from);
  for (let group = open.pop(); group !== undefined; group = open.pop()) {
    for (const raw of group.before) if (resolve(raw) === to) return true;
    push(group);
  }
  return false;
}

/** Joins a node's group with others that read the same large value, so that it is read once. */
function mergeSiblings(draft: Draft, node: Node, groupOf: Map<Node, Draft>, graph: Graph): void {
  const readers = readersOf(graph);
  for (const operand of node.operands) {
    if (draft.domain === null || !sameShape(operand.shape, draft.domain)) continue;
    for (const reader of readers.get(operand) ?? []) {
      const group = groupOf.get(reader);
      if (group !== undefined) tryMerge(resolve(group), resolve(draft), groupOf);
    }
  }
}

/** Sorts groups so that each comes after those it waits for. */
function inOrder(drafts: readonly Draft[]): Group[] {
  const order: Group[] = [];
  const state = new Set<Draft>();
  const stack: { draft: Draft; waits: Draft[] }[] = [];
  const open = (draft: Draft): void => {
    if (state.has(draft)) return;
    state.add(draft);
    stack.push({ draft, waits: [...draft.before].map(resolve).filter((d) => d !== draft) });
  };
  for (const draft of drafts) {
    open(draft);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const next = top.waits.pop();
      if (next !== undefined) open(next);
      else {
        order.push(stack.pop()!.draft);
      }
    }
  }
  return order.map(({ nodes, domain, dtype }) => ({ nodes: sorted(nodes), domain, dtype }));
}

/** Sorts the nodes of a group so that operands come first. */
function sorted(nodes: readonly Node[]): Node[] {
  if (nodes.length === 1) return [...nodes];
  const inside = new Set(nodes);
  const done = new Set<Node>();
  const order: Node[] = [];
  const visit = (node: Node): void => {
    if (!inside.has(node) || done.has(node)) return;
    done.add(node);
    node.operands.forEach(visit);
    order.push(node);
  };
  nodes.forEach(visit);
  return order;
}

/** Operations that hand on their operand: a loop reads it with other strides or in another dtype. */
const COPIES: ReadonlySet<unknown> = new Set([op.identity, op.broadcastTo, op.cast]);

const INPUTS = [inputExpression(0), inputExpression(1), inputExpression(2)] as const;

/** Whether a node is computed element by element, by a formula. */
export function hasFormula({ operation }: Node): boolean {
  return COPIES.has(operation) || operation?.primitive.lower !== undefined;
}

const formulas = new WeakMap<Operation, Expression>();

/** The formula for one element of a node in terms of those of its operands; null where there is none. */
export function formulaOf({ operation }: Node): Expression | null {
  if (operation === null) return null;
  let formula = formulas.get(operation);
  if (formula === undefined) {
    formula = COPIES.has(operation) ? INPUTS[0] : operation.primitive.lower?.(scalarAlgebra, ...INPUTS);
    if (formula === undefined) return null;
    formulas.set(operation, formula);
  }
  return formula;
}
