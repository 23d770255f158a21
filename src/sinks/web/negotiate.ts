/** Type and quality of one part of an Accept header. */
interface Range {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
}

/**
 * Chooses what to answer by an Accept header (RFC 9110 §12.5.1): the most specific matching range gives a type its quality, the best
 * quality wins, and where qualities are equal the order of the offer decides.
 * @param offered media types without parameters, preferred first
 * @returns one of the offered, or undefined when the client accepts none
 */
export function negotiate<Type extends string>(
  accept: string | undefined,
  offered: readonly Type[],
): Type | undefined {
  if (accept === undefined || accept.trim() === "") return offered[0];
  const ranges = parse(accept);
  let best: Type | undefined;
  let bestQuality = 0;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

/** Whether a client takes a content coding (`gzip`), by its Accept-Encoding header. */
export function acceptsEncoding(header: string | undefined, coding: string): boolean {
  if (header === undefined) return false;
  const ranges = parse(header);
  const found =
    ranges.find(({ type, subtype }) => type === coding && subtype === "") ??
    ranges.find(({ type, subtype }) => type === "*" && subtype === "");
  return found !== undefined && found.quality > 0;
}

function parse(header: string): readonly Range[] {
  return header
    .toLowerCase()
    .split(",")
    .slice(0, 50)
    .flatMap((part) => {
      const [name = "", ...parameters] = part.split(";").map((text) => text.trim());
      const [type = "", subtype = ""] = name.split("/");
      const written = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      const quality = written === undefined ? 1 : Number(written);
      return type === "" ? [] : [{ type, subtype, quality: quality >= 0 && quality <= 1 ? quality : 0 }];
    });
}

function qualityOf(offered: string, ranges: readonly Range[]): number {
  const [type, subtype] = offered.split("/");
  let specificity = 0;
  let quality = 0;
  for (const range of ranges) {
    const specific =
      range.type === type && range.subtype === subtype
        ? 3
        : range.type === type && range.subtype === "*"
          ? 2
          : range.type === "*" && range.subtype === "*"
            ? 1
            : 0;
    if (specific > specificity || (specific === specificity && specific > 0 && range.quality > quality)) {
      specificity = specific;
      quality = range.quality;
    }
  }
  return quality;
}
