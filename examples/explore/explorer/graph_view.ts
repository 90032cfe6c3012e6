/// <reference lib="dom" />
/** The graph: a box for each row, values going down, adjoints coming up. */
import { draw } from "./dom.ts";
import { layOut } from "./layout.ts";
import { write } from "./numbers.ts";
import type { Moves, Scene } from "./scene.ts";

const SIGNS: { readonly [operation: string]: string } = { add: "+", sub: "−", mul: "×", div: "÷", neg: "−" };
const BOX = { width: 118, height: 54 } as const;
const SPACING = { across: 140, down: 84 } as const;

/** Makes the drawing. */
export function makeGraph(moves: Moves, isCalm: boolean): { element: SVGElement; show(scene: Scene): void } {
  const graph = draw("svg", { role: "img", "aria-label": "Graph; the table beside it says the same" });
  const show = (scene: Scene): void => {
    const { totals, current, fresh } = scene;
    const places = layOut(scene.trace.rows.map(({ row, operands }) => ({ id: row, operands })), SPACING);
    const width = Math.max(...[...places.values()].map(({ x }) => x)) + BOX.width + 8;
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
    const edges = scene.trace.rows.flatMap(({ row, operands }) =>
      row >= scene.moment ? [] : operands.map((operand, place) => {
        const [from, to] = [middle(operand), middle(row)];
        const isTwin = operands.indexOf(operand) !== place;
        const shift = isTwin ? 14 : operands.filter((each) => each === operand).length > 1 ? -14 : 0;
        const part = fresh.find((each) => each.from === row && each.place === place);
        const isWalked = scene.trace.steps.slice(0, scene.walked).some((each) => each.row === row);
        const line = draw("line", {
          x1: from.x + shift,
          y1: from.y + BOX.height / 2,
          x2: to.x + shift,
          y2: to.y - BOX.height / 2,
          class: part === undefined ? isWalked ? "edge walked" : "edge" : "edge fresh",
        });
        if (part === undefined) return line;
        // Of two edges between the same boxes, each has its number on its own side.
        const isLeft = shift === 0 ? to.x > from.x : shift < 0;
        const text = draw("text", {
          x: (from.x + to.x) / 2 + shift + (isLeft ? -8 : 8),
          y: (from.y + to.y) / 2 + 4,
          "text-anchor": isLeft ? "end" : "start",
          class: `handed${isCalm ? "" : " moving"}`,
        }, write(part.value, 3));
        return draw("g", {}, line, text);
      })
    );
    const boxes = scene.trace.rows.filter(({ row }) => row < scene.moment).map((row) => {
      const { x, y } = places.get(row.row)!;
      const adjoint = totals.get(row.row);
      const isBad = !Number.isFinite(row.value);
      return draw(
        "g",
        {
          class: `box ${row.kind}${row.row === current ? " current" : ""}${
            row.row === scene.looking ? " looked" : ""
          }${row.isUsed ? "" : " aside"}`,
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
            y: 28,
            width: BOX.width / 2 - 2,
            height: 23,
            rx: 5,
          }),
        ],
        draw(
          "text",
          { x: 10, y: 20, class: "title" },
          row.name ?? SIGNS[row.operation] ?? (row.kind === "constant" ? "constant" : row.operation),
        ),
        draw("text", { x: BOX.width - 9, y: 18, "text-anchor": "end", class: "row" }, String(row.row)),
        draw("text", { x: 10, y: 44, class: `value${isBad ? " bad" : ""}` }, write(row.value, 3)),
        ...adjoint === undefined ? [] : [
          draw("text", {
            x: BOX.width - 9,
            y: 44,
            "text-anchor": "end",
            class: `adjoint${Number.isFinite(adjoint) ? "" : " bad"}`,
          }, scene.asked?.to === row.row ? "?" : write(adjoint, 3)),
        ],
      );
    });
    graph.replaceChildren(...edges, ...boxes);
  };
  return { element: graph, show };
}
