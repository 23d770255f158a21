import { z } from "../../plugin/index.ts";
import { type ApiAnswer, askApi, type Trust } from "./api-request.ts";
import type { CloudAccess, Credentials, NameOrId } from "./credentials.ts";

/** What Keystone's catalogue calls a Tacker. */
const SERVICE_TYPE = "nfv-orchestration";

const tokenBody = z.object({
  token: z.object({
    expires_at: z.string(),
    project: z.object({ id: z.string(), name: z.string() }).optional(),
    catalog: z
      .array(
        z.object({
          type: z.string(),
          endpoints: z.array(
            z.object({
              interface: z.string(),
              url: z.string(),
              region: z.string().nullish(),
              region_id: z.string().nullish(),
            }),
          ),
        }),
      )
      .default([]),
  }),
});

/** A token for one project, and where that project's Tacker is. */
export interface Token {
  /** A secret. */
  readonly value: string;
  readonly project: { readonly id: string; readonly name: string };
  /** Tacker's endpoint, as the catalogue has it. */
  readonly endpoint: string;
}

/** How requests are made. */
export interface Asking {
  readonly trust: Trust;
  /** Milliseconds for one request. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Logs in to Keystone for one project. A token for no project, or another than was asked for, is refused: with it, Tacker would show an
 * empty list as if it were all there is.
 * @throws Error that says why, without any secret
 */
export async function logIn(access: CloudAccess, asking: Asking): Promise<Token> {
  const answer = await askApi({
    method: "POST",
    url: `${access.authUrl}/auth/tokens`,
    body: { auth: authOf(access.credentials) },
    ...asking,
  }).catch((error: Error) => {
    throw new Error(`Keystone: ${error.message}`, { cause: error });
  });
  if (answer.status !== 201) throw new Error(`Keystone refused the login: ${refusal(answer)}`);
  const value = answer.headers["x-subject-token"];
  if (typeof value !== "string" || value === "") throw new Error("Keystone answered without a token");
  const { token } = parse(answer.text);
  const { project } = token;
  if (!project) throw new Error("Keystone's token is for no project: Tacker would show nothing with it");
  const { credentials } = access;
  if (credentials.kind === "password" && !names(credentials.project, project))
    throw new Error(`Keystone's token is for another project than the one asked for: ${project.name}`);
  return { value, project, endpoint: endpointOf(token.catalog, access) };
}

function authOf(credentials: Credentials): unknown {
  if (credentials.kind === "application") {
    const { credential, secret, user, userDomain } = credentials;
    return {
      identity: {
        methods: ["application_credential"],
        application_credential: {
          ...credential,
          secret,
          ...(user && { user: { ...user, ...(userDomain && { domain: userDomain }) } }),
        },
      },
    };
  }
  const { user, userDomain, password, project, projectDomain } = credentials;
  return {
    identity: {
      methods: ["password"],
      password: { user: { ...withDomain(user, userDomain), password } },
    },
    scope: { project: withDomain(project, projectDomain) },
  };
}

/** An id is the only one in all domains; a name needs its domain. */
function withDomain(thing: NameOrId, domain: NameOrId): object {
  return "id" in thing ? thing : { ...thing, domain };
}

function names(asked: NameOrId, project: { id: string; name: string }): boolean {
  return "id" in asked ? asked.id === project.id : asked.name === project.name;
}

function parse(text: string): z.output<typeof tokenBody> {
  try {
    return tokenBody.parse(JSON.parse(text));
  } catch (error) {
    throw new Error("Keystone's answer is no token of version 3", { cause: error });
  }
}

function endpointOf(catalog: z.output<typeof tokenBody>["token"]["catalog"], access: CloudAccess): string {
  const endpoints = catalog
    .filter(({ type }) => type === SERVICE_TYPE)
    .flatMap((service) => service.endpoints);
  const found = endpoints.find(
    (endpoint) =>
      endpoint.interface === access.interface &&
      (access.region === undefined || [endpoint.region_id, endpoint.region].includes(access.region)),
  );
  if (found && URL.canParse(found.url)) return found.url;
  const where = access.region === undefined ? "" : ` in region ${access.region}`;
  throw new Error(`Keystone's catalogue has no ${access.interface} endpoint of type ${SERVICE_TYPE}${where}`);
}

/** What an answer that refuses says, in one line. Keystone explains itself in JSON, a proxy before it in HTML. */
export function refusal({ status, text }: ApiAnswer): string {
  try {
    const body = JSON.parse(text) as { error?: { message?: unknown } };
    const message = body.error?.message;
    if (typeof message === "string") return `HTTP ${status}, ${message.slice(0, 200)}`;
  } catch {
    // No JSON: the status says enough.
  }
  return `HTTP ${status}`;
}
