/// <reference lib="dom" />
/** Maps of numbers as colours, and the line between the classes. */
import { colorOf } from "../dom.ts";
import { GRID } from "./messages.ts";

type Color = readonly [red: number, green: number, blue: number];

/** The colours of both classes, and the paper between them. */
export interface Palette {
  readonly zero: Color;
  readonly one: Color;
  readonly paper: Color;
}

const LIGHT: Palette = { zero: [236, 155, 92], one: [98, 148, 214], paper: [255, 255, 255] };
const DARK: Palette = { zero: [178, 98, 40], one: [52, 102, 170], paper: [27, 30, 36] };

/** Whether the page is dark, by its button or by the system. */
export function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
}

/** The colours of the theme. */
export function palette(): Palette {
  return isDark() ? DARK : LIGHT;
}

/** Draws numbers from -1 to 1 as colours. */
export function paint(canvas: HTMLCanvasElement, value: (i: number) => number): void {
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(GRID, GRID);
  const { zero, one, paper } = palette();
  for (let i = 0; i < GRID * GRID; i++) {
    const at = Math.max(-1, Math.min(1, value(i)));
    const color = at < 0 ? zero : one;
    const share = Math.abs(at);
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = paper[k]! + share * (color[k]! - paper[k]!);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** The line on which the output is one half, by marching squares. */
export function drawBoundary(
  context: CanvasRenderingContext2D,
  value: (i: number) => number,
  size: number,
): void {
  const at = (column: number, line: number): number => value(line * GRID + column);
  const cell = size / GRID;
  context.beginPath();
  for (let line = 0; line + 1 < GRID; line++) {
    for (let column = 0; column + 1 < GRID; column++) {
      const corners = [
        at(column, line),
        at(column + 1, line),
        at(column + 1, line + 1),
        at(column, line + 1),
      ];
      const ends: [number, number][] = [];
      corners.forEach((a, k) => {
        const b = corners[(k + 1) % 4]!;
        if ((a < 0) === (b < 0)) return;
        const t = a / (a - b);
        const [dx, dy] = [[t, 0], [1, t], [1 - t, 1], [0, 1 - t]][k] as [number, number];
        ends.push([(column + 0.5 + dx) * cell, (line + 0.5 + dy) * cell]);
      });
      for (let k = 0; k + 1 < ends.length; k += 2) {
        context.moveTo(...ends[k]!);
        context.lineTo(...ends[k + 1]!);
      }
    }
  }
  context.strokeStyle = isDark() ? "#fff" : "#1d1c1a";
  context.lineWidth = 2;
  context.stroke();
}

/** Draws a small picture of points, or a plus where there are none. */
export function drawThumb(
  thumb: HTMLCanvasElement,
  points: { x: readonly number[]; y: readonly number[]; label: readonly number[] },
): void {
  const context = thumb.getContext("2d")!;
  const [one, other] = [colorOf("--value"), colorOf("--adjoint")];
  context.clearRect(0, 0, thumb.width, thumb.height);
  points.x.forEach((x, i) => {
    context.fillStyle = points.label[i] === 1 ? one : other;
    context.fillRect(28 + 20 * x - 1, 22 - 20 * points.y[i]! - 1, 2, 2);
  });
  if (points.x.length > 0) return;
  context.fillStyle = colorOf("--soft");
  context.fillRect(20, 21, 16, 2);
  context.fillRect(27, 14, 2, 16);
}
