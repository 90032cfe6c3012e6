/// <reference lib="dom" />
/** The playground: a small network learns to tell points apart, and every unit shows what it sees. */
import { draw, make, type Page, type Tab } from "./dom.ts";
import { type Frame, GRID, type Order, type Settings } from "./messages.ts";
import { write } from "./numbers.ts";
import { drawLossChart } from "./loss_chart.ts";
import { drawBoundary, paint, palette } from "./painting.ts";
import { makePoints, type Points, type SetName, SETS } from "./points.ts";

const MOST_LAYERS = 4;
const MOST_UNITS = 8;
const UNIT = 46;
/** Losses that are drawn; of more, every second one is left out. */
const MOST_LOSSES = 1200;

/** Puts the playground into the page. */
export function mountPlayground(root: HTMLElement, page: Page): Tab {
  const number = (name: string, byDefault: number): number => {
    const value = Number(page.state.get(name));
    return page.state.has(name) && Number.isFinite(value) ? value : byDefault;
  };
  const hiddenOf = (text: string | undefined): number[] => {
    const list = text?.split(",").map(Number) ?? [6, 4];
    const isFine = list.length <= MOST_LAYERS &&
      list.every((units) => Number.isInteger(units) && units >= 1 && units <= MOST_UNITS);
    return text === "" ? [] : isFine ? list : [6, 4];
  };
  const choice = <T extends string>(name: string, list: readonly T[], byDefault: T): T =>
    list.find((each) => each === page.state.get(name)) ?? byDefault;
  let set: SetName = choice("set", SETS, "moons");
  let noise = number("noise", 0.2);
  let settings: Settings = {
    hidden: hiddenOf(page.state.get("hidden")),
    activation: choice("activation", ["tanh", "relu", "sigmoid", "gelu"], "tanh"),
    optimizer: choice("optimizer", ["adam", "sgd", "rmsprop"], "adam"),
    learningRate: number("rate", 0.03),
    batchSize: number("batch", 32),
    seed: number("seed", 1),
  };
  let points: Points = makePoints(set, noise, settings.seed);
  let network = 0;
  let isTraining = false;
  let isWaiting = false;
  let isShown = false;
  let mustAsk = true;
  let frame: Frame | undefined;
  let losses: number[] = [];
  let every = 1;
  let pointed: readonly [layer: number, unit: number] | undefined;
  let brush = 1;
  let cross: readonly [x: number, y: number] | undefined;

  const worker = new Worker("/worker.js", { type: "module" });
  const tell = (order: Order): void => worker.postMessage(order);
  worker.onmessage = ({ data }: MessageEvent<Frame>) => {
    isWaiting = false;
    if (data.network !== network) return void (mustAsk = true);
    frame = data;
    for (const loss of data.losses) losses.push(loss);
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
    onkeydown: (event: KeyboardEvent) => moveCross(event),
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
  const diagram = make("div", { class: "diagram" });
  const links = draw("svg", { class: "links", "aria-hidden": "true" });
  const layersCount = make("span", { class: "steppers" });
  const weightsTable = make(
    "details",
    {},
    make("summary", {}, "The weights as a table"),
    make("div", { class: "scroll" }),
  );
  let canvases: HTMLCanvasElement[][] = [];
  let paths: SVGPathElement[][] = [];

  const option = (
    name: string,
    list: readonly string[],
    value: string,
    change: (value: never) => void,
  ): HTMLElement => {
    const select = make("select", { onchange: () => change(select.value as never) });
    for (const each of list) select.append(make("option", { selected: each === value }, each));
    return make("label", {}, name, select);
  };
  const range = (
    name: string,
    low: number,
    high: number,
    value: number,
    read: (place: number) => number,
    change: (value: number) => void,
  ): HTMLElement => {
    const output = make("output", {}, write(value, 2));
    const slider = make("input", {
      type: "range",
      min: low,
      max: high,
      step: "any",
      value,
      oninput: () => {
        const chosen = read(Number(slider.value));
        output.textContent = write(chosen, 2);
        change(chosen);
      },
    });
    return make("label", { class: "range" }, make("span", {}, name, output), slider);
  };
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
        make("div", { class: "scroll" }, diagram),
        make(
          "p",
          { class: "legend" },
          make("i", { class: "value line" }),
          "positive weight ",
          make("i", { class: "adjoint line dashed" }),
          "negative, thickness its size",
        ),
        weightsTable,
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

  function remember(): void {
    const { hidden, activation, optimizer, learningRate, batchSize, seed } = settings;
    page.remember({
      set,
      noise: String(noise),
      hidden: hidden.join(),
      activation,
      optimizer,
      rate: String(learningRate),
      batch: String(batchSize),
      seed: String(seed),
    });
  }

  /** Starts a network anew, after another choice of its parts or its points. */
  function reset(): void {
    network++;
    losses = [];
    every = 1;
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

  function addPoint(x: number, y: number): void {
    points = { x: [...points.x, x], y: [...points.y, y], label: [...points.label, brush] };
    tell({ kind: "points", points });
    mustAsk = true;
    drawPlane();
  }

  function moveCross(event: KeyboardEvent): void {
    const [x, y] = cross ?? [0, 0];
    const moves: { readonly [key: string]: readonly [number, number] } = {
      ArrowLeft: [-0.05, 0],
      ArrowRight: [0.05, 0],
      ArrowUp: [0, 0.05],
      ArrowDown: [0, -0.05],
    };
    const move = moves[event.key];
    if (event.key === "Enter") addPoint(x, y);
    else if (move !== undefined) {
      cross = [x + move[0], y + move[1]].map((place) => Math.max(-1, Math.min(1, place))) as [number, number];
    } else return;
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

  function stepper(
    label: string,
    text: string,
    value: number,
    low: number,
    high: number,
    change: (value: number) => void,
  ): HTMLElement {
    return make(
      "span",
      { class: "stepper", role: "group", "aria-label": label },
      `${text} `,
      make("button", {
        "aria-label": `${label} less`,
        disabled: value <= low,
        onclick: () => change(value - 1),
      }, "−"),
      make("output", {}, String(value)),
      make("button", {
        "aria-label": `${label} more`,
        disabled: value >= high,
        onclick: () => change(value + 1),
      }, "+"),
    );
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
    const sizes = [2, ...hidden, 1];
    const height = Math.max(...sizes) * (UNIT + 16) + 24;
    canvases = sizes.map((size) =>
      Array.from({ length: size }, () => make("canvas", { width: GRID, height: GRID }))
    );
    diagram.style.height = `${height}px`;
    diagram.style.minWidth = `${sizes.length * 92}px`;
    const place = (layer: number, unit: number): readonly [x: number, y: number] => [
      100 * (layer + 0.5) / sizes.length,
      24 + (height - 24) * (unit + 0.5) / sizes[layer]!,
    ];
    paths = sizes.slice(1).map((size, layer) =>
      Array.from({ length: sizes[layer]! * size }, () => draw("path"))
    );
    links.setAttribute("viewBox", `0 0 100 ${height}`);
    links.setAttribute("preserveAspectRatio", "none");
    paths.forEach((list, layer) =>
      list.forEach((path, i) => {
        const units = sizes[layer + 1]!;
        const [x1, y1] = place(layer, Math.floor(i / units));
        const [x2, y2] = place(layer + 1, i % units);
        path.setAttribute("d", `M${x1} ${y1} C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`);
      })
    );
    links.replaceChildren(...paths.flat());
    const names = ["inputs", ...hidden.map((_, i) => `layer ${i + 1}`), "output"];
    diagram.replaceChildren(
      links,
      ...sizes.flatMap((size, layer) => [
        make("span", { class: "layer", style: `left:${place(layer, 0)[0]}%` }, names[layer]!),
        ...Array.from({ length: size }, (_, unit) => {
          const [x, y] = place(layer, unit);
          const name = layer === 0
            ? `x${unit + 1}`
            : layer === sizes.length - 1
            ? "output"
            : `unit ${unit + 1} of layer ${layer}`;
          const leave = (): void => {
            pointed = undefined;
            show();
          };
          const enter = (): void => {
            pointed = [layer, unit];
            show();
          };
          return make(
            "button",
            {
              class: "unit",
              "aria-label": `Look at ${name}`,
              style: `left:${x}%;top:${y}px`,
              onpointerenter: enter,
              onpointerleave: leave,
              onfocus: enter,
              onblur: leave,
            },
            canvases[layer]![unit]!,
            make("small", layer === 0 ? { class: "below" } : {}, layer === 0 ? name : ""),
          );
        }),
      ]),
    );
    drawInputs();
  }

  function drawInputs(): void {
    const [first, second] = canvases[0]!;
    paint(first!, (i) => 2 * (i % GRID + 0.5) / GRID - 1);
    paint(second!, (i) => 1 - 2 * (Math.floor(i / GRID) + 0.5) / GRID);
  }

  /** A map as colours: the output's half is 0, that of others 0 itself, by the size of the largest number. */
  function scaled(layer: number, map: Float32Array): (i: number) => number {
    if (layer === canvases.length - 1) return (i) => 2 * map[i]! - 1;
    let largest = 1e-6;
    for (const value of map) largest = Math.max(largest, Math.abs(value));
    return (i) => map[i]! / largest;
  }

  function show(): void {
    if (frame === undefined || frame.maps.length !== canvases.length - 1) return;
    facts[0]!.value.textContent = String(frame.epoch);
    facts[1]!.value.textContent = write(frame.loss, 3);
    facts[2]!.value.textContent = Number.isNaN(frame.right) ? "–" : `${Math.round(100 * frame.right)} %`;
    trouble.hidden = frame.trouble === undefined;
    if (frame.trouble !== undefined) {
      trouble.textContent = `Training has stopped: ${frame.trouble}. Lower the learning rate, then reset.`;
    }
    frame.maps.forEach((units, layer) =>
      units.forEach((map, unit) => {
        const canvas = canvases[layer + 1]![unit]!;
        paint(canvas, scaled(layer + 1, map));
        const isDead = settings.activation === "relu" && layer < settings.hidden.length &&
          map.every((value) => value === 0);
        canvas.nextElementSibling!.textContent = isDead ? "dead" : "";
      })
    );
    frame.weights.forEach((weights, layer) => {
      const units = canvases[layer + 1]!.length;
      weights.forEach((weight, i) => {
        const path = paths[layer]![i]!;
        const isNear = pointed === undefined ||
          (pointed[0] === layer && pointed[1] === Math.floor(i / units)) ||
          (pointed[0] === layer + 1 && pointed[1] === i % units);
        path.setAttribute("class", `${weight < 0 ? "minus" : "plus"}${isNear ? "" : " far"}`);
        path.style.strokeWidth = `${Math.min(6, 0.3 + 1.6 * Math.abs(weight)).toFixed(2)}px`;
      });
    });
    drawPlane();
    drawLoss();
    if (weightsTable.open) showWeights();
  }

  function showWeights(): void {
    if (frame === undefined) return;
    const rows = frame.weights.flatMap((weights, layer) => {
      const units = canvases[layer + 1]!.length;
      return Array.from(
        weights,
        (weight, i) =>
          make(
            "tr",
            {},
            ...[String(layer + 1), String(Math.floor(i / units) + 1), String(i % units + 1), write(weight, 3)]
              .map((text) => make("td", {}, text)),
          ),
      );
    });
    weightsTable.lastElementChild!.replaceChildren(
      make(
        "table",
        {},
        make(
          "thead",
          {},
          make("tr", {}, ...["layer", "from", "to", "weight"].map((text) => make("th", {}, text))),
        ),
        make("tbody", {}, ...rows),
      ),
    );
  }
  weightsTable.addEventListener("toggle", showWeights);

  const small = make("canvas", { width: GRID, height: GRID });
  function drawPlane(): void {
    const context = plane.getContext("2d")!;
    const size = plane.width;
    const { paper } = palette();
    const rgb = (color: readonly number[]): string => `rgb(${color.join()})`;
    context.fillStyle = rgb(paper);
    context.fillRect(0, 0, size, size);
    const [layer, unit] = pointed ?? [canvases.length - 1, 0];
    const map = layer === 0 ? undefined : frame?.maps[layer - 1]?.[unit];
    if (layer === 0) context.drawImage(canvases[0]![unit]!, 0, 0, size, size);
    else if (map !== undefined) {
      const value = scaled(layer, map);
      paint(small, value);
      context.imageSmoothingEnabled = true;
      context.drawImage(small, 0, 0, size, size);
      if (pointed === undefined) drawBoundary(context, value, size);
    }
    points.x.forEach((x, i) => {
      const [left, top] = [(x + 1) / 2 * size, (1 - points.y[i]!) / 2 * size];
      const isOne = points.label[i] === 1;
      context.beginPath();
      if (isOne) context.arc(left, top, 4.4, 0, 7);
      else {
        context.moveTo(left, top - 5.4);
        context.lineTo(left + 5.4, top);
        context.lineTo(left, top + 5.4);
        context.lineTo(left - 5.4, top);
        context.closePath();
      }
      context.fillStyle = rgb(isOne ? [20, 60, 120] : [120, 48, 6]);
      context.strokeStyle = "white";
      context.lineWidth = 1;
      context.fill();
      context.stroke();
    });
    if (cross !== undefined && document.activeElement === plane) {
      const [left, top] = [(cross[0] + 1) / 2 * size, (1 - cross[1]) / 2 * size];
      context.strokeStyle = paper[0]! > 128 ? "black" : "white";
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(left - 9, top);
      context.lineTo(left + 9, top);
      context.moveTo(left, top - 9);
      context.lineTo(left, top + 9);
      context.stroke();
    }
    empty.hidden = points.x.length > 0;
  }

  const drawLoss = (): void => drawLossChart(chart, losses, every, logarithmic.checked);

  function drawThumbs(): void {
    for (const { name, thumb } of sets) {
      const context = thumb.getContext("2d")!;
      context.clearRect(0, 0, thumb.width, thumb.height);
      const list = name === "own" ? { x: [0], y: [0], label: [2] } : makePoints(name, 0.15, 1);
      list.x.forEach((x, i) => {
        if (list.label[i] === 2) {
          context.strokeStyle = getComputedStyle(root).getPropertyValue("--soft");
          context.lineWidth = 2;
          context.beginPath();
          context.moveTo(20, 22);
          context.lineTo(36, 22);
          context.moveTo(28, 14);
          context.lineTo(28, 30);
          context.stroke();
          return;
        }
        context.fillStyle = getComputedStyle(root).getPropertyValue(
          list.label[i] === 1 ? "--value" : "--adjoint",
        );
        context.fillRect(28 + 20 * x - 1, 22 - 20 * list.y[i]! - 1, 2, 2);
      });
    }
  }

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
      drawInputs();
      show();
      drawLoss();
      mustAsk = true;
      remember();
      if (!wasShown) requestAnimationFrame(tick);
    },
  };
}
