import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };

const granted = (await Deno.permissions.query({ name: "read" })).state === "granted";
const commands: { readonly [task: string]: string } = Object.fromEntries(
  Object.entries(configuration.tasks).map(([task, { command }]) => [task, command]),
);

Deno.test("@std comes from JSR, and nothing else is mapped", () => {
  for (const [name, target] of Object.entries(configuration.imports)) {
    assertMatch(name, /^@std\//);
    assertMatch(target, new RegExp(`^jsr:${name}@\\^`));
  }
});

Deno.test("the doc task covers every export", () => {
  const files = commands["doc"]!.split("deno doc --lint ")[1]!.split(" ");
  assertEquals(files.map((file) => `./${file}`), Object.values(configuration.exports));
});

Deno.test("every task chooses the stand-ins in the same way, but for those that need no @std", () => {
  const others = Object.entries(commands).filter(([, command]) =>
    !command.startsWith("deno run -A .ci/with_std.ts deno ")
  );
  assertEquals(others.map(([task]) => task), ["fmt", "ok:steps"]);
});

Deno.test("ok runs every check, the tests with all random programs", () => {
  const steps = commands["ok:steps"]!.split(" && ");
  assertEquals(steps, [
    "deno fmt --check",
    "deno lint",
    ...["check", "doc"].map((task) => `deno task ${task}`),
    "TAPEGRAD_FUZZ='10000 0' deno task test",
    ...["doc:test", "publish:check"].map((task) => `deno task ${task}`),
  ]);
});

/** All modules in a folder. */
async function readModules(folder: URL): Promise<string[]> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) texts.push(...await readModules(new URL(`${name}/`, folder)));
    else if (name.endsWith(".ts")) texts.push(await Deno.readTextFile(new URL(name, folder)));
  }
  return texts;
}

Deno.test(
  { name: "the stand-ins run in browsers: nothing of Node is in them", ignore: !granted },
  async () => {
    const texts = await readModules(new URL("../../.ci/jsr/", import.meta.url));
    const words = texts.flatMap((text) => text.match(/"node:\w+"|\bBuffer\b|\bprocess\./g) ?? []);
    assertGreater(texts.length, 10);
    assertEquals(words, []);
  },
);
