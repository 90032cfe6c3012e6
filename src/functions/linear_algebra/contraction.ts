import { sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import type { Variable } from "../../variable/variable.ts";

/** An operand of a sum of products: one label for each axis; axes with equal labels run together. */
export interface Term {
  /** The operand. */
  readonly x: Variable;
  /** The labels of its axes. */
  readonly labels: readonly number[];
}

/** Reads a diagonal: the elements `[..., i, i]` as `[..., i]`. */
export function diagonalOf(x: Variable): Variable {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const indices = Float64Array.from({ length: Math.min(rows, columns) }, (_, i) => i * (columns + 1));
  return x.reshape([...x.shape.slice(0, -2), rows * columns]).gather(indices, { axis: -1 });
}

/**
 * Multiplies the operands and sums over every label that is not in the output, two operands at a time: each
 * time the pair whose product saves the most elements. No operand has a label twice.
 *
 * @param lengths The length of the axes with each label
 */
export function contract(
  terms: readonly Term[],
  output: readonly number[],
  lengths: ReadonlyMap<number, number>,
): Variable {
  const size = (labels: readonly number[]): number => sizeOf(labels.map((label) => lengths.get(label)!));
  let rest = terms.map((term, k) => sumOut(term, neededBy(terms.filter((_, i) => i !== k), output)));
  while (rest.length > 1) {
    let best: { pair: [number, number]; saved: number; work: number } | undefined;
    for (let i = 0; i < rest.length; i++) {
      for (let j = i + 1; j < rest.length; j++) {
        const needed = neededBy(rest.filter((_, k) => k !== i && k !== j), output);
        const union = [...new Set([...rest[i]!.labels, ...rest[j]!.labels])];
        const result = size(union.filter((label) => needed.has(label)));
        const saved = size(rest[i]!.labels) + size(rest[j]!.labels) - result;
        const work = size(union);
        if (best === undefined || saved > best.saved || (saved === best.saved && work < best.work)) {
          best = { pair: [i, j], saved, work };
        }
      }
    }
    const [i, j] = best!.pair;
    const others = rest.filter((_, k) => k !== i && k !== j);
    rest = [multiply(rest[i]!, rest[j]!, neededBy(others, output), output, lengths), ...others];
  }
  return inOrder(rest[0]!, output);
}

function neededBy(terms: readonly Term[], output: readonly number[]): Set<number> {
  return new Set([...output, ...terms.flatMap((term) => term.labels)]);
}

/** Sums over the axes whose labels nobody needs. */
function sumOut({ x, labels }: Term, needed: ReadonlySet<number>): Term {
  const axis = labels.flatMap((label, i) => needed.has(label) ? [] : [i]);
  return axis.length === 0
    ? { x, labels }
    : { x: x.sum({ axis }), labels: labels.filter((l) => needed.has(l)) };
}

/** Transposes an operand, where it is not in that order already. */
function inOrder({ x, labels }: Term, order: readonly number[]): Variable {
  return sameOrder(labels, order) ? x : x.transpose(order.map((label) => labels.indexOf(label)));
}

function sameOrder(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((label, i) => label === b[i]);
}

/** Multiplies two operands as a batched matrix product and sums over the labels that nobody needs. */
function multiply(
  first: Term,
  second: Term,
  needed: ReadonlySet<number>,
  output: readonly number[],
  lengths: ReadonlyMap<number, number>,
): Term {
  // The operand whose own labels come first in the output is the left one; a vector is too.
  const ownLabelAt = (term: Term, other: Term): number =>
    output.findIndex((label) => term.labels.includes(label) && !other.labels.includes(label));
  const swapped = ownLabelAt(first, second) > ownLabelAt(second, first);
  const [a, b] = swapped ? [second, first] : [first, second];
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const rows = a.labels.filter((label) => !b.labels.includes(label));
  const columns = b.labels.filter((label) => !a.labels.includes(label));
  if (shared.every((label) => needed.has(label)) && (rows.length === 0 || columns.length === 0)) {
    return columns.length === 0 ? scale(a, b) : scale(b, a);
  }
  const { batch, depth } = cheapestOrder(a, b, shared, rows, columns, needed);
  const transposeX = rows.length > 0 && sameOrder(a.labels, [...batch, ...depth, ...rows]);
  const transposeY = columns.length > 0 && sameOrder(b.labels, [...batch, ...columns, ...depth]);
  const merged = (...groups: (readonly number[])[]): number[] => [
    ...batch.map((label) => lengths.get(label)!),
    ...groups.map((labels) => sizeOf(labels.map((label) => lengths.get(label)!))),
  ];
  const left = transposeX
    ? a.x.reshape(merged(depth, rows))
    : inOrder(a, [...batch, ...rows, ...depth]).reshape(merged(rows, depth));
  const right = transposeY
    ? b.x.reshape(merged(columns, depth))
    : inOrder(b, [...batch, ...depth, ...columns]).reshape(merged(depth, columns));
  const product = apply(op.matmul, [left, right], { transposeX, transposeY });
  const labels = [...batch, ...rows, ...columns];
  return { x: product.reshape(labels.map((label) => lengths.get(label)!)), labels };
}

/** The order of the shared labels, as in one operand or the other, that copies the fewest elements. */
function cheapestOrder(
  a: Term,
  b: Term,
  shared: readonly number[],
  rows: readonly number[],
  columns: readonly number[],
  needed: ReadonlySet<number>,
): { batch: number[]; depth: number[] } {
  const sharedInB = b.labels.filter((label) => shared.includes(label));
  let best = { batch: [] as number[], depth: [] as number[], copied: Infinity };
  for (const batchOrder of [shared, sharedInB]) {
    for (const depthOrder of [shared, sharedInB]) {
      const batch = batchOrder.filter((label) => needed.has(label));
      const depth = depthOrder.filter((label) => !needed.has(label));
      const aFits = sameOrder(a.labels, [...batch, ...rows, ...depth]) ||
        sameOrder(a.labels, [...batch, ...depth, ...rows]);
      const bFits = sameOrder(b.labels, [...batch, ...depth, ...columns]) ||
        sameOrder(b.labels, [...batch, ...columns, ...depth]);
      const copied = (aFits ? 0 : a.x.size) + (bFits ? 0 : b.x.size);
      if (copied < best.copied) best = { batch, depth, copied };
    }
  }
  return best;
}

/** Multiplies an operand by one whose labels it all has. */
function scale(x: Term, by: Term): Term {
  const order = x.labels.filter((label) => by.labels.includes(label));
  const factor = inOrder(by, order);
  const shape = x.labels.map((label) => {
    const axis = order.indexOf(label);
    return axis < 0 ? 1 : factor.shape[axis]!;
  });
  return { x: x.x.mul(factor.reshape(shape)), labels: x.labels };
}
