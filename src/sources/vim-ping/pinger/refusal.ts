/** Why a backend cannot be used. */
export interface Refusal {
  /** For want of privilege. */
  readonly denied: boolean;
  readonly reason: string;
}
