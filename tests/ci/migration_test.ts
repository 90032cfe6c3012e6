import { assertEquals, assertGreater } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };
import { variable } from "../../mod.ts";
import { Dataset } from "../../src/data/mod.ts";
import { dense, input, sequential } from "../../src/nn/mod.ts";
import { adam } from "../../src/optim/mod.ts";

const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";

/** All names of an object, those of its class too. */
function membersOf(object: object): string[] {
  const names: string[] = [];
  for (let at = object; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at)) {
    names.push(...Object.getOwnPropertyNames(at));
  }
  return names;
}

/** What a name in front of a dot stands for in the tables. */
const OBJECTS: { readonly [name: string]: object } = {
  Dataset,
  layer: dense({ units: 1 }),
  loss: variable(0),
  model: sequential([dense({ units: 1 })]).build([1]),
  optimizer: adam(),
};
const [w, data] = [variable([1]), Dataset.fromArrays([[1]])];

Deno.test({
  name: "what the tables of MIGRATION.md name is exported by the door that they say",
  ignore: !granted,
}, async () => {
  const page = await Deno.readTextFile(new URL("../../.github/MIGRATION.md", import.meta.url));
  const doors = new Map<string, object>();
  for (const [door, file] of Object.entries(configuration.exports)) {
    doors.set(door, await import(`../../${file}`));
  }
  const missing: string[] = [];
  let count = 0;
  for (const line of page.split("\n").filter((line) => /^\| .*\|$/.test(line) && !line.startsWith("| --"))) {
    const cell = line.split("|")[2]!;
    const named = [...cell.matchAll(/`(\.\/\w+)`/g)].map((match) => match[1]!);
    const names = (named.length > 0 ? [".", ...named] : ["."]).flatMap((door) =>
      Object.keys(doors.get(door) ?? {})
    );
    for (const [, code] of cell.matchAll(/`([^`]+)`/g)) {
      if (/^\.\//.test(code!)) continue;
      for (const [, object, name] of code!.matchAll(/(?:(\w+|\))\.)?\b([a-zA-Z]\w*)(?=\()/g)) {
        count++;
        const known = object === undefined
          ? names
          : object === ")"
          ? [...membersOf(data), ...membersOf(w)]
          : membersOf(OBJECTS[object] ?? w);
        if (!known.includes(name!)) missing.push(`${code}: ${name}`);
      }
    }
  }
  assertGreater(count, 80);
  assertEquals(missing, []);
});

Deno.test("what is named without a call is there too", () => {
  for (const name of ["data", "value", "grad"]) assertEquals(name in w, true, name);
  assertEquals("apply" in input({ shape: [1] }) || "apply" in dense({ units: 1 }), true);
});
