import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };

const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";
const read = (file: string): Promise<string> => Deno.readTextFile(new URL(`../../${file}`, import.meta.url));
const page = granted ? await read(".github/CONTRIBUTING.md") : "";
const code = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]!);
/** The files of primitives and functions that the page names, in the order of the code shown. */
const [elementwiseFile, file] = [...page.matchAll(/`(src\/primitives\/\w+\/\w+\.ts)`:/g)].map((match) =>
  match[1]!
);
const [definition, elementwiseFunction, operation, line, operationFunction] = code;

Deno.test({ name: "the definitions shown are those in the tree", ignore: !granted }, async () => {
  assertEquals(code.length, 5);
  assertStringIncludes(await read(elementwiseFile!), definition!);
  assertEquals(operation, await read(file!));
});

Deno.test({ name: "the line shown is in the table", ignore: !granted }, async () => {
  assertStringIncludes(await read("src/primitives/table.ts"), `\n${line}`, line);
});

Deno.test({ name: "the functions shown are in the room of functions", ignore: !granted }, async () => {
  const room = "src/functions";
  const files: string[] = [];
  for await (const family of Deno.readDir(new URL(`../../${room}/`, import.meta.url))) {
    if (!family.isDirectory) continue;
    const folder = new URL(`../../${room}/${family.name}/`, import.meta.url);
    for await (const { name } of Deno.readDir(folder)) {
      files.push(await read(`${room}/${family.name}/${name}`));
    }
  }
  for (const shown of [elementwiseFunction!, operationFunction!]) {
    assert(files.some((text) => text.includes(shown)), shown);
  }
});

Deno.test({ name: "every file and task named is there", ignore: !granted }, async () => {
  const files = [...page.matchAll(/`((?:src|tests|\.ci)\/[\w/.]+)`/g)].map((match) => match[1]!);
  assertGreater(files.length, 15);
  for (const file of files) await Deno.stat(new URL(`../../${file}`, import.meta.url));
  const tasks = [...page.matchAll(/`deno task ([\w:]+)/g)].map((match) => match[1]!);
  assertEquals(tasks.filter((task) => !(task in configuration.tasks)), []);
});

Deno.test({ name: "the map names every room", ignore: !granted }, async () => {
  const entries = await Array.fromAsync(Deno.readDir(new URL("../../src/", import.meta.url)));
  const rooms = entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  const named = [...page.matchAll(/^\| `src\/(\w+)`/gm)].map((match) => match[1]!);
  assertEquals(named.sort(), rooms.sort());
});
