/// <reference lib="dom" />
/** Arrays as pictures: a small map for a row, and a table of the numbers with shades. */
import type { NdArray } from "../../../mod.ts";
import { draw, make } from "../dom.ts";
import { write } from "../numbers.ts";
import { gridOf } from "./values.ts";

/** More lines and columns than these are not drawn. */
const [MOST_DRAWN, MOST_LINES, MOST_COLUMNS] = [8, 4, 6];

/**
 * A square for each element, as large as its size says: full where it is positive, hollow where it is negative, a cross
 * where it is not finite. It takes the colour of the text around it.
 *
 * @param room Pixels that it may fill
 */
export function mapOf(
  value: NdArray,
  room: { readonly width: number; readonly height: number },
): SVGSVGElement {
  const { lines, columns } = gridOf(value);
  const [down, across] = [Math.min(lines, MOST_DRAWN), Math.min(columns, MOST_DRAWN)];
  const cell = Math.max(3, Math.min(12, Math.floor(room.height / down), Math.floor(room.width / across)));
  const largest = largestOf(value);
  const [width, height] = [across * cell + 1, down * cell + 1];
  const map = draw("svg", {
    class: "map",
    width,
    height,
    viewBox: `-0.5 -0.5 ${width} ${height}`,
    "aria-hidden": "true",
  });
  for (let line = 0; line < down; line++) {
    for (let column = 0; column < across; column++) {
      const element = value.data[line * columns + column]!;
      map.append(
        draw("rect", { class: "cell", x: column * cell, y: line * cell, width: cell, height: cell }),
        markOf(element, Math.abs(element) / largest, (column + 0.5) * cell, (line + 0.5) * cell, cell - 2),
      );
    }
  }
  return map;
}

function markOf(element: number, share: number, x: number, y: number, room: number): SVGElement {
  if (!Number.isFinite(element)) {
    const half = room / 2;
    return draw("path", {
      class: "bad",
      d: `M${x - half} ${y - half}l${room} ${room}m${-room} 0l${room} ${-room}`,
    });
  }
  const side = element === 0 ? 0 : Math.max(1.5, room * Math.sqrt(share));
  // The line of a hollow square lies within it.
  const inset = element < 0 ? Math.min(1.2, side / 2) : 0;
  return draw("rect", {
    class: element < 0 ? "minus" : "plus",
    x: x - side / 2 + inset / 2,
    y: y - side / 2 + inset / 2,
    width: Math.max(0, side - inset),
    height: Math.max(0, side - inset),
    "stroke-width": inset,
  });
}

/** The numbers of an array as a table, the darker the larger. */
export function tableOf(value: NdArray, kind: "value" | "adjoint"): HTMLElement {
  const { lines, columns } = gridOf(value);
  const largest = largestOf(value);
  const cellAt = (line: number, column: number): HTMLElement => {
    const element = value.data[line * columns + column]!;
    const share = Number.isFinite(element) ? Math.abs(element) / largest : 0;
    return make("td", {
      class: Number.isFinite(element) ? "" : "bad",
      style: `--share: ${Math.round(28 * share)}%`,
    }, write(element));
  };
  const body = Array.from({ length: Math.min(lines, MOST_LINES) }, (_, line) =>
    make(
      "tr",
      {},
      ...Array.from({ length: Math.min(columns, MOST_COLUMNS) }, (_, column) => cellAt(line, column)),
      ...columns > MOST_COLUMNS ? [make("td", { class: "more" }, "…")] : [],
    ));
  const more = lines > MOST_LINES ? [make("tr", {}, make("td", { class: "more" }, "…"))] : [];
  return make("table", { class: `heat ${kind}` }, make("tbody", {}, ...body, ...more));
}

/** The size of the largest finite element, 1 if all are 0. */
function largestOf({ data }: NdArray): number {
  let largest = 0;
  for (const element of data) if (Number.isFinite(element)) largest = Math.max(largest, Math.abs(element));
  return largest || 1;
}
