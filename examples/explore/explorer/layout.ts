/** A small layered layout: operands above what is computed from them, lines around the boxes in between. */

/** A box and the boxes above that it takes. */
export interface Box {
  readonly id: number;
  readonly operands: readonly number[];
}

/** Where a box, or a line that passes a layer, stands. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Distances between the middles of boxes. */
export interface Spacing {
  readonly across: number;
  readonly down: number;
}

/** Places of boxes by their ids, from 0 on, and the ways of lines. */
export interface Layout {
  readonly places: ReadonlyMap<number, Place>;
  /** Where the line from a box to one that takes it passes the layers in between, from above; in the same measure. */
  route(from: number, to: number): readonly Place[];
  /** The largest place of boxes and lines across. */
  readonly width: number;
}

/** Something that stands in a layer: a box, or a line that passes it. */
interface Node {
  readonly isBox: boolean;
  readonly layer: number;
  readonly above: Node[];
  readonly below: Node[];
  x: number;
}

/** Rounds in which boxes are moved below and above their neighbours. */
const ROUNDS = 8;
/** The room for a line that passes a layer, as a share of a box's. */
const LINE = 0.3;

/** Lays out boxes that stand in the order of a tape. */
export function layOut(boxes: readonly Box[], { across, down }: Spacing): Layout {
  const level = levelsOf(boxes);
  const nodes = new Map<number, Node>();
  /** For each box, the node in each layer below it from which lines go on: itself, then one line for all that take it. */
  const lines = new Map<number, Node[]>();
  const layers: Node[][] = [];
  const add = (layer: number, isBox: boolean): Node => {
    const node: Node = { isBox, layer, above: [], below: [], x: 0 };
    (layers[layer] ??= []).push(node);
    return node;
  };
  const join = (above: Node, below: Node): void => {
    above.below.push(below);
    below.above.push(above);
  };
  for (const { id } of boxes) {
    const node = add(level.get(id)!, true);
    nodes.set(id, node);
    lines.set(id, [node]);
  }
  for (const { id, operands } of boxes) {
    const node = nodes.get(id)!;
    for (const operand of operands) {
      const line = lines.get(operand)!;
      while (line.at(-1)!.layer < node.layer - 1) {
        const next = add(line.at(-1)!.layer + 1, false);
        join(line.at(-1)!, next);
        line.push(next);
      }
      join(line[node.layer - 1 - line[0]!.layer]!, node);
    }
  }
  const room = ({ isBox }: Node): number => isBox ? across : LINE * across;
  for (const layer of layers) layer.forEach((node, i) => node.x = i * across);
  for (let round = 0; round < ROUNDS; round++) {
    const isDown = round % 2 === 0;
    for (const layer of isDown ? layers : layers.toReversed()) {
      const wanted = new Map(layer.map((node) => {
        const near = isDown ? node.above : node.below;
        return [node, near.length === 0 ? node.x : near.reduce((sum, { x }) => sum + x, 0) / near.length];
      }));
      layer.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
      spreadOut(layer.map((node) => wanted.get(node)!), layer.map(room)).forEach((x, i) => layer[i]!.x = x);
    }
  }
  const left = Math.min(...layers.flat().map(({ x }) => x));
  const placeOf = ({ x, layer }: Node): Place => ({ x: x - left, y: layer * down });
  return {
    places: new Map(Array.from(nodes, ([id, node]) => [id, placeOf(node)])),
    route: (from, to) => lines.get(from)!.slice(1, level.get(to)! - level.get(from)!).map(placeOf),
    width: Math.max(...layers.flat().map(({ x }) => x)) - left,
  };
}

/** Layers from the top: each box one below its lowest operand; leaves stand right above what takes them first. */
function levelsOf(boxes: readonly Box[]): Map<number, number> {
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
  return level;
}

/** Places as near to the wanted ones as their order and the room of each allow: least squares, by pooling neighbours. */
function spreadOut(wanted: readonly number[], rooms: readonly number[]): number[] {
  let offset = 0;
  const offsets = rooms.map((room, i) => offset += i === 0 ? 0 : (room + rooms[i - 1]!) / 2);
  const blocks: { sum: number; count: number }[] = [];
  for (const [i, place] of wanted.entries()) {
    let block = { sum: place - offsets[i]!, count: 1 };
    while (blocks.length > 0 && blocks.at(-1)!.sum / blocks.at(-1)!.count > block.sum / block.count) {
      const before = blocks.pop()!;
      block = { sum: before.sum + block.sum, count: before.count + block.count };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ sum, count }) => Array<number>(count).fill(sum / count)).map((x, i) =>
    x + offsets[i]!
  );
}
