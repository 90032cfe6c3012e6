/// <reference lib="dom" />
/** The step in hand, told in words: the rule at each operand, what is handed on, and how it adds up. */
import { make, type Page } from "./dom.ts";
import { minus, read, write } from "./numbers.ts";
import { type Moves, numberIn, type Scene } from "./scene.ts";
import type { Part, Row } from "./trace.ts";

/**
 * Makes the panel.
 *
 * @param onRight Is called when a prediction is right; with whether it was at once, without a hint
 */
export function makeStep(
  moves: Moves,
  page: Page,
  onRight: (isUnaided: boolean) => void,
): { element: HTMLElement; show(scene: Scene): void } {
  const who = make("div", { class: "who" });
  const cards = make("div", { class: "cards" });
  function show(scene: Scene): void {
    const { asked, current } = scene;
    if (asked !== undefined) return showQuestion(scene, asked);
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
      cards.replaceChildren();
      page.announce(who.textContent ?? "");
      return;
    }
    const { adjoint, parts } = scene.trace.steps[scene.walked - 1]!;
    who.append(make("p", { class: "formula" }, ...formulaOf(scene, row)), ...walkText(scene, row, adjoint));
    cards.replaceChildren(...row.explanations.map((_, place) => cardOf(scene, row, place, parts, adjoint)));
    if (row.kind === "variable") {
      const meaning = `If ${row.name} grows by 0.01, f changes by about ${write(adjoint * 0.01)}.`;
      cards.append(make("div", { class: "card passed" }, make("h4", {}, "What it means"), meaning));
    }
    page.announce(`${who.textContent} ${cards.textContent}`);
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
    const value = numberIn("span", "value", row.value);
    if (row.operands.length === 0) return [`${row.name ?? "value"} = `, value];
    const [a, b] = row.operands as [number, number];
    const sign = { add: "+", sub: "−", mul: "·", div: "/" }[row.operation];
    const inNumbers = row.operands.map((operand) => write(scene.trace.rows[operand]!.value));
    const names = row.operands.map(label);
    const text = (list: readonly string[]): string =>
      sign !== undefined ? `${list[0]} ${sign} ${list[1]}` : `${row.operation}(${list.join(", ")})`;
    const named = [a, b].some((operand) =>
      operand !== undefined && scene.trace.rows[operand]!.name !== undefined
    );
    return [named ? `${text(names)} = ` : "", `${text(inNumbers)} = `, value];
  }

  function walkText(scene: Scene, row: Row, adjoint: number): HTMLElement[] {
    const shown = numberIn("span", "adjoint", adjoint);
    if (row.row === scene.trace.output) {
      return [make("p", {}, "The walk starts here: df/df = ", shown, ".")];
    }
    const got = scene.trace.steps.slice(0, scene.walked).flatMap(({ parts }) => parts).filter(({ to }) =>
      to === row.row
    );
    const from = [...new Set(got.map((part) => part.from))].join(", ");
    const sum = got.length === 1
      ? [make("p", {}, "Its adjoint is complete: ", shown, `, all from row ${from}.`)]
      : [
        make(
          "p",
          {},
          `Its adjoint is complete, ${got.length} parts added up: ${
            got.map(({ value }) => write(value)).join(" + ").replaceAll("+ −", "− ")
          } = `,
          shown,
          ".",
        ),
      ];
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
    adjoint: number,
  ): HTMLElement {
    const { operand, name, rule, numbers, local } = row.explanations[place]!;
    const part = parts.find((each) => each.place === place);
    const target = scene.trace.rows[operand]!;
    const head = make("h4", {}, "hands to ", make("b", {}, name), `, row ${operand}`);
    const line = (label: string, ...content: (Node | string)[]): HTMLElement =>
      make("p", {}, make("span", { class: "soft" }, label), make("span", { class: "formula" }, ...content));
    const value = numberIn("span", "value", local);
    const ruleLine = line(
      "rule",
      `∂/∂${name} = ${minus(rule)} = `,
      rule === numbers || numbers === minus(write(local ?? NaN)) ? "" : `${minus(numbers)} = `,
      value,
    );
    if (part === undefined) {
      return make(
        "div",
        { class: "card passed" },
        head,
        ruleLine,
        make("p", { class: "soft" }, "A constant: nothing is handed on."),
      );
    }
    const all = scene.countOf(target);
    const index =
      scene.handed.filter(({ to }) => to === operand).findIndex((each) =>
        each.from === row.row && each.place === place
      ) + 1;
    head.append(make("small", {}, all === 1 ? "its only part" : `part ${index} of ${all}`));
    const before = part.before ?? 0;
    return make(
      "div",
      {
        class: "card",
        onpointerenter: () => moves.look(operand),
        onpointerleave: () => moves.look(undefined),
        onclick: () => moves.walkTo(operand),
      },
      head,
      ruleLine,
      line(
        "hands on",
        numberIn("span", "adjoint", adjoint),
        ` · ${bracket(write(local ?? NaN))} = `,
        numberIn("span", "adjoint", part.value),
      ),
      line(
        "adds up",
        `${write(before)} ${part.value < 0 ? "−" : "+"} ${write(Math.abs(part.value))} = `,
        numberIn("span", "adjoint", part.total),
      ),
    );
  }

  function showQuestion(scene: Scene, part: Part): void {
    const row = scene.trace.rows[part.from]!;
    const { name, rule, numbers, local } = row.explanations[part.place]!;
    const adjoint = scene.trace.steps[scene.walked]!.adjoint;
    who.replaceChildren(
      make("h3", {}, `Row ${row.row}: ${row.operation}`),
      make("p", { class: "formula" }, ...formulaOf(scene, row)),
      make("p", {}, "Its adjoint is ", numberIn("span", "adjoint", adjoint), "."),
    );
    const answer = make("input", { inputmode: "decimal", "aria-label": "Your answer", autocomplete: "off" });
    const verdict = make("p", { class: "verdict", role: "status" });
    let [hints, mistakes] = [0, 0];
    const check = (): void => {
      const value = read(answer.value);
      const near = (wanted: number): boolean =>
        value !== undefined && Math.abs(value - wanted) <= 0.01 * Math.abs(wanted) + 1e-9;
      if (value !== undefined && !near(part.value)) mistakes++;
      if (value === undefined) verdict.textContent = "Write a number, or a fraction such as 3/4.";
      else if (near(part.value)) {
        page.announce("right");
        onRight(hints === 0 && mistakes === 0);
        who.append(make("p", { class: "right" }, "✓ right"));
      } else if (near(local ?? NaN)) {
        verdict.textContent = "That is the local derivative; it still has to be multiplied by the adjoint.";
      } else if (near(-part.value)) verdict.textContent = "The sign is the other one.";
      else if (near(adjoint)) verdict.textContent = "That is the row's own adjoint.";
      else verdict.textContent = "Not yet.";
    };
    const hint = (): void => {
      hints++;
      verdict.textContent = hints === 1
        ? `∂/∂${name} = ${minus(rule)}`
        : hints === 2
        ? `${write(adjoint)} · (${minus(numbers)})`
        : `${write(adjoint)} · ${bracket(write(local ?? NaN))} = ${write(part.value)}`;
    };
    cards.replaceChildren(make(
      "form",
      {
        class: "card question",
        onsubmit: (event: Event) => {
          event.preventDefault();
          check();
        },
      },
      make("h4", {}, "What does it hand to ", make("b", {}, name), `, row ${part.to}?`),
      make(
        "div",
        {},
        answer,
        make("button", { class: "strong" }, "Check"),
        make("button", { type: "button", onclick: hint }, "Hint"),
      ),
      verdict,
    ));
  }

  return { element: make("div", { class: "telling" }, who, cards), show };
}

function bracket(text: string): string {
  return text.startsWith("−") ? `(${text})` : text;
}
