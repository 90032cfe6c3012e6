/// <reference lib="dom" />
/** The graph: a box for each row, values going down, adjoints coming up. */
import type { Value } from "../../../mod.ts";
import { draw } from "../dom.ts";
import { mapOf } from "./heat.ts";
import { layOut, type Place } from "./layout.ts";
import { brief, isFinite, writeShape } from "./values.ts";
import type { Moves, Scene } from "./scene.ts";

const SIGNS: { readonly [operation: string]: string } = { add: "+", sub: "−", mul: "×", div: "÷", neg: "−" };
/** Boxes of numbers, and those of tapes on which there are arrays. */
const SIZES = [{ width: 118, height: 54 }, { width: 160, height: 68 }] as const;
/** Pixels above the row in hand that should be in sight: what it hands on. */
const ABOVE = 70;
/** Pixels between boxes. */
const GAP = { across: 22, down: 30 } as const;

/** Makes the drawing. */
export function makeGraph(
  moves: Moves,
  isCalm: boolean,
): { element: SVGElement; show(scene: Scene): void; look(row: number | undefined): void } {
  const graph = draw("svg", { role: "img", "aria-label": "Graph; the table beside it says the same" });
  const show = (scene: Scene): void => {
    const { totals, current, fresh } = scene;
    const { rows, hasArrays } = scene.trace;
    const BOX = SIZES[hasArrays ? 1 : 0];
    const { places, route, width: farthest } = layOut(
      rows.map(({ row, operands }) => ({ id: row, operands })),
      {
        across: BOX.width + GAP.across,
        down: BOX.height + GAP.down,
      },
    );
    const width = farthest + BOX.width + 8;
    const height = Math.max(...[...places.values()].map(({ y }) => y)) + BOX.height + 8;
    graph.setAttribute("viewBox", `-4 -4 ${width} ${height}`);
    // Never below four fifths of its size: beyond that it scrolls.
    Object.assign(graph.style, {
      minWidth: `${0.8 * width}px`,
      minHeight: `${0.8 * height}px`,
      maxWidth: `${1.15 * width}px`,
      maxHeight: `${1.15 * height}px`,
    });
    const middle = (row: number): { x: number; y: number } => {
      const { x, y } = places.get(row)!;
      return { x: x + BOX.width / 2, y: y + BOX.height / 2 };
    };
    const labels: SVGElement[] = [];
    const edges = scene.trace.rows.flatMap(({ row, operands }) =>
      row >= scene.moment ? [] : operands.map((operand, place) => {
        const [from, to] = [middle(operand), middle(row)];
        const isTwin = operands.indexOf(operand) !== place;
        const shift = isTwin ? 14 : operands.filter((each) => each === operand).length > 1 ? -14 : 0;
        const part = fresh.find((each) => each.from === row && each.place === place);
        const isWalked = scene.trace.steps.slice(0, scene.walked).some((each) => each.row === row);
        const way = route(operand, row).map(({ x, y }) => ({ x: x + BOX.width / 2 + shift, y }));
        const line = draw("path", {
          d: pathOf({ x: from.x + shift, y: from.y }, way, { x: to.x + shift, y: to.y }, BOX.height),
          class: part === undefined ? isWalked ? "edge walked" : "edge" : "edge fresh",
        });
        if (part === undefined) return line;
        // Of two edges between the same boxes, each has its number on its own side.
        // It stands on the last piece of the line, beside the row in hand.
        const last = way.at(-1) ?? { x: from.x + shift, y: from.y - BOX.height / 2 };
        const isLeft = shift === 0 ? to.x > last.x : shift < 0;
        labels.push(draw("text", {
          x: (last.x + to.x + shift) / 2 + (isLeft ? -8 : 8),
          y: (last.y + to.y + BOX.height / 2) / 2 + 4,
          "text-anchor": isLeft ? "end" : "start",
          class: `handed${isCalm ? "" : " moving"}`,
        }, brief(part.value, 3, 12)));
        return line;
      })
    );
    const boxes = scene.trace.rows.filter(({ row }) => row < scene.moment).map((row) => {
      const { x, y } = places.get(row.row)!;
      const adjoint = totals.get(row.row);
      return draw(
        "g",
        {
          class: `box ${row.kind}${row.row === current ? " current" : ""}${
            row.row === scene.looking ? " looked" : ""
          }${row.isUsed ? "" : " aside"}`,
          "data-row": row.row,
          transform: `translate(${x} ${y})`,
          onclick: () => moves.walkTo(row.row),
          onpointerenter: () => moves.look(row.row),
          onpointerleave: () => moves.look(undefined),
        },
        draw("rect", { width: BOX.width, height: BOX.height, rx: 8 }),
        ...adjoint === undefined ? [] : [
          draw("rect", {
            class: "tint",
            x: BOX.width / 2,
            y: 25,
            width: BOX.width / 2 - 2,
            height: BOX.height - 28,
            rx: 5,
          }),
        ],
        draw(
          "text",
          { x: 10, y: 20, class: "title" },
          row.name ?? SIGNS[row.operation] ?? (row.kind === "constant" ? "constant" : row.operation),
          ...typeof row.value === "number"
            ? []
            : [draw("tspan", { class: "shape", dx: 7 }, writeShape(row.value))],
        ),
        draw("text", { x: BOX.width - 9, y: 18, "text-anchor": "end", class: "row" }, String(row.row)),
        ...typeof row.value === "number" && (adjoint === undefined || typeof adjoint === "number")
          ? numbersIn(row.value, adjoint, BOX, scene.asked?.to === row.row)
          : [
            ...held(row.value, "value", BOX),
            ...adjoint === undefined ? [] : held(adjoint, "adjoint", BOX, scene.asked?.to === row.row),
          ],
      );
    });
    graph.replaceChildren(...edges, ...labels, ...boxes);
    follow();
  };
  /** Scrolls so far that the box of the row in hand is in sight. */
  function follow(): void {
    const [box, frame] = [graph.querySelector(".box.current"), graph.parentElement];
    if (box === null || frame === null) return;
    const [inner, outer] = [box.getBoundingClientRect(), frame.getBoundingClientRect()];
    const beyond = (low: number, high: number, from: number, to: number): number =>
      low < from || high > to ? (low + high - from - to) / 2 : 0;
    const [left, top] = [
      beyond(inner.left, inner.right, outer.left, outer.right),
      beyond(inner.top - ABOVE, inner.bottom, outer.top, outer.bottom),
    ];
    if (left === 0 && top === 0) return;
    frame.scrollBy({ left, top, behavior: isCalm ? "instant" : "smooth" });
  }
  /** Marks the box of a row that is looked at. */
  function look(row: number | undefined): void {
    for (const box of graph.querySelectorAll<SVGGElement>(".box")) {
      box.classList.toggle("looked", row !== undefined && box.dataset["row"] === String(row));
    }
  }
  return { element: graph, show, look };
}

