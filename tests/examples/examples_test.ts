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
  [["--out", "README.md"], "Cannot write to README.md: it is no folder"],
  [["--csv", "examples"], "Cannot read examples: it is a folder"],
  [["--hidden", "1e9"], "expected an integer from 1 to 100000"],
  [["--learning-rate", "100", "--classes", "all", "--quiet", "--no-pictures"], "Training has diverged"],
  [["--learning-rate", "1e300", "--classes", "all", "--quiet", "--no-pictures"], "the loss is NaN"],
];
for (const [args, message] of MISTAKES) {
  Deno.test({ name: `iris ${args.join(" ")} ends with code 2 and one line`, ignore: !granted }, async () => {
    const { code, err } = await run("iris", ...args);
    assertEquals([code, err.trim().split("\n").length], [2, 1], err);
    assertStringIncludes(err, message);
  });
}

const HEADER = "sepal_length,sepal_width,petal_length,petal_width,species\n";
const FLOWERS = Array.from(
  { length: 20 },
  (_, i) => `5.${i % 10},3,1.${i % 7},0.2,${i % 2 ? "setosa" : "rose"}\n`,
);
const FILES:
  readonly (readonly [what: string, content: string | Uint8Array<ArrayBuffer>, message: string])[] = [
    ["empty", "", "the text is empty"],
    ["a header alone", HEADER, "there is a header"],
    ["of one species", HEADER + "5,3,1,0.2,setosa\n".repeat(20), "has one only"],
    ["of three flowers", HEADER + FLOWERS.slice(0, 3).join(""), "Cannot split 3 rows"],
    ["compressed", new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), "compressed with gzip"],
    ["not UTF-8", new Uint8Array([...new TextEncoder().encode(HEADER), 0xff, 0xfe, 10]), "no text in UTF-8"],
    ["without a column", FLOWERS.map((line) => line.slice(4)).join(""), "Unknown column"],
    ["with a word for a number", HEADER + FLOWERS.join("").replace("5.3", "many"), 'found "many"'],
    ["with a missing number", HEADER + FLOWERS.join("").replace("5.3", ""), "the value is missing"],
    ["with NaN", HEADER + FLOWERS.join("").replace("5.3", "NaN"), 'found "NaN"'],
    ["with a missing species", HEADER + FLOWERS.join("").replace("setosa", ""), "the value is missing"],
    ["with a long row", HEADER + FLOWERS.join("").replace("setosa", "setosa,1"), "the row has 6 fields"],
  ];
for (const [what, content, message] of FILES) {
  Deno.test(
    { name: `iris says in one line what is wrong with a file ${what}`, ignore: !granted },
    async () => {
      const file = await Deno.makeTempFile({ suffix: ".csv" });
      try {
        await Deno.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
        const { code, out, err } = await run("iris", "--csv", file, "--classes", "all", "--no-pictures");
        assertEquals([code, err.trim().split("\n").length, out], [2, 1, ""], err);
        assertStringIncludes(err, message);
      } finally {
        await Deno.remove(file);
      }
    },
  );
}
