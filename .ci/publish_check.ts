// Runs `deno publish --dry-run`. Stand-ins must lie outside the package for it, or they count as its modules.
const registry = Deno.env.get("JSR_URL");
const temp = await Deno.makeTempDir();
const env: Record<string, string> = {};
if (registry?.startsWith("file:")) {
  await new Deno.Command("cp", { args: ["-R", new URL(registry).pathname, `${temp}/jsr`] }).output();
  env["JSR_URL"] = `file://${temp}/jsr/`;
}
const args = ["publish", "--dry-run", "--allow-dirty"];
const { success } = await new Deno.Command(Deno.execPath(), {
  args,
  env,
  stdout: "inherit",
  stderr: "inherit",
}).output();
await Deno.remove(temp, { recursive: true });
Deno.exit(success ? 0 : 1);
