import { assertEquals, assertGreater } from "@std/assert";
import { loadModel } from "../../src/io/mod.ts";
import { dense, sequential } from "../../src/nn/mod.ts";

const granted = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "write" })).state === "granted";
const KILLS = 50;

/** Saves one model after the other, each with all weights equal to its number, until it is killed. */
const SAVER = `
import { dense, sequential } from ${JSON.stringify(import.meta.resolve("../../src/nn/mod.ts"))};
const model = sequential([dense({ units: 300, kernelInitializer: "zeros" })]).build([300]);
for (let i = 1;; i++) {
  model.setWeights({ "dense/kernel": new Array(300).fill(new Array(300).fill(i)) });
  await model.save(Deno.args[0]);
  if (i === 1) console.log("saving");
}
`;

Deno.test(
  { name: `${KILLS} kills while saving leave a whole model each time`, ignore: !granted },
  async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/model.safetensors`;
    try {
      await Deno.writeTextFile(`${folder}/saver.ts`, SAVER);
      await sequential([dense({ units: 300, kernelInitializer: "zeros" })]).build([300]).save(path);
      const config = new URL("../../deno.json", import.meta.url);
      const seen = new Set<number>();
      const kill = async (delay: number): Promise<void> => {
        const child = new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "-A",
            "--no-check",
            "--config",
            decodeURIComponent(config.pathname),
            `${folder}/saver.ts`,
            path,
          ],
          stdout: "piped",
          stderr: "null",
        }).spawn();
        const reader = child.stdout.getReader();
        await reader.read();
        await new Promise((resolve) => setTimeout(resolve, delay));
        child.kill("SIGKILL");
        await child.status;
        await reader.cancel();
        const { data } = (await loadModel(path)).getWeights()["dense/kernel"]!;
        assertEquals(data.every((value) => value === data[0]), true);
        seen.add(data[0]!);
      };
      for (let i = 0; i < KILLS; i += 5) {
        // Several at a time write to the same file.
        await Promise.all(Array.from({ length: 5 }, (_, k) => kill((7 * (i + k)) % 40)));
      }
      assertGreater(seen.size, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
