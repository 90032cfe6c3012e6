import { assertEquals } from "@std/assert";
import { doors, isGranted, readDoor } from "../doors/documentation.ts";
import { badValues, faultOf } from "./bad_values.ts";
import { data, files, pictures } from "./doors/data.ts";
import { layers, partsOfLayers } from "./doors/layers.ts";
import { losses, models } from "./doors/models.ts";
import { optim } from "./doors/optim.ts";
import type { Probe, Probes } from "./doors/probe.ts";
import { random } from "./doors/random.ts";
import { transforms } from "./doors/transforms.ts";
import { good } from "./good_arguments.ts";

/** The probes of each door; functions on Variables have a test of their own. */
const PROBES: { readonly [door: string]: Probes } = {
  ".": transforms,
  "./random": random,
  "./optim": optim,
  "./data": data,
  "./io": files,
  "./viz": pictures,
  "./testing": pictures,
  "./nn": { ...layers, ...partsOfLayers, ...losses, ...models },
};

for (const [door, probes] of Object.entries(PROBES)) {
  // Of this door also initializers and regularizers by name alone are exported, which take no options.
  if (door === "./nn") continue;
  Deno.test({
    name: `every function of door ${door} is called with bad values`,
    ignore: !isGranted,
    async fn() {
      const symbols = await readDoor(doors[door]!);
      const callable = symbols.filter(({ name, declarations }) =>
        name !== "tape" && declarations.some(({ kind }) => kind === "function" || kind === "variable")
      );
      const missing = callable.map(({ name }) => name).filter((name) => !(name in probes) && !(name in good));
      assertEquals(missing, []);
    },
  });
}

/** What a value is, as far as somebody could take it for another. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) return "list";
  if (typeof value !== "object") return typeof value;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? "object" : "instance";
}

/** Which kinds may stand for another: a number for one axis or for all elements, a function for its name. */
const STANDS_FOR: { readonly [kind: string]: readonly string[] } = {
  boolean: [],
  number: ["list", "function", "object"],
  string: ["function", "number", "list", "object"],
  function: ["list", "instance"],
  object: [],
  list: ["number", "object", "instance"],
};

/** Whether a value may be taken where the good one stands. */
function mayStand(probe: Probe, what: string, given: unknown, value: unknown): boolean {
  if (value === undefined || probe.takes?.some((each) => what.startsWith(each))) return true;
  if (value === null && probe.takesNull?.includes(what)) return true;
  const [wanted, found] = [kindOf(given), kindOf(value)];
  if (wanted === "instance") return true;
  if (wanted === found) return !Number.isNaN(value);
  return STANDS_FOR[wanted]?.includes(found) ?? false;
}

/** Calls with a bad value in place of each argument, and of each option. */
function* mistakes(
  args: readonly unknown[],
): Generator<[what: string, good: unknown, bad: unknown, kind: string, args: unknown[]]> {
  for (const [i, given] of args.entries()) {
    for (const [kind, value] of badValues()) {
      yield [`argument ${i}`, given, value, kind, args.with(i, value)];
      if (kindOf(given) !== "object") continue;
      for (const [name, before] of Object.entries(given as object)) {
        yield [
          `argument ${i}, ${name}`,
          before,
          value,
          kind,
          args.with(i, { ...given as object, [name]: value }),
        ];
      }
    }
  }
  if (args.length > 0) yield ["no arguments", undefined, undefined, "", []];
}

/** Longer than any of these calls takes, also on a busy machine. */
const LONGEST = 20;

for (const [door, probes] of Object.entries(PROBES)) {
  for (const [name, probe] of Object.entries(probes)) {
    if (door === "./testing" && name !== "checkGradients") continue;
    Deno.test(`${name} of door ${door} answers mistakes in words that name what to do`, async () => {
      const call = probe.call as (...args: readonly unknown[]) => unknown;
      await call(...probe.args());
      const faults: string[] = [];
      const count = probe.args().length;
      for (const [what, before, value, kind, args] of mistakes(probe.args())) {
        if (probe.skips?.includes(kind)) continue;
        const start = performance.now();
        try {
          // Fresh arguments, but for the bad one: a call may have used the others up.
          const fresh = probe.args();
          await call(
            ...args.map((arg, i) => i < count && `argument ${i}` !== what.split(",")[0] ? fresh[i] : arg),
          );
          if (!mayStand(probe, what, before, value)) {
            faults.push(`${what} is ${kind}: it is taken without a word`);
          }
        } catch (error) {
          const fault = faultOf(error);
          if (fault !== undefined) faults.push(`${what} is ${kind}: ${fault}`);
        }
        const seconds = (performance.now() - start) / 1000;
        if (seconds > LONGEST) faults.push(`${what} is ${kind}: it takes ${seconds} s`);
      }
      assertEquals(faults, []);
    });
  }
}
