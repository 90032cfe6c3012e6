import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { runCommandLine } from "../../src/cli/mod.ts";
import { dense, sequential } from "../../src/nn/mod.ts";

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "net" })).state === "granted";

interface Served {
  /** Sends a request, and gives status and JSON of the answer. */
  send(path: string, init?: RequestInit): Promise<{ status: number; json: Record<string, unknown> }>;
}

/** Starts the server as a process of its own, on a free port, and ends it after. */
async function serving(args: readonly string[], test: (served: Served) => Promise<void>): Promise<void> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-net",
      "--allow-env",
      "examples/serve.ts",
      "--port",
      "0",
      ...args,
    ],
    cwd: new URL("../../", import.meta.url),
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const { value = "" } = await reader.read();
    const url = /http:\S+/.exec(value)![0];
    const send: Served["send"] = async (path, init) => {
      const response = await fetch(`${url}${path}`, init);
      return { status: response.status, json: await response.json() };
    };
    await test({ send });
  } finally {
    process.kill("SIGTERM");
    assertEquals((await process.status).code, 0);
    await reader.cancel();
  }
}

const post = (body: BodyInit, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  body,
  headers,
});
const predict = (inputs: unknown): RequestInit => post(JSON.stringify({ inputs }));

/** A model that multiplies by a number. */
function times(factor: number): Uint8Array<ArrayBuffer> {
  const model = sequential([dense({ units: 1, useBias: false })]).build([1]);
  model.setWeights({ "dense/kernel": [[factor]] });
  return model.toBytes();
}

Deno.test(
  { name: "serve trains and serves a model for Iris by default", ignore: !granted },
  () =>
    serving([], async ({ send }) => {
      const { status, json } = await send("/predict", predict([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6, 2.5]]));
      assertEquals([status, json["classes"], json["version"]], [
        200,
        ["setosa", "versicolor", "virginica"],
        1,
      ]);
      const [setosa, virginica] = json["outputs"] as [number[], number[]];
      assertGreater(setosa[0]!, 0.9);
      assertGreater(virginica[2]!, 0.9);
    }),
);

