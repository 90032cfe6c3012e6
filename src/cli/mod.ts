/**
 * A command line that trains models on tables: `deno run -A jsr:@tapegrad/tapegrad/cli --help`.
 *
 * @module
 */
export { runCommandLine } from "./run.ts";
export {
  type TablePrediction,
  type TablePredictor,
  tablePredictor,
  type TableRow,
} from "./table_predictor.ts";
import { runCommandLine } from "./run.ts";

if (import.meta.main) Deno.exitCode = await runCommandLine(Deno.args);
