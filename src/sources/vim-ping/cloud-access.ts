import { LifeguardError } from "../../plugin/index.ts";
import { type Cloud, readCloud } from "./clouds-yaml.ts";
import { type CloudAccess, type Credentials, keystoneV3, type NameOrId } from "./credentials.ts";
import type { TackerConfig } from "./tacker-config.ts";

const INTERFACES = ["public", "internal", "admin"] as const;

const DEFAULT_DOMAIN = { id: "default" };

/**
 * Where Tacker is and how to log in: from monitors.yaml, and from clouds.yaml where that names a cloud; what monitors.yaml says goes first.
 * @throws LifeguardError `CONFIG` for what is missing, without any secret
 */
export async function accessOf(config: TackerConfig): Promise<CloudAccess> {
  const cloud: Cloud =
    config.cloud === undefined ? { auth: {} } : await readCloud(config.cloud, config.clouds_file);
  const authUrl = config.auth_url ?? cloud.auth.auth_url;
  const place = config.cloud === undefined ? "tacker" : `cloud ${config.cloud}`;
  if (authUrl === undefined || !URL.canParse(authUrl)) throw missing(place, "auth_url");
  const wanted = config.interface ?? cloud.interface?.replace(/URL$/, "");
  return {
    authUrl: keystoneV3(authUrl),
    credentials: credentialsOf(config, cloud.auth, place),
    region: config.region ?? cloud.region_name,
    interface: INTERFACES.find((name) => name === wanted) ?? "public",
    caFile: config.ca_file ?? cloud.cacert,
    verify: cloud.verify ?? true,
  };
}

function credentialsOf(config: TackerConfig, auth: Cloud["auth"], place: string): Credentials {
  const user = nameOrId(config.username ?? auth.username, auth.user_id);
  const userDomain =
    nameOrId(config.user_domain ?? auth.user_domain_name, auth.user_domain_id) ?? DEFAULT_DOMAIN;
  const credential = nameOrId(
    auth.application_credential_name,
    config.application_credential_id ?? auth.application_credential_id,
  );
  if (credential && config.username === undefined) {
    const secret = config.application_credential_secret ?? auth.application_credential_secret;
    if (secret === undefined) throw missing(place, "application_credential_secret");
    if ("id" in credential) return { kind: "application", credential, secret };
    if (!user) throw missing(place, "the user of the application credential, or its id");
    return { kind: "application", credential, secret, user, userDomain };
  }
  const project = nameOrId(config.project ?? auth.project_name ?? auth.tenant_name, auth.project_id);
  const password = config.password ?? auth.password;
  if (!user) throw missing(place, "username");
  if (password === undefined) throw missing(place, "password");
  if (!project) throw missing(place, "project: a token without one shows no VIMs");
  const projectDomain =
    nameOrId(config.project_domain ?? auth.project_domain_name, auth.project_domain_id) ?? userDomain;
  return { kind: "password", user, userDomain, password, project, projectDomain };
}

/** An id goes first: it is the only one. */
function nameOrId(name: string | undefined, id: string | undefined): NameOrId | undefined {
  if (id !== undefined) return { id };
  return name === undefined ? undefined : { name };
}

function missing(place: string, what: string): LifeguardError {
  return new LifeguardError("CONFIG", `${place} has no ${what}`);
}
