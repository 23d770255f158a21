/** A project, a user or a domain, as Keystone may be asked for it. */
export type NameOrId = { readonly name: string } | { readonly id: string };

/** How to log in to Keystone. It holds secrets: never print it. */
export type Credentials =
  | {
      readonly kind: "password";
      readonly user: NameOrId;
      readonly userDomain: NameOrId;
      readonly password: string;
      readonly project: NameOrId;
      readonly projectDomain: NameOrId;
    }
  | {
      readonly kind: "application";
      /** With a name, the user that it belongs to is needed, too. */
      readonly credential: NameOrId;
      readonly secret: string;
      readonly user?: NameOrId | undefined;
      readonly userDomain?: NameOrId | undefined;
    };

/** Where a Tacker is found, and how to log in. It holds secrets: never print it. */
export interface CloudAccess {
  /** Keystone's, ending in `/v3`. */
  readonly authUrl: string;
  readonly credentials: Credentials;
  readonly region: string | undefined;
  readonly interface: "public" | "internal" | "admin";
  /** Path of a file with certificates. */
  readonly caFile: string | undefined;
  readonly verify: boolean;
}

/** Keystone's URL of version 3, whether or not `/v3` was written. */
export function keystoneV3(url: string): string {
  const bare = url.replace(/\/+$/, "");
  return bare.endsWith("/v3") ? bare : `${bare.replace(/\/v2\.0$/, "")}/v3`;
}
