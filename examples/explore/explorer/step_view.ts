/// <reference lib="dom" />
/** The step in hand, told in words: the rule at each operand, what is handed on, and how it adds up. */
import type { NdArray, Value } from "../../../mod.ts";
import { make, type Page } from "../dom.ts";
import { mapOf, tableOf } from "./heat.ts";
import { bracket, minus, write } from "../numbers.ts";
import { questionOf } from "./question.ts";
import { type Moves, numberIn, type Scene } from "./scene.ts";
import type { Part, Row } from "./trace.ts";
import { brief, elementAt, largestPlace, writeIndex, writeShape } from "./values.ts";

/**
 * Makes the panel.
 *
 * @param onRight Is called when a prediction is right; with whether it was at once, without a hint
 */
export function makeStep(
  moves: Moves,
  page: Page,
  onRight: (isUnaided: boolean) => void,
): { element: HTMLElement; show(scene: Scene): void; look(row: number | undefined): void } {
  const who = make("div", { class: "who" });
  const cards = make("div", { class: "cards" });
  function show(scene: Scene): void {
    const { asked, current } = scene;
    if (asked !== undefined) {
      const row = scene.trace.rows[asked.from]!;
      const { adjoint } = scene.trace.steps[scene.walked]!;
      who.replaceChildren(
        make("h3", {}, `Row ${row.row}: ${row.operation}`),
        make("p", { class: "formula" }, ...formulaOf(scene, row)),
        make("p", {}, "Its adjoint is ", numberIn("span", "adjoint", adjoint), "."),
      );
      cards.replaceChildren(questionOf(scene, asked, page, (isUnaided) => {
        onRight(isUnaided);
        who.append(make("p", { class: "right" }, "✓ right"));
      }));
      return;
    }
    if (current === undefined) {
      who.replaceChildren(
        make("h3", {}, "An empty tape"),
        make("p", {}, "Each operation of f appends one row, below those it reads."),
      );
      cards.replaceChildren();
      return;
    }
    const row = scene.trace.rows[current]!;
    const name = row.name === undefined ? "" : ` ${row.name}`;
    who.replaceChildren(
      make("h3", {}, `Row ${current}: ${row.kind === "operation" ? row.operation : row.kind}${name}`),
    );
    if (scene.moment <= scene.rowCount) {
      who.append(...recordingText(scene, row));
      cards.replaceChildren(
        ...typeof row.value === "number" ? [] : [elementsOf("Its value", row.value, "value")],
      );
      page.announce(who.textContent ?? "");
      return;
    }
    const { adjoint, parts } = scene.trace.steps[scene.walked - 1]!;
    who.append(make("p", { class: "formula" }, ...formulaOf(scene, row)), ...walkText(scene, row, adjoint));
    cards.replaceChildren(...row.explanations.map((_, place) => cardOf(scene, row, place, parts, adjoint)));
    if (row.kind === "variable") {
      if (typeof adjoint !== "number") cards.append(elementsOf("The gradient by it", adjoint, "adjoint"));
      const index = largestPlace(adjoint);
      const change = write(elementAt(adjoint, index) * 0.01);
      const meaning = `If ${row.name}${
        writeIndex(adjoint, index)
      } grows by 0.01, f changes by about ${change}.`;
      cards.append(make("div", { class: "card passed" }, make("h4", {}, "What it means"), meaning));
    }
    page.announce(`${who.textContent} ${cards.textContent}`);
  }

  /** Marks the cards of what is handed to a row. */
  function look(row: number | undefined): void {
    for (const card of cards.children) {
      card.classList.toggle(
        "looked",
        row !== undefined && (card as HTMLElement).dataset["row"] === String(row),
      );
    }
  }

  function recordingText(scene: Scene, row: Row): HTMLElement[] {
    const formula = make("p", { class: "formula" }, ...formulaOf(scene, row));
    if (row.kind === "variable") {
      return [formula, make("p", {}, "A variable: a row without operands. f is differentiated by it.")];
    }
    if (row.kind === "constant") return [formula, make("p", {}, "A constant: the walk back passes it by.")];
    const operands = [...new Set(row.operands)].map((operand) => `row ${operand}`).join(" and ");
    const lines = [formula, make("p", {}, `It reads ${operands}: already there.`)];
    if (row.group !== undefined) lines.push(make("p", {}, `One of the rows of ${row.group}.`));
    return lines;
  }

  function formulaOf(scene: Scene, row: Row): (Node | string)[] {
    const label = (operand: number): string => scene.trace.rows[operand]!.name ?? `%${operand}`;
    const value = numberIn("span", "value", row.value, 14);
    if (row.operands.length === 0) return [`${row.name ?? "value"} = `, value];
    const sign = { add: "+", sub: "−", mul: "·", div: "/" }[row.operation];
    const values = row.operands.map((operand) => scene.trace.rows[operand]!.value);
    const text = (list: readonly string[]): string =>
      sign !== undefined ? `${list[0]} ${sign} ${list[1]}` : `${row.operation}(${list.join(", ")})`;
    const names = text(row.operands.map(label));
    // Arrays would make a long line: their maps are on the rows that they come from.
    if ([row.value, ...values].some((each) => typeof each !== "number")) return [`${names} = `, value];
    const isNamed = row.operands.some((operand) => scene.trace.rows[operand]!.name !== undefined);
    return [isNamed ? `${names} = ` : "", `${text(values.map((each) => brief(each)))} = `, value];
  }

  function walkText(scene: Scene, row: Row, adjoint: Value): HTMLElement[] {
    const shown = numberIn("span", "adjoint", adjoint);
    if (row.row === scene.trace.output) {
      return [make("p", {}, "The walk starts here: df/df = ", shown, ".")];
    }
    const got = scene.trace.steps.slice(0, scene.walked).flatMap(({ parts }) => parts).filter(({ to }) =>
      to === row.row
    );
    const sources = [...new Set(got.map((part) => part.from))].toSorted((a, b) => a - b);
    const from = `row${sources.length > 1 ? "s" : ""} ${sources.join(", ")}`;
    const count = got.length === 1 ? "" : ` ${got.length} parts`;
    const terms = got.map(({ value }) => brief(value)).join(" + ").replaceAll("+ −", "− ");
    const sum = typeof adjoint !== "number"
      ? [
        make(
          "p",
          {},
          "Its adjoint ",
          make("b", { class: "formula" }, "g"),
          `,${count} from ${from}: `,
          shown,
        ),
      ]
      : got.length === 1
      ? [make("p", {}, "Its adjoint is complete: ", shown, `, all from ${from}.`)]
      : [make("p", {}, `Its adjoint is complete,${count} added up: ${terms} = `, shown, ".")];
    sum.push(
      make(
        "p",
        { class: "soft" },
        `Used by row${row.users.length > 1 ? "s" : ""} ${
          [...new Set(row.users)].join(", ")
        }: walked already.`,
      ),
    );
    return sum;
  }

  function cardOf(
    scene: Scene,
    row: Row,
    place: number,
    parts: readonly Part[],
    adjoint: Value,
  ): HTMLElement {
    const { operand, name, rule, numbers, local } = row.explanations[place]!;
    const part = parts.find((each) => each.place === place);
    const target = scene.trace.rows[operand]!;
    const head = make("h4", {}, make("span", {}, "hands to ", make("b", {}, name), `, row ${operand}`));
    const line = (label: string, ...content: (Node | string)[]): HTMLElement =>
      make("p", {}, make("span", { class: "soft" }, label), make("span", { class: "formula" }, ...content));
    const value = numberIn("span", "value", local);
    const ruleLine = local === undefined ? line("rule", minus(rule)) : line(
      "rule",
      `∂/∂${name} = ${minus(rule)} = `,
      rule === numbers || numbers === minus(write(local)) ? "" : `${minus(numbers)} = `,
      value,
    );
    if (part === undefined) {
      return make(
        "div",
        { class: "card passed" },
        head,
        local === undefined ? "" : ruleLine,
        make("p", { class: "aside" }, "A constant: nothing is handed on."),
      );
    }
    const all = scene.countOf(target);
    const index =
      scene.handed.filter(({ to }) => to === operand).findIndex((each) =>
        each.from === row.row && each.place === place
      ) + 1;
    head.append(make("small", {}, all === 1 ? "its only part" : `part ${index} of ${all}`));
    const lines = local === undefined || typeof part.value !== "number"
      ? arrayLines(row, target, part, line)
      : [
        line(
          "hands on",
          numberIn("span", "adjoint", adjoint),
          ` · ${bracket(write(local))} = `,
          numberIn("span", "adjoint", part.value),
        ),
        line("adds up", sumText(part.before, part.value), numberIn("span", "adjoint", part.total)),
      ];
    return make(
      "div",
      {
        class: "card",
        "data-row": operand,
        onpointerenter: () => moves.look(operand),
        onpointerleave: () => moves.look(undefined),
        onclick: () => moves.walkTo(operand),
      },
      head,
      ruleLine,
      ...lines,
    );
  }

  return { element: make("div", { class: "telling" }, who, cards), show, look };
}