Deno.test({ name: "serve answers, refuses with a reason, and goes on", ignore: !granted }, async () => {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  await Deno.writeFile(path, times(2));
  try {
    await serving(["--model", path, "--max-bytes", "5000"], async ({ send }) => {
      const refused: readonly (readonly [string, RequestInit, status: number, reason: string])[] = [
        ["/predict", post("{ no JSON"), 400, "JSON"],
        ["/predict", post("[1]"), 400, 'Pass an object such as { "inputs"'],
        ["/predict", post(new Uint8Array([0xff, 0xfe])), 400, ""],
        ["/predict", predict([["a"]]), 400, "found"],
        ["/predict", predict([[null]]), 400, "found null where a number is expected"],
        ["/predict", predict([[1, 2]]), 400, "shape"],
        ["/predict", predict([[1], [1, 2]]), 400, "rows have different lengths"],
        ["/predict", predict(Array.from({ length: 5000 }, () => [1])), 413, "larger than 5000 bytes"],
        ["/predict", { method: "GET" }, 405, "/predict takes POST"],
        ["/elsewhere", { method: "GET" }, 404, "There is POST /predict"],
        ["/constructor", { method: "GET" }, 404, "There is POST /predict"],
        ["/model", post(times(3)), 403, "no token was set"],
      ];
      for (const [where, init, status, reason] of refused) {
        const answer = await send(where, init);
        assertEquals(answer.status, status, `${where} ${String(init.body)}`);
        assertStringIncludes(String(answer.json["error"]), reason);
      }
      // A body of unknown length is counted while it comes.
      const body = ReadableStream.from(Array.from({ length: 20 }, () => new Uint8Array(1000).fill(32)));
      assertEquals((await send("/predict", { method: "POST", body })).status, 413);
      const { status, json } = await send("/predict", predict([[1], [4]]));
      assertEquals([status, json], [200, { outputs: [[2], [8]], version: 1 }]);
    });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({ name: "serve replaces the model while it answers many requests", ignore: !granted }, async () => {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  await Deno.writeFile(path, times(2));
  try {
    await serving(["--model", path, "--token", "secret"], async ({ send }) => {
      const token = { authorization: "Bearer secret" };
      for (const authorization of ["", "Bearer secre", "Bearer secrets"]) {
        assertEquals((await send("/model", post(times(3), { authorization }))).status, 401);
      }
      const bad = await send("/model", post("no model", token));
      assertEquals(bad.status, 400);
      assertStringIncludes(String(bad.json["error"]), "Cannot read the bytes of a model");
      const requests = Array.from({ length: 60 }, (_, i) => send("/predict", predict([[i]])));
      const replaced = send("/model", post(times(3), token));
      const answers = await Promise.all(requests);
      assertEquals(await replaced, { status: 200, json: { version: 2 } });
      answers.forEach(({ status, json }, i) => {
        const factor = json["version"] === 1 ? 2 : 3;
        assertEquals([status, json["outputs"]], [200, [[factor * i]]]);
      });
      assertEquals((await send("/predict", predict([[5]]))).json, { outputs: [[15]], version: 2 });
      const { json } = await send("/model");
      assert(json["version"] === 2 && JSON.stringify(json["parameters"]).includes("dense/kernel"));
    });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({ name: "serve ends with one line for wrong arguments", ignore: !granted }, async () => {
  const wrong: readonly (readonly [string[], string])[] = [
    [["--model", "missing.safetensors"], "Cannot read missing.safetensors: there is no such file"],
    [["--model", "deno.json"], "Cannot read deno.json"],
    [["--port", "70000"], 'Bad value for --port: "70000"'],
    [["--max-bytes", "0"], 'Bad value for --max-bytes: "0"'],
    [["--modle", "x"], "Unknown argument: --modle"],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--allow-read",
        "--allow-net",
        "--allow-env",
        "examples/serve.ts",
        ...args,
      ],
      cwd: new URL("../../", import.meta.url),
    }).output();
    const lines = new TextDecoder().decode(stderr).trim().split("\n");
    assertEquals([code, lines.length], [2, 1], lines.join("\n"));
    assertStringIncludes(lines[0]!, message);
  }
});

Deno.test(
  { name: "serve predicts rows by a model that the command line trained", ignore: !granted },
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const lines = Array.from(
        { length: 60 },
        (_, i) => `${i % 7},${i % 2 ? "red" : "blue"},${i % 7 + i % 2 + i / 1000}`,
      );
      await Deno.writeTextFile(`${folder}/data.csv`, ["size,colour,price", ...lines].join("\n"));
      const path = `${folder}/model.safetensors`;
      const flags = ["--target", "price", "--epochs", "100", "--out", path, "--quiet"];
      assertEquals(await runCommandLine(["train", `${folder}/data.csv`, ...flags]), 0);
      await serving(["--model", path], async ({ send }) => {
        const ask = (rows: unknown) => send("/predict", post(JSON.stringify({ rows })));
        const { status, json } = await ask([{ size: 3, colour: "red" }, { size: 5, colour: "blue" }]);
        assertEquals([status, json["version"]], [200, 1]);
        const [first, second] = (json["predictions"] as { prediction: number }[]).map((x) => x.prediction);
        assert(Math.abs(first! - 4) < 1.5 && Math.abs(second! - 5) < 1.5, `${first} ${second}`);
        const wrong = await ask([{ size: 3, color: "red" }]);
        assertEquals(wrong.status, 400);
        assertStringIncludes(String(wrong.json["error"]), 'there is no "colour" (is it "color"?)');
        assertEquals((await ask("all")).status, 400);
      });
      const file = await Deno.makeTempFile({ dir: folder, suffix: ".safetensors" });
      await Deno.writeFile(file, times(2));
      await serving(["--model", file], async ({ send }) => {
        const { status, json } = await send("/predict", post(JSON.stringify({ rows: [{ size: 1 }] })));
        assertEquals(status, 400);
        assertStringIncludes(String(json["error"]), "no table of columns");
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
