/// <reference lib="dom" />
/** What is to be shown at a moment, worked out once for all views. */
import type { Value } from "../../../mod.ts";
import { make } from "../dom.ts";
import { mapOf } from "./heat.ts";
import type { Part, Row, Trace } from "./trace.ts";
import { brief, isFinite, writeShape } from "./values.ts";

/** What views may ask for. */
export interface Moves {
  /** Goes to where a row was recorded, or to where it hands on its parts. */
  walkTo(row: number): void;
  /** Marks a row in all views. */
  look(row: number | undefined): void;
}

/** A moment of a trace. */
export class Scene {
  readonly trace: Trace;
  /** 0 to the number of rows: so many are recorded; beyond that, so many steps of the walk are done. */
  readonly moment: number;
  /** The row that is looked at. */
  readonly looking: number | undefined;
  /** The part that is to be predicted. */
  readonly asked: Part | undefined;
  readonly rowCount: number;
  /** How many steps of the walk are done. */
  readonly walked: number;
  /** The row in hand. */
  readonly current: number | undefined;
  /** All parts that have been handed on, and those of the last step. */
  readonly handed: readonly Part[];
  readonly fresh: readonly Part[];
  /** Rows that have handed on their parts. */
  readonly done: ReadonlySet<number>;
  /** Adjoints so far, and how many parts have arrived, by rows. */
  readonly totals: ReadonlyMap<number, Value>;
  readonly arrived: ReadonlyMap<number, number>;

  constructor(trace: Trace, moment: number, looking: number | undefined, asked: Part | undefined) {
    this.trace = trace;
    this.moment = moment;
    this.looking = looking;
    this.asked = asked;
    this.rowCount = trace.rows.length;
    this.walked = Math.max(0, moment - this.rowCount);
    const steps = trace.steps.slice(0, this.walked);
    this.current = moment === 0 ? undefined : moment <= this.rowCount ? moment - 1 : steps.at(-1)!.row;
    this.handed = steps.flatMap(({ parts }) => parts);
    this.fresh = steps.at(-1)?.parts ?? [];
    this.done = new Set(steps.map(({ row }) => row));
    const totals = new Map<number, Value>(moment >= this.rowCount ? [[trace.output, 1]] : []);
    const arrived = new Map<number, number>();
    for (const { to, total } of this.handed) {
      totals.set(to, total);
      arrived.set(to, (arrived.get(to) ?? 0) + 1);
    }
    this.totals = totals;
    this.arrived = arrived;
  }

  /** How many parts a row gets: one for each use that f depends on. */
  countOf(row: Row): number {
    if (row.kind === "constant") return 0;
    return row.users.filter((user) => this.trace.rows[user]!.isUsed).length;
  }
}

/**
 * A number in the colour of its kind, red where it is not finite; an array as its map, its shape and first elements.
 *
 * @param room Characters that the elements of an array may take
 */
export function numberIn(
  tag: "td" | "span",
  kind: string,
  value: Value | undefined,
  room: number = tag === "td" ? 12 : 22,
): HTMLElement {
  const isBad = value !== undefined && !isFinite(value);
  const element = make(tag, { class: `${kind} number${isBad ? " bad" : ""}` });
  if (value === undefined || typeof value === "number") {
    element.textContent = value === undefined ? "" : brief(value);
    return element;
  }
  const inTable = tag === "td";
  element.classList.add("array");
  element.append(make(
    "span",
    { class: "held" },
    mapOf(value, inTable ? { width: 44, height: 24 } : { width: 60, height: 18 }),
    make(
      "span",
      { class: "said" },
      make("small", {}, `${writeShape(value)} `),
      brief(value, inTable ? 2 : 3, room),
    ),
  ));
  return element;
}
