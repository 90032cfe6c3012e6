import { assert, assertEquals, assertGreater, assertNotMatch } from "@std/assert";
import { copyStandIns } from "../.ci/stand_ins.ts";

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "write" })).state === "granted" &&
  (await Deno.permissions.query({ name: "env" })).state === "granted";
const root = new URL("../", import.meta.url);

async function deno(args: string[], cwd: string | URL, env: Record<string, string> = {}): Promise<string> {
  const output = await new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1", ...env } })
    .output();
  const text = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  assert(output.success, `deno ${args.join(" ")} failed:\n${text}`);
  return text;
}

const CONSUMER = `
import { grad, type Variable } from "jsr:@tapegrad/tapegrad@0.1.0";
import { loadIris } from "jsr:@tapegrad/tapegrad@0.1.0/data";
import { dense, sequential } from "jsr:@tapegrad/tapegrad@0.1.0/nn";
import { sgd } from "jsr:@tapegrad/tapegrad@0.1.0/optim";

const second: number = grad(grad((x: Variable) => x.pow(3)))(2);
const { features, labels } = loadIris({ classes: ["setosa", "versicolor"] });
const model = sequential([dense({ units: 3, activation: "sigmoid" }), dense({ units: 1, activation: "sigmoid" })]);
model.compile({ optimizer: sgd({ learningRate: 1 }), loss: "binaryCrossentropy", metrics: ["accuracy"] });
const { history } = await model.fit(features, labels, { epochs: 3, verbose: 0 });
const losses: readonly number[] = history["loss"]!;
console.log(JSON.stringify({ second, rows: features.shape[0], losses: losses.filter(Number.isFinite).length }));
`;

Deno.test({
  name: "another project imports the published files, type-checked, without permissions",
  ignore: !granted,
}, async () => {
  const temp = await Deno.makeTempDir();
  try {
    const registry = `${temp}/registry`;
    const env = { JSR_URL: await copyStandIns(registry) };
    const { exports, version, imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
    const usesStandIns = Deno.env.get("JSR_URL")?.startsWith("file:");
    const listing = await deno(
      ["publish", "--dry-run", "--allow-dirty", "--no-check"],
      root,
      usesStandIns ? env : {},
    );
    const files = [...listing.matchAll(/(file:\/\/\S+) \(/g)].map((match) => new URL(match[1]!));
    assertGreater(files.length, 50, listing);
    const base = `${registry}/@tapegrad/tapegrad`;
    for (const file of files) {
      const relative = file.href.slice(root.href.length);
      assertNotMatch(relative, /^(tests|examples|\.)/, `${relative} should not be published`);
      const to = `${base}/${version}/${relative}`;
      await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
      let text = await Deno.readTextFile(file);
      for (const [name, target] of Object.entries<string>(imports)) {
        text = text.replaceAll(`from "${name}"`, `from "${target}"`)
          .replaceAll(`from "${name}/`, `from "${target}/`)
          .replaceAll(`import("${name}/`, `import("${target}/`);
      }
      await Deno.writeTextFile(to, text);
    }
    await Deno.writeTextFile(
      `${base}/meta.json`,
      JSON.stringify({ scope: "tapegrad", name: "tapegrad", latest: version, versions: { [version]: {} } }),
    );
    await Deno.writeTextFile(`${base}/${version}_meta.json`, JSON.stringify({ manifest: {}, exports }));
    await Deno.mkdir(`${temp}/consumer`);
    await Deno.writeTextFile(`${temp}/consumer/deno.json`, "{}");
    await Deno.writeTextFile(`${temp}/consumer/main.ts`, CONSUMER);
    await deno(["check", "main.ts"], `${temp}/consumer`, env);
    const printed = await deno(["run", "--no-prompt", "main.ts"], `${temp}/consumer`, env);
    assertEquals(JSON.parse(printed.trim().split("\n").find((line) => line.startsWith("{"))!), {
      second: 12,
      rows: 100,
      losses: 3,
    });
  } finally {
    await Deno.remove(temp, { recursive: true });
  }
});
