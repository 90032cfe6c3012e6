/// <reference lib="dom" />
import { colorOf } from "../dom.ts";
import { write } from "../numbers.ts";

/**
 * Draws the loss of each epoch.
 *
 * @param every How many epochs each loss stands for
 */
export function drawLossChart(
  chart: HTMLCanvasElement,
  losses: readonly number[],
  every: number,
  isLog: boolean,
): void {
  const context = chart.getContext("2d")!;
  const [ink, soft, edge] = ["--ink", "--soft", "--edge"].map(colorOf) as [string, string, string];
  const { width, height } = chart;
  const [left, right, top, bottom] = [46, width - 10, 12, height - 24];
  context.clearRect(0, 0, width, height);
  const finite = losses.filter((loss) => Number.isFinite(loss) && (!isLog || loss > 0));
  context.font = "12px ui-monospace, monospace";
  context.fillStyle = soft;
  if (finite.length === 0) {
    context.textAlign = "center";
    context.fillText("nothing trained yet", width / 2, height / 2);
    return;
  }
  const scale = isLog ? Math.log10 : (x: number): number => x;
  const high = scale(Math.max(...finite)) || 1;
  const low = isLog ? Math.min(scale(Math.min(...finite)), high - 1) : 0;
  context.textAlign = "right";
  context.strokeStyle = edge;
  context.lineWidth = 1;
  for (const share of [0, 0.5, 1]) {
    const y = bottom - share * (bottom - top);
    const value = low + share * (high - low);
    context.fillText(write(isLog ? 10 ** value : value, 2), left - 6, y + 4);
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(right, y);
    context.stroke();
  }
  context.fillText(`epoch ${losses.length * every}`, right, height - 6);
  context.strokeStyle = ink;
  context.lineWidth = 1.8;
  context.beginPath();
  losses.forEach((loss, i) => {
    const x = left + (right - left) * i / Math.max(1, losses.length - 1);
    const y = bottom - (scale(loss) - low) / (high - low) * (bottom - top);
    if (Number.isFinite(y)) i === 0 ? context.moveTo(x, y) : context.lineTo(x, y);
  });
  context.stroke();
}