/** Characters that both numbers of a box may have together: as they are, in small letters, and at all. */
const [ROOM, SMALL_ROOM] = [12, 13];

/** A number on the left of its box and its adjoint on the right, with fewer digits where there is no room. */
function numbersIn(
  value: number,
  adjoint: number | undefined,
  box: { readonly width: number; readonly height: number },
  isAsked: boolean,
): SVGElement[] {
  const write = (digits: number): readonly [string, string] => [
    brief(value, digits),
    isAsked ? "?" : adjoint === undefined ? "" : brief(adjoint, digits),
  ];
  const fits = (room: number) => (texts: readonly [string, string]): boolean => texts.join("").length <= room;
  const all = [3, 2, 1].map(write);
  const small = fits(ROOM)(all[0]!) ? "" : " small";
  const texts = all.find(fits(SMALL_ROOM)) ?? all.at(-1)!;
  return [value, adjoint].flatMap((number, i) =>
    number === undefined ? [] : [draw("text", {
      x: i === 0 ? 10 : box.width - 9,
      y: (box.height + 34) / 2,
      "text-anchor": i === 0 ? "start" : "end",
      class: `${i === 0 ? "value" : "adjoint"}${Number.isFinite(number) ? "" : " bad"}${small}`,
    }, texts[i]!)]
  );
}

/** A value on the left of its box or an adjoint on the right: a number, or an array's map with its first elements. */
function held(
  value: Value,
  kind: "value" | "adjoint",
  box: { readonly width: number; readonly height: number },
  isAsked = false,
): SVGElement[] {
  const isLeft = kind === "value";
  const bad = isFinite(value) ? "" : " bad";
  const text = (y: number, digits: number, size = ""): SVGElement =>
    draw("text", {
      x: isLeft ? 10 : box.width - 9,
      y,
      "text-anchor": isLeft ? "start" : "end",
      class: `${kind}${bad}${size}`,
    }, isAsked ? "?" : brief(value, digits, 10));
  if (typeof value === "number" || isAsked) return [text((box.height + 34) / 2, 3)];
  const map = mapOf(value, { width: box.width / 2 - 18, height: 20 });
  map.setAttribute("class", `map ${kind}${bad}`);
  map.setAttribute("x", String(isLeft ? 10 : box.width - 9 - Number(map.getAttribute("width"))));
  map.setAttribute("y", "27");
  return [map, text(box.height - 8, 2, " small")];
}

/** A line from below a box to above another, straight down through each layer that it passes. */
function pathOf(from: Place, way: readonly Place[], to: Place, height: number): string {
  const half = height / 2;
  let [x, y] = [from.x, from.y + half];
  const path = [`M${x} ${y}`];
  if (way.length === 0) return `${path[0]!}L${to.x} ${to.y - half}`;
  for (const next of [...way, { x: to.x, y: to.y - half }]) {
    const middle = (y + next.y) / 2;
    path.push(`C${x} ${middle} ${next.x} ${middle} ${next.x} ${next.y}`);
    [x, y] = [next.x, next.y + height];
    path.push(`V${y}`);
  }
  path.pop(); // The last piece ends at the box.
  return path.join("");
}
