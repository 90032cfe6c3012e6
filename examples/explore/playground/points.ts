/** The data sets of the playground: points of two classes in a square from -1 to 1. */
import { makeBlobs, makeCircles, makeMoons, makeSpirals } from "../../../src/data/generators.ts";

/** Points with their classes, 0 or 1. */
export interface Points {
  readonly x: number[];
  readonly y: number[];
  readonly label: number[];
}

/** The names of the data sets; the last one is set by hand. */
export const SETS = ["moons", "circles", "spirals", "checkers", "blobs", "own"] as const;
export type SetName = (typeof SETS)[number];

const COUNT = 200;

/** Makes a data set. */
export function makePoints(set: SetName, noise: number, seed: number): Points {
  if (set === "own") return { x: [], y: [], label: [] };
  if (set === "checkers") return checkers(noise, seed);
  const made = {
    moons: () => makeMoons({ count: COUNT, noise, seed }),
    circles: () => makeCircles({ count: COUNT, noise: noise / 2, seed }),
    spirals: () => makeSpirals({ count: COUNT, noise: noise / 5, seed }),
    blobs: () => makeBlobs({ count: COUNT, classes: 2, seed }),
  }[set]();
  return fitted(made.features.data, made.labels.data);
}

function checkers(noise: number, seed: number): Points {
  let state = seed * 2654435761 % 2 ** 31 || 1;
  const draw = (): number => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 30 - 1;
  const points: Points = { x: [], y: [], label: [] };
  for (let i = 0; i < COUNT; i++) {
    const [x, y] = [draw(), draw()];
    points.label.push(Number(x * y > 0));
    points.x.push(0.92 * x + noise / 3 * draw());
    points.y.push(0.92 * y + noise / 3 * draw());
  }
  return points;
}

/** Brings points into the square. */
function fitted(features: ArrayLike<number>, labels: ArrayLike<number>): Points {
  const axes = [0, 1].map((axis) => {
    const list = Array.from({ length: labels.length }, (_, i) => features[2 * i + axis]!);
    const [low, high] = [Math.min(...list), Math.max(...list)];
    return { list, middle: (low + high) / 2, half: (high - low) / 2 };
  });
  const half = Math.max(...axes.map((axis) => axis.half)) / 0.85;
  const [x, y] = axes.map(({ list, middle }) => list.map((value) => (value - middle) / half));
  return { x: x!, y: y!, label: Array.from(labels) };
}
