import { duration, path, secret, z } from "../../plugin/index.ts";

const url = z
  .string({ error: "expected a URL" })
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), "not an http or https URL");

/** How a Tacker is found and logged in to. */
export const tackerConfig = z
  .object({
    auth_url: url
      .optional()
      .describe("URL of Keystone's API, version 3")
      .meta({ examples: ["https://keystone:5000/v3"] }),
    username: z
      .string()
      .min(1)
      .optional()
      .describe("User to log in as")
      .meta({ examples: ["${env:OS_USERNAME}"] }),
    password: secret()
      .optional()
      .describe("That user's password")
      .meta({ examples: ["${file:/run/secrets/os}"] }),
    project: z
      .string()
      .min(1)
      .optional()
      .describe("Name of the project whose VIMs are watched")
      .meta({ examples: ["admin"] }),
    user_domain: z
      .string()
      .min(1)
      .optional()
      .describe("Name of the user's domain. Default: Default")
      .meta({ examples: ["Default"] }),
    project_domain: z
      .string()
      .min(1)
      .optional()
      .describe("Name of the project's domain. Default: that of the user")
      .meta({ examples: ["Default"] }),
    application_credential_id: z
      .string()
      .min(1)
      .optional()
      .describe("Id of an application credential, instead of user, password and project")
      .meta({ examples: ["${env:OS_APPLICATION_CREDENTIAL_ID}"] }),
    application_credential_secret: secret()
      .optional()
      .describe("Its secret")
      .meta({ examples: ["${env:OS_APPLICATION_CREDENTIAL_SECRET}"] }),
    cloud: z
      .string()
      .min(1)
      .optional()
      .describe("Name of a cloud in clouds.yaml, which then says all that is not said here")
      .meta({ examples: ["mycloud"] }),
    clouds_file: path({ exists: true })
      .optional()
      .describe(
        "The clouds.yaml. Default: what OS_CLIENT_CONFIG_FILE names, else ./clouds.yaml, ~/.config/openstack/clouds.yaml, /etc/openstack/clouds.yaml",
      ),
    region: z
      .string()
      .min(1)
      .optional()
      .describe("Region of the Tacker. Default: the first in the catalogue")
      .meta({ examples: ["RegionOne"] }),
    interface: z
      .enum(["public", "internal", "admin"])
      .optional()
      .describe("Which of Tacker's endpoints in the catalogue is asked. Default: public"),
    ca_file: path({ exists: true })
      .optional()
      .describe("Certificates (PEM) that Keystone and Tacker are trusted by. Default: the system's"),
    every: duration({ min: "100ms", max: "1d" })
      .prefault("30s")
      .describe("How often Tacker is asked which VIMs there are"),
    timeout: duration({ min: "100ms", max: "10m" })
      .prefault("10s")
      .describe("How long each request to Keystone or Tacker may take"),
  })
  .superRefine((config, ctx) => {
    const missing = (key: string, message: string) => ctx.addIssue({ code: "custom", path: [key], message });
    if (config.cloud !== undefined) return;
    if (config.clouds_file !== undefined) missing("clouds_file", 'names no cloud: add "cloud"');
    if (config.auth_url === undefined) missing("auth_url", 'needs "auth_url", or "cloud" from a clouds.yaml');
    const id = config.application_credential_id;
    if (id !== undefined) {
      if (config.application_credential_secret === undefined)
        missing("application_credential_secret", 'needs "application_credential_secret"');
      for (const key of ["username", "password", "project"] as const)
        if (config[key] !== undefined)
          missing(key, `an application credential has its own user and project: leave "${key}" out`);
      return;
    }
    for (const key of ["username", "password", "project"] as const)
      if (config[key] === undefined) missing(key, `needs "${key}", or an application credential`);
  });

/** What is said about a Tacker in monitors.yaml. */
export type TackerConfig = z.output<typeof tackerConfig>;
