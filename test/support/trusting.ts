import { get } from "node:https";

/** Gets a document from a server of a test, whoever vouches for its certificate. */
export function trusting(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: false, agent: false, headers: { accept: "text/html", ...headers } };
    get(url, options, async (response) => {
      response.setEncoding("utf8");
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, text });
    }).on("error", reject);
  });
}
