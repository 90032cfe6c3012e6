/// <reference lib="dom" />
/** The network: a map of what each unit sees, and a link for each weight. */
import { draw, make } from "../dom.ts";
import { type Frame, GRID, type Settings } from "./messages.ts";
import { write } from "../numbers.ts";
import { paint } from "./painting.ts";

/** A unit, by its layer; the inputs are layer 0. */
export type Unit = readonly [layer: number, unit: number];

const UNIT = 46;

/** The drawing of a network. */
export class Diagram {
  readonly element: HTMLElement = make("div", { class: "diagram" });
  /** The weights as a table, for those who don't see links. */
  readonly table: HTMLDetailsElement = make(
    "details",
    {},
    make("summary", {}, "The weights as a table"),
    make("div", { class: "scroll" }),
  );
  canvases: HTMLCanvasElement[][] = [];
  #paths: SVGPathElement[][] = [];
  #frame: Frame | undefined;
  readonly #links = draw("svg", { class: "links", "aria-hidden": "true" });
  readonly #point: (unit: Unit | undefined) => void;

  /** @param point Is called when a unit is pointed at, and when it is left */
  constructor(point: (unit: Unit | undefined) => void) {
    this.#point = point;
    this.table.addEventListener("toggle", () => this.#showWeights());
  }

  /** Draws units and links for layers of these sizes. */
  build(hidden: readonly number[]): void {
    const sizes = [2, ...hidden, 1];
    const height = Math.max(...sizes) * (UNIT + 16) + 24;
    this.canvases = sizes.map((size) =>
      Array.from({ length: size }, () => make("canvas", { width: GRID, height: GRID }))
    );
    this.element.style.height = `${height}px`;
    this.element.style.minWidth = `${sizes.length * 92}px`;
    const place = (layer: number, unit: number): readonly [x: number, y: number] => [
      100 * (layer + 0.5) / sizes.length,
      24 + (height - 24) * (unit + 0.5) / sizes[layer]!,
    ];
    this.#paths = sizes.slice(1).map((size, layer) =>
      Array.from({ length: sizes[layer]! * size }, () => draw("path"))
    );
    this.#links.setAttribute("viewBox", `0 0 100 ${height}`);
    this.#links.setAttribute("preserveAspectRatio", "none");
    this.#paths.forEach((list, layer) =>
      list.forEach((path, i) => {
        const units = sizes[layer + 1]!;
        const [x1, y1] = place(layer, Math.floor(i / units));
        const [x2, y2] = place(layer + 1, i % units);
        path.setAttribute("d", `M${x1} ${y1} C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`);
      })
    );
    this.#links.replaceChildren(...this.#paths.flat());
    const names = ["inputs", ...hidden.map((_, i) => `layer ${i + 1}`), "output"];
    this.element.replaceChildren(
      this.#links,
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
            this.#point(undefined);
          };
          const enter = (): void => {
            this.#point([layer, unit]);
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
            this.canvases[layer]![unit]!,
            make("small", layer === 0 ? { class: "below" } : {}, layer === 0 ? name : ""),
          );
        }),
      ]),
    );
    this.paintInputs();
  }

  /** Draws what the inputs are. */
  paintInputs(): void {
    const [first, second] = this.canvases[0]!;
    paint(first!, (i) => 2 * (i % GRID + 0.5) / GRID - 1);
    paint(second!, (i) => 1 - 2 * (Math.floor(i / GRID) + 0.5) / GRID);
  }

  /** A map as colours: the output's half is 0, that of others 0 itself, by the size of the largest number. */
  scaled(layer: number, map: Float32Array): (i: number) => number {
    if (layer === this.canvases.length - 1) return (i) => 2 * map[i]! - 1;
    let largest = 1e-6;
    for (const value of map) largest = Math.max(largest, Math.abs(value));
    return (i) => map[i]! / largest;
  }

  /** Whether a frame is of a network of these layers. */
  fits(frame: Frame | undefined): frame is Frame {
    return frame !== undefined && frame.maps.length === this.canvases.length - 1;
  }

  /** Shows maps and weights; those away from the unit that is pointed at fade. */
  show(frame: Frame, settings: Settings, pointed: Unit | undefined): void {
    this.#frame = frame;
    frame.maps.forEach((units, layer) =>
      units.forEach((map, unit) => {
        const canvas = this.canvases[layer + 1]![unit]!;
        paint(canvas, this.scaled(layer + 1, map));
        const isDead = settings.activation === "relu" && layer < settings.hidden.length &&
          map.every((value) => value === 0);
        canvas.nextElementSibling!.textContent = isDead ? "dead" : "";
      })
    );
    frame.weights.forEach((weights, layer) => {
      const units = this.canvases[layer + 1]!.length;
      weights.forEach((weight, i) => {
        const path = this.#paths[layer]![i]!;
        const isNear = pointed === undefined ||
          (pointed[0] === layer && pointed[1] === Math.floor(i / units)) ||
          (pointed[0] === layer + 1 && pointed[1] === i % units);
        path.setAttribute("class", `${weight < 0 ? "minus" : "plus"}${isNear ? "" : " far"}`);
        path.style.strokeWidth = `${Math.min(6, 0.3 + 1.6 * Math.abs(weight)).toFixed(2)}px`;
      });
    });
    if (this.table.open) this.#showWeights();
  }

  #showWeights(): void {
    const frame = this.#frame;
    if (frame === undefined) return;
    const rows = frame.weights.flatMap((weights, layer) => {
      const units = this.canvases[layer + 1]!.length;
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
    this.table.lastElementChild!.replaceChildren(
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
}
