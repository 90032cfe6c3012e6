/**
 * The stages of the program in src/compiler/README.md are those that the code prints.
 * `deno run -A tests/compiler/readme_test.ts --update` writes them anew.
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { ProgramStats } from "../../mod.ts";

const README = new URL("../../src/compiler/README.md", import.meta.url);
const STAGES = ["rows", "simplified", "groups", "memory"] as const;

/** Runs the program in the text and gives its stages. */
async function stagesOf(text: string): Promise<ProgramStats["stages"]> {
  const code = text.match(/```ts\n(.*?)```/s)![1]!.replace(
    '"@tapegrad/tapegrad"',
    JSON.stringify(new URL("../../mod.ts", import.meta.url).href),
  );
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, `${code}\nexport default stages;\n`);
    return (await import(new URL(`file://${file}`).href)).default;
  } finally {
    await Deno.remove(file);
  }
}

/** The text with the stages put in. */
function withStages(text: string, stages: ProgramStats["stages"]): string {
  return STAGES.reduce(
    (all, stage) =>
      all.replace(
        new RegExp(`(\`\`\`text ${stage}\\n).*?(\`\`\`\\n)`, "s"),
        (_, head, tail) => `${head}${stages[stage]}\n${tail}`,
      ),
    text,
  );
}

if (import.meta.main && Deno.args.includes("--update")) {
  const text = await Deno.readTextFile(README);
  await Deno.writeTextFile(README, withStages(text, await stagesOf(text)));
}

const granted = (await Deno.permissions.query({ name: "write" })).state === "granted";

Deno.test({ name: "the README of the compiler shows what the code prints", ignore: !granted }, async () => {
  const text = await Deno.readTextFile(README);
  for (const stage of STAGES) {
    assertMatch(text, new RegExp(`\`\`\`text ${stage}\\n[%0]`));
  }
  assertEquals(text, withStages(text, await stagesOf(text)));
});
