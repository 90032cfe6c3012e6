// Loads what the project takes from JSR: `deno cache` on this file says whether JSR can be reached.
import "@std/assert";
import "@std/cli";
import "@std/csv";
