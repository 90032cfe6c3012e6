/** What can be done while a model trains. */
export type { Callbacks, History, Logs, TrainedModel, TrainingPlan } from "./callback.ts";
export { csvLogger, type CsvLoggerOptions } from "./csv_logger.ts";
export { earlyStopping, type EarlyStoppingOptions } from "./early_stopping.ts";
export { learningRateScheduler, type PlateauOptions, reduceLROnPlateau } from "./learning_rate.ts";
export type { MonitorOptions } from "./monitor.ts";
export { terminateOnNaN } from "./terminate_on_nan.ts";
