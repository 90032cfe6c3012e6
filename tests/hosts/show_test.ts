/** What `console.log` shows of the library's values in each host, and what a notebook does. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findPython } from "../python.ts";
import { isInstalled } from "./_programs.ts";

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "write" })).state === "granted" &&
  (await Deno.permissions.query({ name: "env" })).state === "granted";
const ROOT = new URL("../../", import.meta.url);

const SCRIPT = `
import { constant, NdArray, tape, variable } from "${ROOT}mod.ts";
import { dense, sequential } from "${ROOT}src/nn/mod.ts";
const model = sequential([dense({ units: 3 }), dense({ units: 1 })]);
console.log(model);
console.log(model.build([4]));
console.log(variable([[1, 2.5], [-3, 4]], { name: "w" }));
console.log(new NdArray(new Float32Array(3e6), [3000, 1000]));
console.log({ inside: constant(3) });
const x = variable(2, { name: "x" });
x.mul(3).sin();
console.log(tape);
`;

const EXPECTED = `sequential (not built): dense, dense_1
sequential (float32)
layer    output shape  parameters
dense    [batch, 3]    15
dense_1  [batch, 1]    4
total parameters: 19
Variable w [2, 2] float64
[[  1, 2.5],
 [ -3,   4]]
NdArray [3000, 1000] float32
[[0, 0, 0, ..., 0, 0, 0],
 [0, 0, 0, ..., 0, 0, 0],
 [0, 0, 0, ..., 0, 0, 0],
 ...,
 [0, 0, 0, ..., 0, 0, 0],
 [0, 0, 0, ..., 0, 0, 0],
 [0, 0, 0, ..., 0, 0, 0]]
{ inside: Variable [] float64 3 }
row  operation  operands  value      name
0    variable             2          x
1    constant             3
2    mul        %0 %1     6
3    sin        %2        -0.279415
`;

async function run(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    env: { NO_COLOR: "1" },
  })
    .output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, `${program}: ${err}`);
  return out!;
}

const isCi = granted && Deno.env.get("CI") === "true";
const hosts = granted
  ? { Node: await isInstalled("node"), Bun: await isInstalled("bun") }
  : { Node: false, Bun: false };

Deno.test({ name: "console.log shows values alike in Deno, Node and Bun", ignore: !granted }, async () => {
  const folder = await Deno.makeTempDir();
  const [main, bundle] = [`${folder}/main.ts`, `${folder}/main.mjs`];
  await Deno.writeTextFile(main, SCRIPT);
  await run(Deno.execPath(), "bundle", "--quiet", "--platform", "browser", "--output", bundle, main);
  assertEquals(await run(Deno.execPath(), "run", bundle), EXPECTED);
  assert(!isCi || (hosts.Node && hosts.Bun), "a host is missing");
  if (hosts.Node) assertEquals(await run("node", bundle), EXPECTED);
  // Bun puts the members of an object on lines of their own.
  if (hosts.Bun) {
    assertEquals(
      (await run("bun", "run", bundle)).replace(/\{\s+inside: (.*?),?\s+\}/, "{ inside: $1 }"),
      EXPECTED,
    );
  }
  await Deno.remove(folder, { recursive: true });
});

const python = await findPython("nbclient", "nbformat");

const NOTEBOOK = `
import json, os, sys, tempfile
import nbclient, nbformat
deno, cells = sys.argv[1], json.loads(sys.argv[2])
with tempfile.TemporaryDirectory() as folder:
    kernel = os.path.join(folder, "kernels", "deno")
    os.makedirs(kernel)
    with open(os.path.join(kernel, "kernel.json"), "w") as file:
        argv = [deno, "jupyter", "--kernel", "--conn", "{connection_file}"]
        json.dump({"argv": argv, "display_name": "Deno", "language": "typescript"}, file)
    os.environ["JUPYTER_PATH"] = folder
    # Now and then the kernel says that it is idle before it sends a result, which is lost then.
    for attempt in range(4):
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        nbclient.NotebookClient(notebook, kernel_name="deno", timeout=120).execute()
        if all(cell.outputs for cell in notebook.cells):
            break
    print(json.dumps([[output.get("data", output) for output in cell.outputs] for cell in notebook.cells]))
`;

Deno.test({
  name: "a notebook shows Variables, the tape, models and charts",
  ignore: python === undefined, // Python with nbclient is not there
}, async () => {
  const cells = [
    `import { tape, variable } from "${ROOT}mod.ts";
import { dense, sequential } from "${ROOT}src/nn/mod.ts";
import { lossChart, picture } from "${ROOT}src/viz/mod.ts";
const x = variable(2, { name: "x" });
const y = x.mul(3).sigmoid();
x`,
    "tape",
    "sequential([dense({ units: 3 })]).build([4])",
    "await picture(lossChart({ loss: [3, 2, 1], valLoss: [3, 2.5, 2] }))",
  ];
  const outputs = JSON.parse(
    (await python!.run(NOTEBOOK, Deno.execPath(), JSON.stringify(cells))).split("\n")[0]!,
  );
  const [variable, tape, model, chart] = outputs.map(([output]: { [type: string]: string }[]) => output);
  assertEquals(variable["text/plain"], "Variable x [] float64 2");
  assertStringIncludes(tape["text/html"], '<td style="text-align:left">%2: %3 · (1 - %3) = 0.00246651</td>');
  assertStringIncludes(model["text/html"], '<th style="text-align:left">output shape</th>');
  assertStringIncludes(chart["text/html"], "valLoss");
});
