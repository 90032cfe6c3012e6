import { assertEquals, assertGreaterOrEqual, assertLess, assertStringIncludes } from "@std/assert";

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted";

/** Runs an example as its own process, without the network. */
async function run(example: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      `examples/${example}.ts`,
      ...args,
    ],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code: output.code, out: text(output.stdout), err: text(output.stderr) };
}

Deno.test(
  { name: "iris trains: the loss falls every epoch, all test flowers are right", ignore: !granted },
  async () => {
    const { code, out } = await run("iris", "--json", "--no-pictures");
    const lines = out.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals([code, lines.length], [0, 31]);
    for (let i = 1; i < 30; i++) assertLess(lines[i].loss, lines[i - 1].loss);
    assertEquals([lines[0].epoch, lines[30].testAccuracy, typeof lines[30].seconds], [1, 1, "number"]);
  },
);

Deno.test({ name: "iris tells all three species apart", ignore: !granted }, async () => {
  const { out } = await run("iris", "--classes", "all", "--json", "--no-pictures");
  assertGreaterOrEqual(JSON.parse(out.trim().split("\n").at(-1)!).testAccuracy, 0.95);
});

Deno.test({ name: "iris and graph write their pictures", ignore: !granted }, async () => {
  const out = await Deno.makeTempDir();
  assertEquals((await run("iris", "--out", out, "--quiet", "--epochs", "2")).code, 0);
  assertEquals((await run("graph", "--out", out)).code, 0);
  const files = [...Deno.readDirSync(out)].map((file) => file.name).sort();
  assertEquals(files, ["graph.dot", "graph.svg", "loss.svg", "model.svg", "predictions.txt"]);
  await Deno.remove(out, { recursive: true });
});

const MISTAKES: [args: string[], message: string][] = [
  [["--epoch", "3"], "Unknown argument: --epoch"],
  [["--epochs", "many"], 'Bad value for --epochs: "many"'],
  [["--learning-rate", "0"], "Bad value for --learning-rate"],
  [["--csv", "missing.csv"], "Cannot read missing.csv: no such file"],
  [["--classes", "setosa,rose"], 'Unknown species: "rose"'],
  [["--optimizer", "magic"], "expected sgd, adam or rmsprop"],
  [["--out", "/dev/null/x", "--quiet"], "Cannot write to /dev/null/x"],
];
for (const [args, message] of MISTAKES) {
  Deno.test({ name: `iris ${args.join(" ")} ends with code 2 and one line`, ignore: !granted }, async () => {
    const { code, err } = await run("iris", ...args);
    assertEquals([code, err.trim().split("\n").length], [2, 1], err);
    assertStringIncludes(err, message);
  });
}
