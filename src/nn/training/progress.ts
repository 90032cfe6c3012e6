import type { Logs } from "../callbacks/callback.ts";
import { isElement } from "../metrics/logs.ts";

/** Shows how far an epoch is. */
export interface Progress {
  /** Says how many batches are done. */
  update(batches: number): void;
  /** Ends the epoch's display, and prints its numbers. */
  end(logs: Logs): Promise<void>;
  /** Ends the display of an epoch that was not ended. */
  stop(): Promise<void>;
}

/** The part of Deno that says whether there is a terminal; other systems print plain lines. */
interface Terminal {
  readonly Deno?: { readonly stderr?: { isTerminal(): boolean } };
}

/** How often a bar is told of batches; it draws once a second. */
const EVERY = 8;

/** One line an epoch. */
export function plainLines(epoch: number, epochs: number): Progress {
  return {
    update: () => {},
    end: (logs) => {
      console.log(describeEpoch(epoch, epochs, logs));
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
  };
}

/** What a bar shows, as far as it is used here. */
interface BarState {
  readonly progressBar: string;
  readonly styledTime: string;
  readonly value: number;
  readonly max: number;
}

/**
 * A bar on a terminal and a line after it; without a terminal, or where the number of batches is not known, the line
 * only.
 */
export async function progressBar(
  epoch: number,
  epochs: number,
  steps: number | undefined,
): Promise<Progress> {
  const lines = plainLines(epoch, epochs);
  const isTerminal = (globalThis as Terminal).Deno?.stderr?.isTerminal() ?? false;
  if (!isTerminal || steps === undefined || steps < 2) return lines;
  const { ProgressBar } = await import("@std/cli/unstable-progress-bar");
  const bar = new ProgressBar({
    max: steps,
    barLength: 30,
    clear: true,
    formatter: (f: BarState) =>
      `Epoch ${epoch + 1}/${epochs}  ${f.progressBar}  ${f.value}/${f.max}  ${f.styledTime}`,
  });
  return {
    update: (batches) => {
      if (batches % EVERY === 0 || batches === steps) bar.value = batches;
    },
    end: async (logs) => {
      await bar.stop();
      await lines.end(logs);
    },
    stop: () => bar.stop(),
  };
}

/** `Epoch 1/30  loss 0.6931  accuracy 0.5000`. */
export function describeEpoch(epoch: number, epochs: number, logs: Logs): string {
  // Arrays have too many elements for a line.
  const numbers = Object.entries(logs).filter(([name]) => !isElement(name)).map(([name, value]) =>
    `${name} ${value.toFixed(4)}`
  );
  return `Epoch ${epoch + 1}/${epochs}  ${numbers.join("  ")}`;
}
