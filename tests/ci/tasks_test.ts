import { assert, assertEquals, assertMatch } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };

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

Deno.test("every task but fmt chooses the stand-ins in the same way", () => {
  const probe = commands["test"]!.split("; ")[0]!;
  assert(probe.includes("JSR_URL"));
  const others = Object.entries(commands).filter(([, command]) => !command.startsWith(`${probe}; `));
  assertEquals(others.map(([task]) => task), ["fmt"]);
});
