/// <reference lib="dom" />
/** The tape explorer: a formula, its graph and its tape, and the walk backwards, step by step. */
import { make, type Page, type Tab } from "../dom.ts";
import { type Example, EXAMPLES } from "./examples.ts";
import { FormulaError, parse, type Program } from "./expression.ts";
import { makeGraph } from "./graph_view.ts";
import { read } from "../numbers.ts";
import { type Moves, Scene } from "./scene.ts";
import { makeScore } from "./score.ts";
import { makeStep } from "./step_view.ts";
import { makeTape } from "./tape_view.ts";
import { type Part, type Trace, traceOf } from "./trace.ts";
import { shapeOf } from "./values.ts";
import { makeVariables } from "./variables_view.ts";

/** Characters that are shown before and after a mistake. */
const [BEFORE, AFTER] = [16, 14];

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
  picker.append(make("option", { hidden: true, disabled: true }, "A formula of your own"));
  const field = make("input", {
    id: "formula",
    "aria-label": "Formula of f",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => readFormula(),
  });
  const problem = make("p", { class: "problem", role: "alert", hidden: true });
  const variables = makeVariables(changeValue);
  const score = makeScore(page);
  const moves: Moves = { walkTo, look };
  const graph = makeGraph(moves, page.isCalm);
  const tape = makeTape(moves);
  const telling = makeStep(moves, page, (isUnaided) => {
    isAnswered = true;
    score.add(isUnaided);
    go(moment + 1);
  });
  const next = make("button", { class: "strong next", onclick: () => step(1) });
  const slider = make("input", {
    type: "range",
    min: 0,
    step: 1,
    "aria-label": "Moment",
    oninput: () => go(Number(slider.value)),
  });
  const toggle = make("input", { type: "checkbox", onchange: () => setPredicting(toggle.checked) });
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
          make("span", { class: "signs" }, "■ positive □ negative"),
          make("i", { class: "value" }),
          "value ↓ ",
          make("i", { class: "adjoint" }),
          "adjoint ↑",
        ),
      ),
      make("div", { class: "scroll" }, graph.element),
    ),
    make(
      "div",
      { class: "panel tape" },
      make("h2", {}, "Tape", tape.count),
      tape.table,
      tape.strip,
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
      variables.element,
      problem,
    ),
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
        score.element,
      ),
      telling.element,
    ),
  );

  const rowCount = (): number => trace.rows.length;
  const last = (): number => rowCount() + trace.steps.length;
  const walked = (): number => Math.max(0, moment - rowCount());
  const sceneNow = (): Scene => new Scene(trace, moment, looking, isAnswered ? undefined : question());

  function choose(example: Example): void {
    field.value = example.text;
    values.clear();
    for (const [name, value] of Object.entries(example.values)) values.set(name, value);
    readFormula();
    go(rowCount());
  }

  /** Reads the formula. */
  function readFormula(): void {
    const example = EXAMPLES.findIndex(({ text }) => text === field.value);
    picker.selectedIndex = example < 0 ? EXAMPLES.length : example;
    try {
      const before = trace === undefined ? undefined : structureOf(trace);
      // A program that can't be recorded leaves the last one as it is.
      const read = parse(field.value);
      trace = traceOf(read, values);
      program = read;
      problem.hidden = true;
      root.classList.remove("stale");
      field.removeAttribute("aria-invalid");
      if (before !== structureOf(trace)) {
        showVariables();
        moment = rowCount();
      }
      isAnswered = false;
      render();
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      const isEmpty = field.value.trim() === "";
      problem.replaceChildren(
        ...isEmpty
          ? [
            "Type a formula of f: + − * / ^, and functions such as sin(x) or matmul(W, x). Parts get names by h = w*x; and arrays by x = [1, 2];",
          ]
          : [make("code", {}, excerpt(field.value, error.position)), error.message],
      );
      problem.classList.toggle("gentle", isEmpty);
      problem.hidden = false;
      root.classList.add("stale");
      field.setAttribute("aria-invalid", String(!isEmpty));
    }
  }

  function showVariables(): void {
    variables.show(program.variables.map((name) => {
      if (!values.has(name)) values.set(name, 1);
      return [name, values.get(name)!];
    }));
  }

  function changeValue(name: string, value: number): void {
    values.set(name, value);
    const kept = moment;
    readFormula();
    moment = Math.min(kept, last());
    render();
  }

  function go(to: number): void {
    moment = Math.max(0, Math.min(last(), to));
    isAnswered = false;
    looking = undefined;
    render();
  }

  function step(by: number): void {
    if (by > 0 && question() !== undefined && !isAnswered) {
      telling.element.querySelector("input")?.focus();
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
    score.element.hidden = !on;
    isAnswered = false;
    render();
  }

  /** The part that is to be predicted: the first one that the next step hands on. */
  function question(): Part | undefined {
    if (!predicts || moment < rowCount() || moment >= last()) return undefined;
    return trace.steps[walked()]!.parts[0];
  }

  function render(): void {
    const scene = sceneNow();
    stage.classList.toggle("arrays", trace.hasArrays);
    tape.show(scene);
    graph.show(scene);
    telling.show(scene);
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
    const { current } = sceneNow();
    if (current === undefined) return "nothing recorded yet";
    return moment <= rowCount() ? `recording, at row ${current}` : `walking back, at row ${current}`;
  }

  function nextText(): string {
    if (moment >= last()) return "Again ↺";
    if (moment < rowCount()) return `Record row ${moment} ↓`;
    return `${walked() === 0 ? "From" : "To"} row ${trace.steps[walked()]!.row} ↑`;
  }

  function look(row: number | undefined): void {
    looking = row;
    tape.look(sceneNow());
    graph.look(row);
    telling.look(row);
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
    ArrowDown: () => look(Math.min(rowCount() - 1, (looking ?? sceneNow().current ?? -1) + 1)),
    ArrowUp: () => look(Math.max(0, (looking ?? sceneNow().current ?? 1) - 1)),
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

/** A text that is the same for traces whose rows differ in nothing but numbers. */
function structureOf({ rows }: Trace): string {
  return rows.map(({ operation, operands, name, value }) =>
    `${operation} ${operands} ${name} ${shapeOf(value)}`
  ).join(";");
}

/** A text around a place, which is marked in the line below. */
function excerpt(text: string, position: number): string {
  const start = position > BEFORE + 2 ? position - BEFORE : 0;
  const end = position + AFTER < text.length ? position + AFTER : text.length;
  const head = start > 0 ? "… " : "";
  const tail = end < text.length ? " …" : "";
  return `${head}${text.slice(start, end)}${tail}\n${" ".repeat(head.length + position - start)}^\n`;
}
