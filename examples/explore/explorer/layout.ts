/** A small layered layout: operands above what is computed from them. */

/** A box and the boxes above that it takes. */
export interface Box {
  readonly id: number;
  readonly operands: readonly number[];
}

/** Where the middle of a box stands. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Distances between the middles of boxes. */
export interface Spacing {
  readonly across: number;
  readonly down: number;
}

/** Rounds in which boxes are moved below and above their neighbours. */
const ROUNDS = 8;

/** Places of boxes, by their ids, from 0 on; boxes stand in the order of a tape. */
export function layOut(boxes: readonly Box[], { across, down }: Spacing): Map<number, Place> {
  const layers = layersOf(boxes);
  const users = new Map<number, number[]>();
  for (const { id, operands } of boxes) {
    for (const operand of operands) users.set(operand, [...users.get(operand) ?? [], id]);
  }
  const operandsOf = new Map(boxes.map(({ id, operands }) => [id, operands]));
  const x = new Map<number, number>();
  for (const layer of layers) layer.forEach((id, i) => x.set(id, i * across));
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? layers : layers.toReversed();
    for (const layer of order) {
      const near = round % 2 === 0 ? operandsOf : users;
      const wanted = new Map(layer.map((id) => {
        const others = near.get(id) ?? [];
        const mean = others.reduce((sum, other) => sum + x.get(other)!, 0) / others.length;
        return [id, others.length === 0 ? x.get(id)! : mean];
      }));
      layer.sort((a, b) => wanted.get(a)! - wanted.get(b)! || a - b);
      spreadOut(layer, wanted, across).forEach((place, i) => x.set(layer[i]!, place));
    }
  }
  const left = Math.min(...x.values());
  return new Map(
    layers.flatMap((layer, level) => layer.map((id) => [id, { x: x.get(id)! - left, y: level * down }])),
  );
}

/** Layers from the top: each box one below its lowest operand; leaves stand right above what takes them first. */
function layersOf(boxes: readonly Box[]): number[][] {
  const level = new Map<number, number>();
  for (const { id, operands } of boxes) {
    level.set(
      id,
      operands.length === 0 ? 0 : 1 + Math.max(...operands.map((operand) => level.get(operand)!)),
    );
  }
  for (const { id, operands } of boxes.toReversed()) {
    if (operands.length > 0) continue;
    const below = boxes.filter((box) => box.operands.includes(id)).map((box) => level.get(box.id)!);
    if (below.length > 0) level.set(id, Math.min(...below) - 1);
  }
  const layers: number[][] = [];
  for (const { id } of boxes) (layers[level.get(id)!] ??= []).push(id);
  return Array.from(layers, (layer) => layer ?? []);
}

/** Places as near to the wanted ones as their order and distance allow. */
function spreadOut(
  layer: readonly number[],
  wanted: ReadonlyMap<number, number>,
  distance: number,
): number[] {
  // Boxes that would overlap stand side by side around the middle of what they want.
  const blocks: { sum: number; count: number }[] = [];
  const start = ({ sum, count }: { sum: number; count: number }): number =>
    sum / count - (count - 1) / 2 * distance;
  for (const id of layer) {
    let block = { sum: wanted.get(id)!, count: 1 };
    while (blocks.length > 0) {
      const before = blocks.at(-1)!;
      if (start(before) + before.count * distance <= start(block)) break;
      blocks.pop();
      block = { sum: before.sum + block.sum, count: before.count + block.count };
    }
    blocks.push(block);
  }
  return blocks.flatMap((block) =>
    Array.from({ length: block.count }, (_, i) => start(block) + i * distance)
  );
}
