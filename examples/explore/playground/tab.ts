/// <reference lib="dom" />
/** The playground: a small network learns to tell points apart, and every unit shows what it sees. */
import { option, range, stepper } from "./controls.ts";
import { Diagram, type Unit } from "./diagram.ts";
import { make, type Page, type Tab } from "../dom.ts";
import { type Frame, GRID, type Order, type Settings } from "./messages.ts";
import { write } from "../numbers.ts";
import { drawLossChart } from "./loss_chart.ts";
import { drawBoundary, drawThumb, paint, palette } from "./painting.ts";
import { drawCross, drawPoints, moveCross } from "./plane.ts";
import { makePoints, type Points, type SetName, SETS } from "./points.ts";
import { MOST_LAYERS, MOST_UNITS, readState, writeState } from "./state.ts";

/** Losses that are drawn; of more, every second one is left out. */
const MOST_LOSSES = 1200;

/** Puts the playground into the page. */
export function mountPlayground(root: HTMLElement, page: Page): Tab {
  let { set, noise, settings } = readState(page.state);
  let points: Points = makePoints(set, noise, settings.seed);
  let network = 0;
  let isTraining = false;
  let isWaiting = false;
  let isShown = false;
  let mustAsk = true;
  let frame: Frame | undefined;
  let losses: number[] = [];
  /** Of so many losses one is drawn; how many there were. */
  let every = 1;
  let heard = 0;
  let pointed: Unit | undefined;
  let brush = 1;
  let cross: readonly [x: number, y: number] | undefined;

  const worker = new Worker("/worker.js", { type: "module" });
  const tell = (order: Order): void => worker.postMessage(order);
  worker.onmessage = ({ data }: MessageEvent<Frame>) => {
    isWaiting = false;
    if (data.network !== network) return void (mustAsk = true);
    frame = data;
    for (const loss of data.losses) if (heard++ % every === 0) losses.push(loss);
    if (losses.length > MOST_LOSSES) {
      losses = losses.filter((_, i) => i % 2 === 0);
      every *= 2;
    }
    if (data.trouble !== undefined && isTraining) setTraining(false);
    show();
  };
  worker.onerror = (event) => {
    trouble.textContent = `The worker has stopped: ${event.message}`;
    trouble.hidden = false;
  };

  // The parts of the page that stay.
  const train = make("button", { class: "strong train", onclick: () => setTraining(!isTraining) }, "Train");
  const facts = ["epoch", "loss", "right"].map((name) => {
    const value = make("output", {}, "0");
    return { value, box: make("label", { class: "fact" }, name, value) };
  });
  const pace = make("input", {
    type: "range",
    min: 0,
    max: 6,
    step: 1,
    value: 4,
    "aria-label": "Speed",
    oninput: () => isTraining && run(),
  });
  const seed = make("output", {}, String(settings.seed));
  const trouble = make("p", { class: "problem", role: "alert", hidden: true });
  const plane = make("canvas", {
    width: 352,
    height: 352,
    tabindex: 0,
    role: "img",
    "aria-label": "The plane of points: arrows move a cross, Enter sets a point",
    onclick: (event: MouseEvent) => {
      const { left, top, width, height } = plane.getBoundingClientRect();
      addPoint(2 * (event.clientX - left) / width - 1, 1 - 2 * (event.clientY - top) / height);
    },
    onkeydown: pressInPlane,
  });
  const empty = make(
    "p",
    { class: "empty", hidden: true },
    "No points yet: click, or press Enter at the cross.",
  );
  const brushes = [1, 0].map((label) =>
    make("button", {
      "aria-pressed": label === brush,
      onclick: () => {
        brush = label;
        for (const [i, button] of brushes.entries()) {
          button.setAttribute("aria-pressed", String(i === 1 - label));
        }
      },
    }, label === 1 ? "● blue, 1" : "◆ orange, 0")
  );
  const chart = make("canvas", { width: 352, height: 170, role: "img", "aria-label": "Loss of each epoch" });
  const logarithmic = make("input", { type: "checkbox", onchange: () => drawLoss() });
  const diagram = new Diagram((unit) => {
    pointed = unit;
    show();
  });
  const layersCount = make("span", { class: "steppers" });
  const rate = range(
    "Learning rate",
    -4,
    0,
    Math.log10(settings.learningRate),
    (place) => Number((10 ** place).toPrecision(2)),
    (learningRate) => {
      settings = { ...settings, learningRate };
      tell({ kind: "rate", learningRate });
      remember();
    },
  );
  rate.querySelector("output")!.textContent = write(settings.learningRate, 2);
  const sets = SETS.map((name) => {
    const thumb = make("canvas", { width: 56, height: 44, "aria-hidden": "true" });
    return {
      name,
      thumb,
      button: make(
        "button",
        { class: "set", "aria-pressed": name === set, onclick: () => chooseSet(name) },
        thumb,
        name,
      ),
    };
  });
  root.append(
    make(
      "section",
      { class: "panel bar" },
      train,
      make("button", { class: "icon", "aria-label": "One epoch", onclick: () => oneEpoch() }, "▶|"),
      make("button", { class: "icon", "aria-label": "Reset", onclick: () => reset() }, "↺"),
      ...facts.map(({ box }) => box),
      make("span", { class: "fill" }),
      make("label", { class: "pace" }, "slow", pace, "fast"),
      make(
        "span",
        { class: "stepper", role: "group", "aria-label": "Seed" },
        "seed ",
        make("button", { "aria-label": "Seed less", onclick: () => setSeed(settings.seed - 1) }, "−"),
        seed,
        make("button", { "aria-label": "Seed more", onclick: () => setSeed(settings.seed + 1) }, "+"),
      ),
    ),
    trouble,
    make(
      "section",
      { class: "playground" },
      make(
        "div",
        { class: "panel settings" },
        make("h2", {}, "Points"),
        make("div", { class: "sets" }, ...sets.map(({ button }) => button)),
        make("button", { class: "clear", onclick: () => chooseSet("own") }, "Clear"),
        range("Noise", 0, 0.5, noise, (place) => Number(place.toFixed(2)), (value) => {
          noise = value;
          if (set !== "own") newPoints();
        }),
        rate,
        option(
          "Batch",
          ["4", "8", "16", "32", "64", "200"],
          String(settings.batchSize),
          (value: string) => change({ batchSize: Number(value) }),
        ),
        option(
          "Activation",
          ["tanh", "relu", "sigmoid", "gelu"],
          settings.activation,
          (activation: Settings["activation"]) => change({ activation }),
        ),
        option(
          "Optimizer",
          ["adam", "sgd", "rmsprop"],
          settings.optimizer,
          (optimizer: Settings["optimizer"]) => change({ optimizer }),
        ),
      ),
      make(
        "div",
        { class: "panel network" },
        make("h2", {}, "Network", layersCount),
        make("div", { class: "scroll" }, diagram.element),
        make(
          "p",
          { class: "legend" },
          make("i", { class: "value line" }),
          "positive weight ",
          make("i", { class: "adjoint line dashed" }),
          "negative, thickness its size",
        ),
        diagram.table,
      ),
      make(
        "div",
        { class: "side" },
        make(
          "div",
          { class: "panel" },
          make("h2", {}, "What the network says", make("span", { class: "soft" }, "click adds a point")),
          make("div", { class: "plane" }, plane, empty),
          make("div", { class: "brushes" }, ...brushes),
        ),
        make(
          "div",
          { class: "panel" },
          make("h2", {}, "Loss", make("label", { class: "soft" }, logarithmic, " log scale")),
          chart,
        ),
      ),
    ),
  );

  const remember = (): void => page.remember(writeState({ set, noise, settings }));

  /** Starts a network anew, after another choice of its parts or its points. */
  function reset(): void {
    network++;
    losses = [];
    [every, heard] = [1, 0];
    pointed = undefined;
    tell({ kind: "points", points });
    tell({ kind: "network", network, settings });
    trouble.hidden = true;
    mustAsk = true;
    buildDiagram();
    remember();
  }

  function change(part: Partial<Settings>): void {
    settings = { ...settings, ...part };
    reset();
  }

  function newPoints(): void {
    points = makePoints(set, noise, settings.seed);
    drawThumbs();
    reset();
  }

  function chooseSet(name: SetName): void {
    set = name;
    for (const { name: each, button } of sets) button.setAttribute("aria-pressed", String(each === name));
    if (name === "own") setTraining(false);
    newPoints();
  }

  function setSeed(value: number): void {
    settings = { ...settings, seed: Math.max(0, value) };
    seed.textContent = String(settings.seed);
    if (set === "own") reset();
    else newPoints();
  }

  function buildDiagram(): void {
    const { hidden } = settings;
    layersCount.replaceChildren(
      stepper(
        "Layers",
        "layers",
        hidden.length,
        0,
        MOST_LAYERS,
        (count) => change({ hidden: Array.from({ length: count }, (_, i) => hidden[i] ?? 4) }),
      ),
      ...hidden.map((units, layer) =>
        stepper(
          `Units of layer ${layer + 1}`,
          `${layer + 1}:`,
          units,
          1,
          MOST_UNITS,
          (value) => change({ hidden: hidden.with(layer, value) }),
        )
      ),
    );
    diagram.build(hidden);
  }

  function addPoint(x: number, y: number): void {
    points = { x: [...points.x, x], y: [...points.y, y], label: [...points.label, brush] };
    tell({ kind: "points", points });
    mustAsk = true;
    drawPlane();
  }

  function pressInPlane(event: KeyboardEvent): void {
    const moved = moveCross(cross ?? [0, 0], event.key);
    if (event.key === "Enter") addPoint(...cross ?? [0, 0]);
    else if (moved !== undefined) cross = moved;
    else return;
    event.preventDefault();
    event.stopPropagation();
    drawPlane();
  }

  function run(): void {
    tell({ kind: "run", epochsPerSecond: [1, 4, 15, 50, 200, 800, 1e6][Number(pace.value)]! });
  }

  function setTraining(on: boolean): void {
    isTraining = on && points.x.length > 0;
    train.textContent = isTraining ? "Pause" : "Train";
    if (isTraining) run();
    else tell({ kind: "pause" });
    mustAsk = true;
  }

  function oneEpoch(): void {
    setTraining(false);
    tell({ kind: "epoch" });
    mustAsk = true;
  }

  function show(): void {
    if (!diagram.fits(frame)) return;
    facts[0]!.value.textContent = String(frame.epoch);
    facts[1]!.value.textContent = write(frame.loss, 3);
    facts[2]!.value.textContent = Number.isNaN(frame.right) ? "–" : `${Math.round(100 * frame.right)} %`;
    trouble.hidden = frame.trouble === undefined;
    if (frame.trouble !== undefined) {
      trouble.textContent = `Training has stopped: ${frame.trouble}. Lower the learning rate, then reset.`;
    }
    diagram.show(frame, settings, pointed);
    drawPlane();
    drawLoss();
  }

  const small = make("canvas", { width: GRID, height: GRID });
  function drawPlane(): void {
    const context = plane.getContext("2d")!;
    const size = plane.width;
    context.fillStyle = `rgb(${palette().paper.join()})`;
    context.fillRect(0, 0, size, size);
    const [layer, unit] = pointed ?? [diagram.canvases.length - 1, 0];
    const map = layer === 0 ? undefined : frame?.maps[layer - 1]?.[unit];
    if (layer === 0) context.drawImage(diagram.canvases[0]![unit]!, 0, 0, size, size);
    else if (map !== undefined) {
      const value = diagram.scaled(layer, map);
      paint(small, value);
      context.drawImage(small, 0, 0, size, size);
      if (pointed === undefined) drawBoundary(context, value, size);
    }
    drawPoints(context, points, size);
    if (cross !== undefined && document.activeElement === plane) drawCross(context, cross, size);
    empty.hidden = points.x.length > 0;
  }

  function drawThumbs(): void {
    for (const { name, thumb } of sets) drawThumb(thumb, makePoints(name, 0.15, 1));
  }

  const drawLoss = (): void => drawLossChart(chart, losses, every, logarithmic.checked);

  // The page asks for frames, one at a time, so that a fast worker never floods it.
  let isOdd = false;
  function tick(): void {
    if (!isShown) return;
    isOdd = !isOdd;
    if (isOdd && !isWaiting && (isTraining || mustAsk)) {
      isWaiting = true;
      mustAsk = false;
      tell({ kind: "frame" });
    }
    requestAnimationFrame(tick);
  }

  reset();
  const ACTIONS: { readonly [key: string]: () => void } = {
    " ": () => setTraining(!isTraining),
    ArrowRight: oneEpoch,
    r: reset,
  };
  return {
    key(key) {
      const action = ACTIONS[key.length === 1 ? key.toLowerCase() : key];
      action?.();
      return action !== undefined;
    },
    show(now) {
      const wasShown = isShown;
      isShown = now;
      if (!now) return setTraining(false);
      drawThumbs();
      diagram.paintInputs();
      show();
      drawLoss();
      mustAsk = true;
      remember();
      if (!wasShown) requestAnimationFrame(tick);
    },
  };
}
