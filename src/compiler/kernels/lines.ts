/** Kernels that move elements. */
import { $, type Address, f64, i32, local, memory } from "../wasm/writer.ts";
import { advance, type Element, type Kernel, kernel, repeatAny } from "./element.ts";
import { CLEAR, COPY_LINES, GATHER } from "./parameters.ts";

/** The kernels that move elements; see the functions that write them. */
export interface LineKernels {
  readonly copyLines: Kernel<typeof COPY_LINES[number]>;
  readonly clear: Kernel<typeof CLEAR[number]>;
  readonly gather: Kernel<typeof GATHER[number]>;
  readonly scatterAdd: Kernel<typeof GATHER[number]>;
}

/** The kernels for one type of element. */
export function lineKernels(e: Element): LineKernels {
  return {
    copyLines: copyLinesKernel(),
    clear: clearKernel(),
    gather: gatherKernel(e, false),
    scatterAdd: gatherKernel(e, true),
  };
}

/** Copies `lines` runs of bytes. */
function copyLinesKernel(): LineKernels["copyLines"] {
  return kernel(COPY_LINES, [], 0, ({ from, to, lines, bytes, fromStep, toStep }) => {
    repeatAny(lines, () => {
      local.get(to);
      local.get(from);
      local.get(bytes);
      memory.copy();
      advance(from, fromStep);
      advance(to, toStep);
    });
  });
}

/** Sets bytes to zero. */
function clearKernel(): LineKernels["clear"] {
  return kernel(CLEAR, [], 0, ({ to, bytes }) => {
    local.get(to);
    i32.const(0);
    local.get(bytes);
    memory.fill();
  });
}

/** `out[i] = x[indices[i]]`, or the transpose of that, `out[indices[i]] += x[i]`. Indices are float64. */
function gatherKernel(e: Element, scatter: boolean): LineKernels["gather"] {
  return kernel(GATHER, ["far"], 1, ({ x, indices, out, count, far }, [vector]) => {
    const at = (base: Address): void => {
      i32.mul(i32.trunc_f64_u(f64.load({}, indices)), e.bytes);
      local.set(far, i32.add($, base));
    };
    repeatAny(count, () => {
      at(scatter ? out : x);
      local.set(vector!, e.loadFirst(0, scatter ? x : far));
      if (scatter) local.set(vector!, e.add(e.loadFirst(0, far), vector!));
      e.storeLane(0, 0, scatter ? far : out, vector!);
      advance(indices, 8);
      advance(scatter ? x : out, e.bytes);
    });
  });
}
