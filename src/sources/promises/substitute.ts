/** What the placeholders of SlapOS's files stand for. */
export interface Placeholders {
  /** Absolute path of the instance's folder. */
  readonly instance: string;
  /** The promise's id. */
  readonly service?: string | undefined;
}

const PLACEHOLDER = /\$(?:\{(instance|service)\}|(instance|service)(?![A-Za-z0-9_]))/g;

/** Replaces `$instance`, `${instance}`, `$service` and `${service}`. Any other `$` stays as it is. */
export function substitute(text: string, { instance, service }: Placeholders): string {
  return text.replace(PLACEHOLDER, (whole, braced?: string, bare?: string) =>
    (braced ?? bare) === "instance" ? instance : (service ?? whole),
  );
}
