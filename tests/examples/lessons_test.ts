/** The numbered examples: each runs as its own process and shows what it claims. */
import { assertEquals, assertExists, assertGreater, assertMatch } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted";
const ROOT = new URL("../../", import.meta.url);

interface Lesson {
  readonly file: string;
  readonly args?: readonly string[];
  /** A line that holds a number, and the range it has to be in. */
  readonly claims: readonly (readonly [line: RegExp, low: number, high: number])[];
  /** What must hold between these numbers. */
  check?(values: readonly number[]): void;
}

const LESSONS: readonly Lesson[] = [
  {
    file: "01_derivatives",
    claims: [
      [/^df\/dx = y \+ cos x = (.*)$/m, 3 + Math.cos(2) - 1e-6, 3 + Math.cos(2) + 1e-6],
      [/^Largest difference from central differences at 17 points: (.*)$/m, 0, 1e-8],
    ],
  },
  { file: "03_regression", claims: [[/^R² on new rows: (.*)$/m, 0.9, 1]] },
  { file: "04_spirals", claims: [[/^accuracy on new points: (.*) %$/m, 97, 100]] },
  { file: "05_digits", claims: [[/^accuracy on new pictures: (.*) %$/m, 95, 100]] },
  {
    file: "06_characters",
    args: ["--epochs", "12"],
    claims: [
      [/^even guesses: (.*) bits a character$/m, 5, 5.2],
      [/^pairs of characters: (.*) bits a character$/m, 3, 3.4],
      [/^this model, on the text it has learned: (.*) bits a character$/m, 0, 2.5],
    ],
  },
  {
    file: "07_transformer",
    args: ["--epochs", "5"],
    claims: [[/^this model, on the text it has learned: (.*) bits a character$/m, 0, 2.9]], // pairs of characters need 3.24
  },
  {
    file: "08_fine_tuning",
    claims: [
      [/^the head alone: (.*) % of 500 new pictures$/m, 50, 85],
      [/^fine-tuned: (.*) %$/m, 78, 100],
      [/^from scratch: (.*) %$/m, 50, 85],
    ],
    check([head, tuned, scratch]) {
      assertGreater(tuned!, head!);
      assertGreater(tuned!, scratch!);
    },
  },
  {
    file: "09_curve_fit",
    claims: [
      [/^halfLife .* ± (.*)$/m, 2, 6],
      [/^noise estimated from the residuals: (.*) \(true: 15\)$/m, 10, 20],
      [/^within one standard error: (.*) % of 200 experiments$/m, 58, 75], // 65 ± 3.4 are expected
    ],
  },
  {
    file: "10_gaussian_process",
    claims: [
      [/^least sure at x = (.*), where nothing was measured$/m, 4, 6],
      [/^the true function lies in the band at (.*) % of the places$/m, 85, 100],
    ],
  },
  {
    file: "11_variational_inference",
    claims: [[/^largest difference, in standard deviations: (.*)$/m, 0, 0.15]],
  },
  {
    file: "12_neural_ode",
    claims: [[/^root mean squared error of the three seconds it has not seen: (.*)$/m, 0, 0.25]],
  },
  {
    file: "13_heat_equation",
    claims: [[/^largest difference from the exact solution at 441 places: (.*)$/m, 0, 1e-3]],
  },
];

/** Runs an example without network and environment. */
async function run(file: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-write", `examples/${file}.ts`, ...args],
    cwd: ROOT,
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out!, err: err! };
}

for (const { file, args = [], claims, check } of LESSONS) {
  Deno.test({ name: `example ${file} shows what it claims`, ignore: !granted }, async () => {
    const { code, out, err } = await run(file, ...args);
    assertEquals(code, 0, err);
    const values = claims.map(([line, low, high]) => {
      assertMatch(out, line);
      const value = Number(line.exec(out)![1]);
      assertEquals(value >= low && value <= high, true, `${line}: ${value} is not from ${low} to ${high}`);
      return value;
    });
    check?.(values);
  });
}

Deno.test(
  { name: "every numbered example has a task, a claim and a row of the index", ignore: !granted },
  async () => {
    const index = await Deno.readTextFile(new URL("examples/README.md", ROOT));
    const files = (await Array.fromAsync(Deno.readDir(new URL("examples/", ROOT)), ({ name }) => name))
      .filter((name) => /^\d\d_.*\.ts$/.test(name)).sort();
    assertGreater(files.length, 11);
    const tasks: { readonly [name: string]: { readonly command: string } } = configuration.tasks;
    for (const file of files) {
      const task = `example:${file.slice(3, -3).replaceAll("_", "-")}`;
      assertExists(tasks[task], task);
      assertMatch(tasks[task].command, new RegExp(`examples/${file}$`));
      assertMatch(index, new RegExp(`\\[\\d\\d [^\\]]*\\]\\(${file}\\) *\\| \`deno task ${task}\``));
    }
    assertEquals(LESSONS.map(({ file }) => `${file}.ts`), files);
    const numbers = [...index.matchAll(/^\| \[(\d\d) /gm)].map((match) => Number(match[1]));
    assertEquals(numbers, Array.from({ length: 15 }, (_, i) => i + 1));
  },
);

Deno.test({ name: "the tasks of examples grant no more than the examples need", ignore: !granted }, () => {
  for (const [name, { command }] of Object.entries(configuration.tasks)) {
    if (name.startsWith("example:")) assertEquals(command.includes("deno run -A examples"), false, name);
  }
});

for (
  const [file, args, message] of [
    [
      "05_digits",
      ["--images", "here"],
      "give all of --images, --labels, --test-images and --test-labels, or none",
    ],
    ["03_regression", ["--csv", "missing.csv"], "missing.csv"],
    ["03_regression", ["--target", "price"], "price"],
    ["06_characters", ["--temperature", "0"], "Bad value for --temperature"],
    ["04_spirals", ["--classes", "9"], "expected an integer from 2 to 6"],
    ["04_spirals", ["--epoch", "3"], "Unknown argument: --epoch"],
  ] as const
) {
  Deno.test(
    { name: `example ${file} ${args.join(" ")} ends with code 2 and one line`, ignore: !granted },
    async () => {
      const { code, err } = await run(file, ...args);
      assertEquals([code, err.trim().split("\n").length], [2, 1], err);
      assertMatch(err, new RegExp(message));
    },
  );
}
