/** The public contract of lifeguard: everything a source, a sink or a module of a user needs. */
export { z } from "zod";
export { type Authorize, OPERATIONS, type Operation, type Principal } from "./access.ts";
export type { Board, InstanceState, SubjectState } from "./board.ts";
export type { Clock } from "./clock.ts";
export { type CloudEvent, toCloudEvent } from "./cloudevents.ts";
export type { CommandHandler, CommandRegistry, CommandRequest, CommandSender } from "./command.ts";
export type { ComponentContext, Logger, MetricLabels, MetricOptions, Metrics } from "./component-context.ts";
export { CONTRACT, DEFINITION, type Definition, type DefinitionKind } from "./contract.ts";
export type { Description, Link, Resource } from "./description.ts";
export { LifeguardError, PermanentError, RetryableError } from "./errors.ts";
export {
  type Checkpoint,
  type Envelope,
  type Event,
  type EventDraft,
  type ForeignDraft,
  isHousekeeping,
  kindOf,
  type Measure,
} from "./event.ts";
export {
  cronExpression as cron,
  cronProblem,
  duration,
  glob,
  moduleRef,
  parseDuration,
  path,
  secret,
  size,
} from "./fields.ts";
export { compileFilter, type Filter } from "./filter.ts";
export { compileGlob } from "./glob.ts";
export { HAL, type HalMonitor, type HalService, halMonitor, serviceId, statusDocument } from "./hal.ts";
export type { ComponentHealth, ComponentState, Health } from "./health.ts";
export type {
  DaysQuery,
  Episode,
  EpisodesQuery,
  EventsQuery,
  History,
  HistoryDay,
  HistoryFilter,
  HistoryOf,
  HistoryPage,
  HistoryPaging,
  HistorySpan,
  MeasurePoint,
  MeasureSeries,
  MeasuresQuery,
  PastEvent,
  SubjectDays,
} from "./history.ts";
export type { Json } from "./json.ts";
export { defineModule, type LoadedModule, type ModuleDefinition } from "./module.ts";
export type {
  DrivenMonitorSpec,
  Monitor,
  MonitorSpec,
  Monitors,
  Observation,
  ProbeRun,
  Schedule,
  SelfDrivenMonitor,
  SelfDrivenMonitorSpec,
} from "./monitor.ts";
export type { Silence, Silenceable, Silences } from "./silence.ts";
export {
  type BatchLimits,
  type DeliveryMode,
  defineSink,
  type Sink,
  type SinkContext,
  type SinkDefinition,
  type SinkOptions,
  type SinkState,
} from "./sink.ts";
export {
  type Accepted,
  defineSource,
  type SourceContext,
  type SourceDefinition,
  type SourceOptions,
  type Started,
  type State,
} from "./source.ts";
export { compileStateFilter } from "./state-filter.ts";
export { compareStatus, isBad, STATUSES, type Status, worstStatus } from "./status.ts";
export type { OpenStream, ResumeToken, StreamItem, StreamOptions } from "./stream.ts";
export { withoutLogin } from "./without-login.ts";
