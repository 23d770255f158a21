import type { Settings } from "./settings.ts";
import { sameTarget, type Target } from "./target.ts";

/** One VIM as its monitor sees it. */
export interface Vim {
  /** `vim/<name>`, or `vim/<uuid>` where Tacker knows it, since names are not unique there. */
  readonly subject: string;
  readonly name: string;
  /** `openstack`, `kubernetes`, or what else Tacker says; undefined where nobody said. */
  readonly type: string | undefined;
  readonly target: Target;
  readonly settings: Settings;
}

/** Whether two are watched in the same way, whatever they are called, so that a running monitor can go on. */
export function sameWatch(a: Vim, b: Vim): boolean {
  return sameTarget(a.target, b.target) && JSON.stringify(a.settings) === JSON.stringify(b.settings);
}

/** Whether a text can name a VIM, and be the rest of its subject. */
export function isVimName(text: string): boolean {
  return /^[^\p{Cc}\u2028\u2029]{1,200}$/u.test(text) && text.isWellFormed();
}
