/** What can be done while a model trains. */
export type { Callbacks, History, Logs, TrainedModel } from "./callback.ts";
export { earlyStopping, type EarlyStoppingOptions, type MonitorOptions } from "./early_stopping.ts";
