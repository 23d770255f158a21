/** A file or a folder of this machine that a web sink may serve under the subject (or the instance) that names it. */
export interface Resource {
  /** Where it is served, relative to the service: `kvm.log`, `interface`. */
  readonly name: string;
  /** Absolute path of the file or folder on this machine. */
  readonly path: string;
  /** Whether it is served without a login. */
  readonly public: boolean;
  /** `page`: a folder whose index.html, monitor.css and monitor.js stand in place of the page that a web sink has of the instance. */
  readonly replaces?: "page" | undefined;
}

/** Something to read elsewhere. `rel` is a link relation, such as `related_monitor` or `runbook`. */
export interface Link {
  readonly rel: string;
  readonly href: string;
  readonly title?: string | undefined;
}

/**
 * What people read about a subject. It travels as an event (`subject.described`), so that a server knows the titles of its
 * collectors' subjects. The subject `instance/<name>` describes an instance, the set of subjects behind one root `/m/<name>/`.
 */
export interface Description {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** Heading under which the page lists it; `group:` of the source in monitors.yaml wins. Absent: the instance. */
  readonly group?: string | undefined;
  /** The root `/m/<instance>/` it belongs to. Absent: the source's name in monitors.yaml. */
  readonly instance?: string | undefined;
  readonly links?: readonly Link[] | undefined;
  /** Of this machine only: a relayed description has none. */
  readonly resources?: readonly Resource[] | undefined;
  /** Names of the commands it answers. List `run` for a monitor with a probe: the page then shows its button. */
  readonly commands?: readonly string[] | undefined;
  /** Whether its verdict and page may be read without a login. Absent: false. */
  readonly public?: boolean | undefined;
}