type Line = (label: string, ...content: (Node | string)[]) => HTMLElement;

/** Room for the map of an array that is added to another. */
const SUMMAND = { width: 36, height: 18 } as const;

/** What is handed on where a row or its operand is an array, and what its shape tells. */
function arrayLines(row: Row, target: Row, { value, before, total }: Part, line: Line): HTMLElement[] {
  const sum = (): (Node | string)[] => {
    const whole = numberIn("span", "adjoint", total);
    if (typeof value === "number") {
      return [sumText(before, value), whole];
    }
    if (before === undefined || typeof before === "number") return ["0 + it: the first part"];
    return [mapOf(before, SUMMAND), " + ", mapOf(value, SUMMAND), " = ", whole];
  };
  const told = tellShapes(row.value, target.value, value);
  return [
    line("hands on", numberIn("span", "adjoint", value)),
    line("adds up", ...sum()),
    ...told === undefined ? [] : [make("p", { class: "aside" }, told)],
  ];
}

/** What the shapes of a row and its operand say about a part; undefined where they are the same. */
function tellShapes(row: Value, operand: Value, part: Value): string | undefined {
  if (typeof row === "number" && typeof part !== "number") {
    const isSame = part.data.every((element) => element === part.data[0]);
    return isSame
      ? `The same for each of the ${part.size} elements that made this number.`
      : `One number was made of ${part.size} elements: each gets a part of its own.`;
  }
  if (typeof operand === "number" && typeof row !== "number") {
    return `One number went into ${row.size} elements: their parts are summed.`;
  }
  if (writeShape(row) === writeShape(operand)) return undefined;
  return `It has the shape of what gets it, ${writeShape(operand)}; this row has ${writeShape(row)}.`;
}

/** The elements of an array with their shades, on a card. */
function elementsOf(title: string, value: NdArray, kind: "value" | "adjoint"): HTMLElement {
  return make(
    "div",
    { class: `card elements ${kind}` },
    make("h4", {}, title, make("small", {}, `shape ${writeShape(value)}`)),
    tableOf(value, kind),
  );
}

function sumText(before: Value | undefined, part: number): string {
  return `${write(before === undefined ? 0 : elementAt(before, 0))} ${part < 0 ? "−" : "+"} ${
    write(Math.abs(part))
  } = `;
}
