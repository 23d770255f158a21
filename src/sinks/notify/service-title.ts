import { type SubjectState, serviceId } from "../../plugin/index.ts";

/** What people call a subject: the title of its description, else its id on the page. */
export function serviceTitle(subject: string, row: Pick<SubjectState, "description"> | undefined): string {
  return row?.description.title ?? serviceId(subject);
}
