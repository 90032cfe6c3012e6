/// <reference lib="dom" />
/** The tape explorer: a formula, its graph and its tape, and the walk backwards, step by step. */
import { draw, make, type Page, type Tab } from "./dom.ts";
import { FormulaError, parse, type Program } from "./expression.ts";
import { layOut } from "./layout.ts";
import { minus, read, write } from "./numbers.ts";
import { type Part, type Row, type Trace, traceOf } from "./trace.ts";

interface Example {
  readonly title: string;
  readonly text: string;
  readonly values: { readonly [name: string]: number };
}

const EXAMPLES: readonly Example[] = [
  {
    title: "A neuron of two inputs",
    text: "sigmoid(w1*x1 + w2*x2 + b)",
    values: { w1: 0.5, x1: 2, w2: -1, x2: 1, b: 0.25 },
  },
  { title: "One row used twice", text: "h = w * x; h*h + sin(h)", values: { w: 0.7, x: 2 } },
  { title: "x sin x", text: "x * sin(x)", values: { x: 2 } },
  {
    title: "The error of a neuron",
    text: "y = sigmoid(w*x + b); (y - target)^2",
    values: { w: 1.5, x: 0.8, b: -0.5, target: 1 },
  },
  { title: "A variable exponent", text: "x^n", values: { x: 1.5, n: 3 } },
  { title: "A dead unit", text: "v * relu(w*x + b)", values: { v: 2, w: -1, x: 3, b: 0.5 } },
  { title: "Tiny and huge", text: "exp(a) * exp(-b)", values: { a: 20, b: 25 } },
  { title: "Where NaN comes from", text: "x * log(y - 3) + sqrt(x)", values: { x: 2, y: 1 } },
  {
    title: "Heron's root",
    text: "r = (x + 1) / 2; s = (r + x/r) / 2; t = (s + x/s) / 2; u = (t + x/t) / 2; (u + x/u) / 2",
    values: { x: 2 },
  },
];

const SIGNS: { readonly [operation: string]: string } = { add: "+", sub: "−", mul: "×", div: "÷", neg: "−" };
const BOX = { width: 118, height: 54 } as const;
const SPACING = { across: 140, down: 84 } as const;
/** Milliseconds from step to step while playing. */
const PACE = 1100;

