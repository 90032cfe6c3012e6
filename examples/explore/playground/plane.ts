/// <reference lib="dom" />
/** The points of the plane, and the cross that keys move. */
import { palette } from "./painting.ts";
import type { Points } from "./points.ts";

/** Draws points: circles of class 1, diamonds of class 0. */
export function drawPoints(context: CanvasRenderingContext2D, points: Points, size: number): void {
  points.x.forEach((x, i) => {
    const [left, top] = [(x + 1) / 2 * size, (1 - points.y[i]!) / 2 * size];
    const isOne = points.label[i] === 1;
    context.beginPath();
    if (isOne) context.arc(left, top, 4.4, 0, 7);
    else {
      context.moveTo(left, top - 5.4);
      context.lineTo(left + 5.4, top);
      context.lineTo(left, top + 5.4);
      context.lineTo(left - 5.4, top);
      context.closePath();
    }
    context.fillStyle = isOne ? "rgb(20, 60, 120)" : "rgb(120, 48, 6)";
    context.strokeStyle = "white";
    context.lineWidth = 1;
    context.fill();
    context.stroke();
  });
}

/** Draws the cross at a place from -1 to 1. */
export function drawCross(
  context: CanvasRenderingContext2D,
  cross: readonly [x: number, y: number],
  size: number,
): void {
  const [left, top] = [(cross[0] + 1) / 2 * size, (1 - cross[1]) / 2 * size];
  context.strokeStyle = palette().paper[0] > 128 ? "black" : "white";
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(left - 9, top);
  context.lineTo(left + 9, top);
  context.moveTo(left, top - 9);
  context.lineTo(left, top + 9);
  context.stroke();
}

/** The cross after a key; undefined if it moves nothing. */
export function moveCross(
  cross: readonly [x: number, y: number],
  key: string,
): [x: number, y: number] | undefined {
  const moves: { readonly [key: string]: readonly [number, number] } = {
    ArrowLeft: [-0.05, 0],
    ArrowRight: [0.05, 0],
    ArrowUp: [0, 0.05],
    ArrowDown: [0, -0.05],
  };
  const move = moves[key];
  if (move === undefined) return undefined;
  const [x, y] = cross.map((place, axis) => Math.max(-1, Math.min(1, place + move[axis]!)));
  return [x!, y!];
}
