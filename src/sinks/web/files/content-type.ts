import { extname } from "node:path";

const TEXT = "text/plain; charset=utf-8";

/** Types by extension. Scripts are plain text: with nosniff no page can be made to run them, ours neither. */
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".htm": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".json": "application/json",
  ".haljson": "application/hal+json",
  ".xml": "application/xml",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".pdf": "application/pdf",
};

const TEXT_EXTENSION = /^\.(?:log|txt|text|md|rst|out|err|cfg|conf|ini|yaml|yml|toml|js|mjs|ts|sh|py|\d+)$/;

/** The Content-Type of a file by its name: logs and names without an extension are text, what is unknown is bytes to download. */
export function contentType(name: string): string {
  const extension = extname(name).toLowerCase();
  if (extension === "" || TEXT_EXTENSION.test(extension)) return TEXT;
  return TYPES[extension] ?? "application/octet-stream";
}