/** Puts the explorer into the page. */
export function mountExplorer(root: HTMLElement, page: Page): Tab {
  const values = new Map<string, number>();
  let program: Program;
  let trace: Trace;
  /** 0 to rows.length: so many rows are recorded; beyond that, so many steps of the walk are done. */
  let moment = 0;
  let looking: number | undefined;
  let playing: ReturnType<typeof setInterval> | undefined;
  let predicts = false;
  /** Whether the question of the next step has been answered. */
  let isAnswered = false;

  // The parts of the page that stay.
  const picker = make("select", {
    "aria-label": "Example",
    onchange: () => choose(EXAMPLES[picker.selectedIndex]!),
  });
  for (const { title } of EXAMPLES) picker.append(make("option", {}, title));
  const field = make("input", {
    id: "formula",
    "aria-label": "Formula of f",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => readFormula(),
  });
  const problem = make("p", { class: "problem", role: "alert", hidden: true });
  const variables = make("div", { class: "variables" });
  const graph = draw("svg", { role: "img", "aria-label": "Graph; the table beside it says the same" });
  const graphBox = make("div", { class: "scroll" }, graph);
  const count = make("span", { class: "soft" });
  const body = make("tbody");
  const arcs = draw("svg", { class: "arcs", "aria-hidden": "true" });
  const strip = make("div", { class: "strip", "aria-label": "Gradient of f" });
  const next = make("button", { class: "strong next", onclick: () => step(1) });
  const slider = make("input", {
    type: "range",
    min: 0,
    step: 1,
    "aria-label": "Moment",
    oninput: () => go(Number(slider.value)),
  });
  const toggle = make("input", { type: "checkbox", onchange: () => setPredicting(toggle.checked) });
  const who = make("div", { class: "who" });
  const cards = make("div", { class: "cards" });
  const stage = make(
    "section",
    { class: "stage" },
    make(
      "div",
      { class: "panel graph" },
      make(
        "h2",
        {},
        "Graph",
        make(
          "span",
          { class: "legend" },
          make("i", { class: "value" }),
          "value ↓ ",
          make("i", { class: "adjoint" }),
          "adjoint ↑",
        ),
      ),
      graphBox,
    ),
    make(
      "div",
      { class: "panel tape" },
      make("h2", {}, "Tape", count),
      make(
        "div",
        { class: "scroll rows", tabindex: 0, role: "region", "aria-label": "Rows of the tape" },
        arcs,
        make(
          "table",
          {},
          make(
            "thead",
            {},
            make(
              "tr",
              {},
              ...["row", "operation", "name", "value ↓", "parts", "adjoint ↑"].map((text) =>
                make("th", { scope: "col" }, text)
              ),
            ),
          ),
          body,
        ),
      ),
      strip,
    ),
  );
  const views = make(
    "div",
    { class: "views", role: "group", "aria-label": "What is shown" },
    ...["tape", "graph"].map((name) =>
      make("button", {
        "aria-pressed": name === "tape",
        onclick: (event: Event) => {
          root.dataset["view"] = name;
          for (const button of views.children) {
            button.setAttribute("aria-pressed", String(button === event.currentTarget));
          }
        },
      }, name === "tape" ? "Tape" : "Graph")
    ),
  );
  root.dataset["view"] = "tape";
  root.append(
    make(
      "section",
      { class: "ask" },
      picker,
      make("label", { class: "formula" }, make("i", {}, "f ="), field),
      variables,
    ),
    problem,
    views,
    stage,
    make(
      "section",
      { class: "panel step" },
      make(
        "div",
        { class: "transport" },
        make("button", { class: "icon start", "aria-label": "To the start", onclick: () => go(0) }, "|◀"),
        make("button", { class: "icon", "aria-label": "One step back", onclick: () => go(moment - 1) }, "◀"),
        next,
        make("button", { class: "icon", "aria-label": "Play", onclick: () => play() }, "▶▶"),
        make(
          "div",
          { class: "time" },
          slider,
          make("span", { class: "ends" }, make("b", {}, "record ↓"), make("b", {}, "walk back ↑")),
        ),
        make("label", { class: "switch" }, toggle, "Predict"),
      ),
      make("div", { class: "telling" }, who, cards),
    ),
  );

  const rowCount = (): number => trace.rows.length;
  const last = (): number => rowCount() + trace.steps.length;
  /** How many steps of the walk are done. */
  const walked = (): number => Math.max(0, moment - rowCount());
  const currentRow = (): number | undefined =>
    moment === 0 ? undefined : moment <= rowCount() ? moment - 1 : trace.steps[walked() - 1]!.row;
  const handed = (): Part[] => trace.steps.slice(0, walked()).flatMap(({ parts }) => parts);

  function choose(example: Example): void {
    field.value = example.text;
    values.clear();
    for (const [name, value] of Object.entries(example.values)) values.set(name, value);
    readFormula();
    go(rowCount());
  }

  /** Reads the formula. */
  function readFormula(): void {
    try {
      const before = trace?.rows.map(({ operation, operands }) => `${operation} ${operands}`).join();
      program = parse(field.value);
      trace = traceOf(program, values);
      problem.hidden = true;
      root.classList.remove("stale");
      field.removeAttribute("aria-invalid");
      const isSame = before === trace.rows.map(({ operation, operands }) =>
        `${operation} ${operands}`
      ).join();
      if (!isSame) {
        showVariables();
        moment = rowCount();
      }
      isAnswered = false;
      render();
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      const isEmpty = field.value.trim() === "";
      const at = "\n" + " ".repeat(Math.min(error.position, 60)) + "^";
      problem.textContent = isEmpty
        ? "Type a formula: + − * / ^, functions such as sin(x) or sigmoid(x), names by h = …;"
        : `${field.value}${at} ${error.message}`;
      problem.classList.toggle("gentle", isEmpty);
      problem.hidden = false;
      root.classList.add("stale");
      field.setAttribute("aria-invalid", String(!isEmpty));
    }
  }

  function showVariables(): void {
    variables.replaceChildren(...program.variables.map((name) => {
      if (!values.has(name)) values.set(name, 1);
      const input = make("input", {
        value: String(values.get(name)),
        inputmode: "decimal",
        "aria-label": `Value of ${name}`,
        oninput: () => {
          const value = read(input.value);
          input.setAttribute("aria-invalid", String(value === undefined));
          if (value === undefined) return;
          values.set(name, value);
          const kept = moment;
          readFormula();
          moment = Math.min(kept, last());
          render();
        },
        onkeydown: (event: KeyboardEvent) => {
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          event.preventDefault();
          const by = (event.shiftKey ? 1 : 0.1) * (event.key === "ArrowUp" ? 1 : -1);
          input.value = String(Number((values.get(name)! + by).toFixed(4)));
          input.dispatchEvent(new Event("input"));
        },
      });
      return make("label", {}, name, input);
    }));
  }

  function go(to: number): void {
    moment = Math.max(0, Math.min(last(), to));
    isAnswered = false;
    looking = undefined;
    render();
  }

  function step(by: number): void {
    if (by > 0 && question() !== undefined && !isAnswered) {
      cards.querySelector<HTMLInputElement>("input")?.focus();
      return;
    }
    go(moment >= last() && by > 0 ? 0 : moment + by);
  }

  function play(): void {
    if (playing !== undefined) {
      clearInterval(playing);
      playing = undefined;
      return render();
    }
    if (moment >= last()) go(0);
    playing = setInterval(() => {
      if (moment >= last() || question() !== undefined) play();
      else step(1);
    }, PACE);
    render();
  }

  function setPredicting(on: boolean): void {
    predicts = on;
    toggle.checked = on;
    isAnswered = false;
    render();
  }

  /** The part that is to be predicted: the first one that the next step hands on. */
  function question(): Part | undefined {
    if (!predicts || moment < rowCount() || moment >= last()) return undefined;
    return trace.steps[walked()]!.parts[0];
  }

  function render(): void {
    const parts = handed();
    const totals = new Map<number, number>(moment >= rowCount() ? [[trace.output, 1]] : []);
    const arrived = new Map<number, number>();
    for (const { to, total } of parts) {
      totals.set(to, total);
      arrived.set(to, (arrived.get(to) ?? 0) + 1);
    }
    const done = new Set(trace.steps.slice(0, walked()).map(({ row }) => row));
    const current = currentRow();
    const fresh = walked() > 0 ? trace.steps[walked() - 1]!.parts : [];
    showTape(totals, arrived, done, current);
    showGraph(totals, current, fresh);
    showStrip(totals, arrived);
    showStep(current);
    slider.max = String(last());
    slider.value = String(moment);
    slider.style.setProperty("--half", `${100 * rowCount() / last()}%`);
    slider.setAttribute("aria-valuetext", momentText());
    const following = nextText();
    next.replaceChildren(following);
    next.disabled = question() !== undefined && !isAnswered;
    root.querySelector("[aria-label=Play], [aria-label=Pause]")!.setAttribute(
      "aria-label",
      playing === undefined ? "Play" : "Pause",
    );
    page.remember({
      f: field.value,
      ...Object.fromEntries(program.variables.map((name) => [name, String(values.get(name))])),
      t: String(moment),
    });
  }

  function momentText(): string {
    const current = currentRow();
    if (current === undefined) return "nothing recorded yet";
    return moment <= rowCount() ? `recording, at row ${current}` : `walking back, at row ${current}`;
  }

  function nextText(): string {
    if (moment >= last()) return "Again ↺";
    if (moment < rowCount()) return `Record row ${moment} ↓`;
    return `${walked() === 0 ? "Walk back from" : "To"} row ${trace.steps[walked()]!.row} ↑`;
  }

  function showTape(
    totals: ReadonlyMap<number, number>,
    arrived: ReadonlyMap<number, number>,
    done: ReadonlySet<number>,
    current: number | undefined,
  ): void {
    const bad = trace.firstBad;
    count.textContent = bad === undefined
      ? `${rowCount()} rows, ${program.variables.length} variable${program.variables.length === 1 ? "" : "s"}`
      : `the first ${write(trace.rows[bad]!.value)} is in row ${bad}`;
    count.classList.toggle("bad", bad !== undefined);
    body.replaceChildren(...trace.rows.map((row) => {
      const isRecorded = row.row < moment;
      const adjoint = totals.get(row.row);
      const isAsked = question()?.to === row.row && !isAnswered;
      const cells = [
        make("td", {}, String(row.row)),
        make(
          "td",
          { class: "operation" },
          make("b", {}, row.kind === "operation" ? row.operation : row.kind),
          row.operands.length > 0 ? make("small", {}, ` ${row.operands.map((r) => `%${r}`).join(" ")}`) : "",
          row.group === undefined ? "" : make("small", { class: "group" }, row.group),
          row.name === undefined ? "" : make("small", { class: "also" }, ` ${row.name}`),
        ),
        make("td", {}, make("b", {}, row.name ?? "")),
        number("td", "value", isRecorded ? row.value : undefined),
        make("td", { class: "parts" }, isRecorded ? rings(row, arrived.get(row.row) ?? 0) : ""),
        isAsked ? make("td", { class: "adjoint asked" }, "?") : number(
          "td",
          `adjoint${done.has(row.row) || (arrived.get(row.row) ?? 0) === countOf(row) ? " whole" : ""}`,
          adjoint,
        ),
      ];
      return make("tr", {
        "data-row": row.row,
        class: [isRecorded ? "" : "unborn", row.isUsed ? "" : "aside", looking === row.row ? "looked" : ""]
          .join(" "),
        "aria-current": row.row === current ? "step" : undefined,
        onclick: () => walkTo(row.row),
        onpointerenter: () => look(row.row),
        onpointerleave: () => look(undefined),
      }, ...cells);
    }));
    showArcs(current);
    const line = body.querySelector<HTMLElement>("[aria-current]");
    const box = body.closest<HTMLElement>(".scroll")!;
    if (
      line !== null &&
      (line.offsetTop < box.scrollTop + 34 || line.offsetTop + 34 > box.scrollTop + box.clientHeight)
    ) {
      box.scrollTop = line.offsetTop - box.clientHeight / 2;
    }
  }

  /** How many parts a row gets: one for each use that f depends on. */
  function countOf(row: Row): number {
    if (row.kind === "constant") return 0;
    return row.users.filter((user) => trace.rows[user]!.isUsed).length;
  }

  function rings(row: Row, filled: number): string {
    const all = countOf(row);
    return all > 5
      ? `${filled}/${all}`
      : "●".repeat(Math.min(filled, all)) + "○".repeat(Math.max(0, all - filled));
  }

  function number(tag: "td" | "span", kind: string, value: number | undefined): HTMLElement {
    const isBad = value !== undefined && !Number.isFinite(value);
    return make(
      tag,
      { class: `${kind} number${isBad ? " bad" : ""}` },
      value === undefined ? "" : write(value),
    );
  }

  /** Arcs from each row to its operands; all point up, which is the topological order. */
  function showArcs(current: number | undefined): void {
    const height = 33;
    const top = 34;
    const middle = (row: number): number => top + (row + 0.5) * height;
    arcs.setAttribute("height", String(top + rowCount() * height));
    arcs.replaceChildren(
      ...trace.rows.flatMap(({ row, operands }) =>
        row >= moment ? [] : operands.map((operand, place) => {
          const depth = Math.min(44, 6 + 5 * (row - operand));
          const side = 52 - place * 3;
          const isNow = row === current || row === looking || operand === looking;
          return draw("path", {
            d: `M${side} ${middle(row)} C${side - depth} ${middle(row)} ${side - depth} ${
              middle(operand)
            } ${side} ${middle(operand)}`,
            class: isNow ? moment > rowCount() ? "now back" : "now" : "",
          });
        })
      ),
    );
  }

  function showGraph(
    totals: ReadonlyMap<number, number>,
    current: number | undefined,
    fresh: readonly Part[],
  ): void {
    const places = layOut(trace.rows.map(({ row, operands }) => ({ id: row, operands })), SPACING);
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
    const edges = trace.rows.flatMap(({ row, operands }) =>
      row >= moment ? [] : operands.map((operand, place) => {
        const [from, to] = [middle(operand), middle(row)];
        const isTwin = operands.indexOf(operand) !== place;
        const shift = isTwin ? 14 : operands.filter((each) => each === operand).length > 1 ? -14 : 0;
        const part = fresh.find((each) => each.from === row && each.place === place);
        const isWalked = trace.steps.slice(0, walked()).some((each) => each.row === row);
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
          class: `handed${page.isCalm ? "" : " moving"}`,
        }, write(part.value, 3));
        return draw("g", {}, line, text);
      })
    );
    const boxes = trace.rows.filter(({ row }) => row < moment).map((row) => {
      const { x, y } = places.get(row.row)!;
      const adjoint = totals.get(row.row);
      const isBad = !Number.isFinite(row.value);
      return draw(
        "g",
        {
          class: `box ${row.kind}${row.row === current ? " current" : ""}${
            row.row === looking ? " looked" : ""
          }${row.isUsed ? "" : " aside"}`,
          transform: `translate(${x} ${y})`,
          onclick: () => walkTo(row.row),
          onpointerenter: () => look(row.row),
          onpointerleave: () => look(undefined),
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
          }, question()?.to === row.row && !isAnswered ? "?" : write(adjoint, 3)),
        ],
      );
    });
    graph.replaceChildren(...edges, ...boxes);
  }

  function showStrip(totals: ReadonlyMap<number, number>, arrived: ReadonlyMap<number, number>): void {
    strip.replaceChildren(
      make("span", { class: "soft" }, "gradient of f"),
      ...trace.rows.filter(({ kind }) => kind === "variable").map((row) => {
        const isWhole = moment >= rowCount() && (arrived.get(row.row) ?? 0) === countOf(row);
        const value = totals.get(row.row) ?? 0;
        return make(
          "span",
          {},
          make("b", {}, row.name ?? ""),
          " ",
          isWhole ? number("span", "adjoint", value) : "…",
        );
      }),
    );
  }

  function showStep(current: number | undefined): void {
    const asked = question();
    if (asked !== undefined && !isAnswered) return showQuestion(asked);
    if (current === undefined) {
      who.replaceChildren(
        make("h3", {}, "An empty tape"),
        make("p", {}, "Each operation of f appends one row, below those it reads."),
      );
      cards.replaceChildren();
      return;
    }
    const row = trace.rows[current]!;
    const name = row.name === undefined ? "" : ` ${row.name}`;
    who.replaceChildren(
      make("h3", {}, `Row ${current}: ${row.kind === "operation" ? row.operation : row.kind}${name}`),
    );
    if (moment <= rowCount()) {
      who.append(...recordingText(row));
      cards.replaceChildren();
      page.announce(who.textContent ?? "");
      return;
    }
    const { adjoint, parts } = trace.steps[walked() - 1]!;
    who.append(make("p", { class: "formula" }, ...formulaOf(row)), ...walkText(row, adjoint));
    cards.replaceChildren(...row.explanations.map((_, place) => cardOf(row, place, parts, adjoint)));
    if (row.kind === "variable") {
      const meaning = `If ${row.name} grows by 0.01, f changes by about ${write(adjoint * 0.01)}.`;
      cards.append(make("div", { class: "card passed" }, make("h4", {}, "What it means"), meaning));
    }
    page.announce(`${who.textContent} ${cards.textContent}`);
  }

  function recordingText(row: Row): HTMLElement[] {
    const formula = make("p", { class: "formula" }, ...formulaOf(row));
    if (row.kind === "variable") {
      return [formula, make("p", {}, "A variable: a row without operands. f is differentiated by it.")];
    }
    if (row.kind === "constant") return [formula, make("p", {}, "A constant: the walk back passes it by.")];
    const operands = [...new Set(row.operands)].map((operand) => `row ${operand}`).join(" and ");
    const lines = [formula, make("p", {}, `It reads ${operands}: already there.`)];
    if (row.group !== undefined) lines.push(make("p", {}, `One of the rows of ${row.group}.`));
    return lines;
  }

  function formulaOf(row: Row): (Node | string)[] {
    const label = (operand: number): string => trace.rows[operand]!.name ?? `%${operand}`;
    const value = number("span", "value", row.value);
    if (row.operands.length === 0) return [`${row.name ?? "value"} = `, value];
    const [a, b] = row.operands as [number, number];
    const sign = { add: "+", sub: "−", mul: "·", div: "/" }[row.operation];
    const inNumbers = row.operands.map((operand) => write(trace.rows[operand]!.value));
    const names = row.operands.map(label);
    const text = (list: readonly string[]): string =>
      sign !== undefined ? `${list[0]} ${sign} ${list[1]}` : `${row.operation}(${list.join(", ")})`;
    const named = [a, b].some((operand) => operand !== undefined && trace.rows[operand]!.name !== undefined);
    return [named ? `${text(names)} = ` : "", `${text(inNumbers)} = `, value];
  }

  function walkText(row: Row, adjoint: number): HTMLElement[] {
    const shown = number("span", "adjoint", adjoint);
    if (row.row === trace.output) {
      return [make("p", {}, "The walk starts here: df/df = ", shown, ".")];
    }
    const got = trace.steps.slice(0, walked()).flatMap(({ parts }) => parts).filter(({ to }) =>
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

  function cardOf(row: Row, place: number, parts: readonly Part[], adjoint: number): HTMLElement {
    const { operand, name, rule, numbers, local } = row.explanations[place]!;
    const part = parts.find((each) => each.place === place);
    const target = trace.rows[operand]!;
    const head = make("h4", {}, "hands to ", make("b", {}, name), `, row ${operand}`);
    const line = (label: string, ...content: (Node | string)[]): HTMLElement =>
      make("p", {}, make("span", { class: "soft" }, label), make("span", { class: "formula" }, ...content));
    const value = number("span", "value", local);
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
    const all = countOf(target);
    const index =
      handed().filter(({ to }) => to === operand).findIndex((each) =>
        each.from === row.row && each.place === place
      ) + 1;
    head.append(make("small", {}, all === 1 ? "its only part" : `part ${index} of ${all}`));
    const before = part.before ?? 0;
    return make(
      "div",
      {
        class: "card",
        onpointerenter: () => look(operand),
        onpointerleave: () => look(undefined),
        onclick: () => walkTo(operand),
      },
      head,
      ruleLine,
      line(
        "hands on",
        number("span", "adjoint", adjoint),
        ` · ${bracket(write(local ?? NaN))} = `,
        number("span", "adjoint", part.value),
      ),
      line(
        "adds up",
        `${write(before)} ${part.value < 0 ? "−" : "+"} ${write(Math.abs(part.value))} = `,
        number("span", "adjoint", part.total),
      ),
    );
  }

  function showQuestion(part: Part): void {
    const row = trace.rows[part.from]!;
    const { name, rule, numbers, local } = row.explanations[part.place]!;
    const adjoint = trace.steps[walked()]!.adjoint;
    who.replaceChildren(
      make("h3", {}, `Row ${row.row}: ${row.operation}`),
      make("p", { class: "formula" }, ...formulaOf(row)),
      make("p", {}, "Its adjoint is ", number("span", "adjoint", adjoint), "."),
    );
    const answer = make("input", { inputmode: "decimal", "aria-label": "Your answer", autocomplete: "off" });
    const verdict = make("p", { class: "verdict", role: "status" });
    let hints = 0;
    const check = (): void => {
      const value = read(answer.value);
      const near = (wanted: number): boolean =>
        value !== undefined && Math.abs(value - wanted) <= 0.01 * Math.abs(wanted) + 1e-9;
      if (value === undefined) verdict.textContent = "Write a number, or a fraction such as 3/4.";
      else if (near(part.value)) {
        isAnswered = true;
        page.announce("right");
        go(moment + 1);
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

  function look(row: number | undefined): void {
    looking = row;
    for (const line of body.children) {
      line.classList.toggle("looked", Number((line as HTMLElement).dataset["row"]) === row);
    }
    showArcs(currentRow());
  }

  /** Walks to a row: to where it was recorded, or to where it hands on its parts. */
  function walkTo(row: number): void {
    const at = trace.steps.findIndex((each) => each.row === row);
    go(moment <= rowCount() || at < 0 ? row + 1 : rowCount() + at + 1);
  }

  const start = page.state.get("f");
  if (start === undefined) choose(EXAMPLES[0]!);
  else {
    field.value = start;
    for (const [name, value] of page.state) {
      const number = read(value);
      if (number !== undefined && name !== "f" && name !== "t") values.set(name, number);
    }
    readFormula();
    if (trace! === undefined) choose(EXAMPLES[0]!);
    else go(read(page.state.get("t") ?? "") ?? rowCount());
  }

  const ACTIONS: { readonly [key: string]: () => void } = {
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    " ": play,
    Home: () => go(0),
    End: () => go(last()),
    p: () => setPredicting(!predicts),
    "/": () => field.select(),
    Enter: () => looking !== undefined && walkTo(looking),
    ArrowDown: () => look(Math.min(rowCount() - 1, (looking ?? currentRow() ?? -1) + 1)),
    ArrowUp: () => look(Math.max(0, (looking ?? currentRow() ?? 1) - 1)),
  };
  return {
    key(key) {
      const action = ACTIONS[key.length === 1 ? key.toLowerCase() : key];
      action?.();
      return action !== undefined;
    },
    show: (isShown) => {
      if (isShown) render();
      else if (playing !== undefined) play();
    },
  };
}

function bracket(text: string): string {
  return text.startsWith("−") ? `(${text})` : text;
}
