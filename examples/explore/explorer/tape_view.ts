/// <reference lib="dom" />
/** The tape: a table of rows, arcs to what they read, and the gradient below. */
import type { Value } from "../../../mod.ts";
import { draw, make } from "../dom.ts";
import { write } from "../numbers.ts";
import { type Moves, numberIn, type Scene } from "./scene.ts";

const HEADS = ["row", "operation", "name", "value ↓", "parts", "adjoint ↑"];
/** Pixels of a row, and of the heads above. */
const [HEIGHT, TOP] = [33, 34];

/** The parts of the panel. */
export interface TapeView {
  readonly count: HTMLElement;
  readonly table: HTMLElement;
  readonly strip: HTMLElement;
  show(scene: Scene): void;
  /** Marks the row that is looked at, and its arcs. */
  look(scene: Scene): void;
}

/** Makes the panel. */
export function makeTape(moves: Moves): TapeView {
  const count = make("span", { class: "soft" });
  const body = make("tbody");
  const arcs = draw("svg", { class: "arcs", "aria-hidden": "true" });
  const strip = make("div", { class: "strip", "aria-label": "Gradient of f" });
  const heads = make("tr", {}, ...HEADS.map((text) => make("th", { scope: "col" }, text)));
  const table = make(
    "div",
    { class: "scroll rows", tabindex: 0, role: "region", "aria-label": "Rows of the tape" },
    arcs,
    make("table", {}, make("thead", {}, heads), body),
  );
  const show = (scene: Scene): void => {
    const { totals, arrived, done, current } = scene;
    const bad = scene.trace.firstBad;
    count.textContent = bad === undefined
      ? `${scene.rowCount} rows, ${variableCount(scene)} variable${variableCount(scene) === 1 ? "" : "s"}`
      : `the first ${firstBadOf(scene.trace.rows[bad]!.value)} is in row ${bad}`;
    count.classList.toggle("bad", bad !== undefined);
    body.replaceChildren(...scene.trace.rows.map((row) => {
      const isRecorded = row.row < scene.moment;
      const adjoint = totals.get(row.row);
      const isAsked = scene.asked?.to === row.row;
      const cells = [
        make("td", {}, String(row.row)),
        make(
          "td",
          { class: "operation" },
          make(
            "b",
            { class: row.name === undefined ? "" : row.kind },
            row.kind === "operation" ? row.operation : row.kind,
          ),
          row.operands.length > 0
            ? make("small", { class: "operands" }, ` ${row.operands.map((r) => `%${r}`).join(" ")}`)
            : "",
          row.group === undefined ? "" : make("small", { class: "group" }, row.group),
          row.name === undefined ? "" : make("small", { class: "also" }, ` ${row.name}`),
        ),
        make("td", {}, make("b", {}, row.name ?? "")),
        numberIn("td", "value", isRecorded ? row.value : undefined),
        make(
          "td",
          { class: "parts" },
          isRecorded ? rings(scene.countOf(row), arrived.get(row.row) ?? 0) : "",
        ),
        isAsked ? make("td", { class: "adjoint asked" }, "?") : numberIn(
          "td",
          `adjoint${done.has(row.row) || (arrived.get(row.row) ?? 0) === scene.countOf(row) ? " whole" : ""}`,
          adjoint,
        ),
      ];
      return make("tr", {
        "data-row": row.row,
        class: [
          isRecorded ? "" : "unborn",
          row.isUsed ? "" : "aside",
          scene.looking === row.row ? "looked" : "",
        ]
          .join(" "),
        "aria-current": row.row === current ? "step" : undefined,
        onclick: () => moves.walkTo(row.row),
        onpointerenter: () => moves.look(row.row),
        onpointerleave: () => moves.look(undefined),
      }, ...cells);
    }));
    showArcs(scene);
    const line = body.querySelector<HTMLElement>("[aria-current]");
    const box = body.closest<HTMLElement>(".scroll")!;
    if (
      line !== null &&
      (line.offsetTop < box.scrollTop + 34 || line.offsetTop + 34 > box.scrollTop + box.clientHeight)
    ) {
      box.scrollTop = line.offsetTop - box.clientHeight / 2;
    }
    showStrip(scene);
  };

  /** Arcs from each row to its operands; all point up, which is the topological order. */
  function showArcs(scene: Scene): void {
    const { current } = scene;
    const middle = (row: number): number => TOP + (row + 0.5) * HEIGHT;
    arcs.setAttribute("height", String(TOP + scene.rowCount * HEIGHT));
    arcs.replaceChildren(
      ...scene.trace.rows.flatMap(({ row, operands }) =>
        row >= scene.moment ? [] : operands.map((operand, place) => {
          const depth = Math.min(44, 6 + 5 * (row - operand));
          const side = 52 - place * 3;
          const isNow = row === current || row === scene.looking || operand === scene.looking;
          return draw("path", {
            d: `M${side} ${middle(row)} C${side - depth} ${middle(row)} ${side - depth} ${
              middle(operand)
            } ${side} ${middle(operand)}`,
            class: isNow ? scene.moment > scene.rowCount ? "now back" : "now" : "",
          });
        })
      ),
    );
  }

  function showStrip(scene: Scene): void {
    const { totals, arrived } = scene;
    strip.replaceChildren(
      make("span", { class: "soft" }, "gradient of f"),
      ...scene.trace.rows.filter(({ kind }) => kind === "variable").map((row) => {
        const isWhole = scene.moment >= scene.rowCount && (arrived.get(row.row) ?? 0) === scene.countOf(row);
        const value = totals.get(row.row) ?? 0;
        return make(
          "span",
          {},
          make("b", {}, row.name ?? ""),
          " ",
          isWhole ? numberIn("span", "adjoint", value) : "…",
        );
      }),
    );
  }

  return {
    count,
    table,
    strip,
    show,
    look(scene) {
      for (const line of body.children) {
        line.classList.toggle("looked", Number((line as HTMLElement).dataset["row"]) === scene.looking);
      }
      showArcs(scene);
    },
  };
}

function firstBadOf(value: Value): string {
  const elements = typeof value === "number" ? [value] : value.data;
  return write(elements.find((x) => !Number.isFinite(x)) ?? NaN);
}

function variableCount({ trace }: Scene): number {
  return trace.rows.filter(({ kind }) => kind === "variable").length;
}

/** A ring for each part that a row gets, filled when it has come in. */
function rings(all: number, filled: number): string {
  return all > 5
    ? `${filled}/${all}`
    : "●".repeat(Math.min(filled, all)) + "○".repeat(Math.max(0, all - filled));
}
