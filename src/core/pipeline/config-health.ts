import type { Metrics } from "../../plugin/index.ts";
import type { Component } from "../supervisor.ts";
import type { OwnHealth } from "./own-health.ts";

/** Whether the running configuration is the one on disk: as a component, a metric, an event, and the text that the page shows. */
export class ConfigHealth {
  readonly #component: Component;
  readonly #own: OwnHealth;
  readonly #reloads: ReturnType<Metrics["counter"]>;
  readonly #ok: ReturnType<Metrics["gauge"]>;
  #error: string | null = null;

  constructor(component: Component, metrics: Metrics, own: OwnHealth) {
    this.#component = component;
    this.#own = own;
    this.#reloads = metrics.counter({
      name: "config_reloads_total",
      help: "Reloads by result",
      labels: ["result"],
    });
    this.#ok = metrics.gauge({
      name: "config_reload_ok",
      help: "1 while the running configuration is the one on disk",
    });
    this.#ok.set(1);
    component.to("ok");
  }

  /** What is wrong with the file on disk, printed; null while it is the one that runs. */
  get error(): string | null {
    return this.#error;
  }

  /** The configuration on disk runs. */
  accepted(message: string): void {
    this.#error = null;
    this.#ok.set(1);
    this.#reloads.add(1, { result: "ok" });
    this.#component.to("ok");
    this.#own.config("ok", message);
  }

  /** The configuration on disk does not run; the one before does. */
  refused(summary: string, details: string): void {
    this.#error = details;
    this.#ok.set(0);
    this.#reloads.add(1, { result: "refused" });
    this.#component.to("recoverable", summary);
    this.#own.config("warning", summary);
  }
}
