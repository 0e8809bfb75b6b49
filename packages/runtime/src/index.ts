export { Closer, type CloserOptions } from "./closer.ts";
export { EnvError, parseEnv } from "./env.ts";
export { envBool, envInt, envMs, redisUrlFrom, type EnvIntOptions, type RedisEnv } from "./env-fields.ts";
export {
  startHealthServer,
  type HealthServer,
  type HealthServerOptions,
  type Readiness,
} from "./health-server.ts";
export {
  createLogger,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  type LogMeta,
  type RootLogger,
} from "./logger.ts";
export { maskPhone, redactText } from "./log-redaction.ts";
export {
  createMetrics,
  type Counter,
  type Gauge,
  type Histogram,
  type Metrics,
  type Registry,
} from "./metrics.ts";
export { OperatorError } from "./operator-error.ts";
export { runMain, type RunningApp } from "./run-main.ts";
export { backoffMs, monotonicMs, sleep, type BackoffOptions } from "./time.ts";
