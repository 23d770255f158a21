/** What our own pages may do: load our own script, style and images, talk to us, and nothing else. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What files of users may do: be looked at. The sandbox takes scripts, forms and our origin from them. */
export const FILE_POLICY = [
  "sandbox",
  "default-src 'none'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "media-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What the page may do that an operator has put in place of ours: what ours may, and bring styles and small pictures in itself. */
export const OWN_PAGE_POLICY = PAGE_POLICY.replace(
  "style-src 'self'",
  "style-src 'self' 'unsafe-inline'",
).replace("img-src 'self'", "img-src 'self' data:");

/**
 * Headers of every answer. The referrer stays within our origin, rather than nowhere, because browsers that send none also send
 * `Origin: null` with forms.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": PAGE_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-cache",
};
