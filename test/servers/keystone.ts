import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { answers, freePort, ServerProcess } from "./openstack-process.ts";
import { sqlite } from "./openstack-sqlite.ts";

const run = promisify(execFile);

/** A user, his password, and the projects in which he has the role admin. */
export const ADMIN = { username: "admin", password: "admin-pw", project: "admin" } as const;

/** A real Keystone on SQLite. */
export class Keystone {
  /** Ends in `/v3`. */
  readonly url: string;
  readonly #server: ServerProcess;

  private constructor(url: string, server: ServerProcess) {
    this.url = url;
    this.#server = server;
  }

  /**
   * Prepares its database and starts it.
   * @param venv root of the Python environment
   * @param folder an empty one of its own
   * @param expiration seconds that its tokens are good for
   */
  static async start(venv: string, folder: string, expiration: number): Promise<Keystone> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/v3`;
    const config = join(folder, "keystone.conf");
    const database = join(folder, "keystone.db");
    for (const keys of ["fernet", "credential"]) mkdirSync(join(folder, keys), { recursive: true });
    writeFileSync(
      config,
      `[database]
connection=sqlite:///${database}
[token]
provider=fernet
expiration=${expiration}
[fernet_tokens]
key_repository=${join(folder, "fernet")}
[credential]
key_repository=${join(folder, "credential")}
[identity]
password_hash_rounds=4
`,
    );
    const bin = (name: string) => join(venv, "bin", name);
    const manage = (...args: string[]) => run(bin("keystone-manage"), ["--config-file", config, ...args]);
    await manage("db_sync");
    sqlite(database, "pragma journal_mode=WAL");
    const { username } = userInfo();
    const owner = ["--keystone-user", username, "--keystone-group", username];
    await manage("fernet_setup", ...owner);
    await manage("credential_setup", ...owner);
    const urls = ["public", "internal", "admin"].flatMap((kind) => [`--bootstrap-${kind}-url`, url]);
    await manage(
      "bootstrap",
      ...["--bootstrap-username", ADMIN.username, "--bootstrap-password", ADMIN.password],
      ...["--bootstrap-project-name", ADMIN.project, "--bootstrap-role-name", "admin"],
      ...["--bootstrap-service-name", "keystone", "--bootstrap-region-id", "RegionOne", ...urls],
    );
    const gunicorn = join(folder, "gunicorn.py");
    writeFileSync(
      gunicorn,
      `wsgi_app = "keystone.wsgi.api:application"
bind = "127.0.0.1:${port}"
workers = 1
threads = 4
graceful_timeout = 1
control_socket_disable = True
`,
    );
    const server = new ServerProcess({
      command: bin("gunicorn"),
      args: [],
      environment: { OS_KEYSTONE_CONFIG_FILES: config, GUNICORN_CMD_ARGS: `-c ${gunicorn}` },
      log: join(folder, "keystone.log"),
      ready: () => answers(url),
    });
    const keystone = new Keystone(url, server);
    await server.start();
    return keystone;
  }

  /** Starts it again after `stop`, on the same port. */
  restart(): Promise<void> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** A token of the administrator. */
  async token(project: string = ADMIN.project): Promise<string> {
    const domain = { id: "default" };
    const response = await fetch(`${this.url}/auth/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        auth: {
          identity: {
            methods: ["password"],
            password: { user: { name: ADMIN.username, domain, password: ADMIN.password } },
          },
          scope: { project: { name: project, domain } },
        },
      }),
    });
    if (response.status !== 201) throw new Error(`Keystone: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
    return response.headers.get("x-subject-token") as string;
  }

  /** A request to its own API as administrator; the answer's JSON. */
  async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { "x-auth-token": await this.token(), "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Keystone: ${method} ${path}: ${response.status} ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }

  /** Makes a project in which the administrator has his role, too. Returns its id. */
  async createProject(name: string): Promise<string> {
    const { project } = await this.call("POST", "/projects", { project: { name, domain_id: "default" } });
    const id = (project as { id: string }).id;
    await this.grant(id, await this.#idOf("users", ADMIN.username), "admin");
    return id;
  }

  /** Makes a user with roles in a project. */
  async createUser(name: string, password: string, project: string, ...roles: string[]): Promise<void> {
    const { user } = await this.call("POST", "/users", { user: { name, password, domain_id: "default" } });
    for (const role of roles) await this.grant(project, (user as { id: string }).id, role);
  }

  /** Gives a role, which is made if need be. */
  async grant(project: string, user: string, role: string): Promise<void> {
    const known = await this.#idOf("roles", role).catch(() => undefined);
    const id =
      known ?? ((await this.call("POST", "/roles", { role: { name: role } })).role as { id: string }).id;
    await this.call("PUT", `/projects/${project}/users/${user}/roles/${id}`);
  }

  /** Puts a service with its three endpoints into the catalogue. */
  async createService(type: string, url: string): Promise<void> {
    const { service } = await this.call("POST", "/services", { service: { type, name: type } });
    for (const kind of ["public", "internal", "admin"])
      await this.call("POST", "/endpoints", {
        endpoint: {
          interface: kind,
          url,
          region_id: "RegionOne",
          service_id: (service as { id: string }).id,
        },
      });
  }

  async #idOf(kind: string, name: string): Promise<string> {
    const found = (await this.call("GET", `/${kind}?name=${encodeURIComponent(name)}`))[kind] as unknown;
    const [first] = found as Array<{ id: string }>;
    if (!first) throw new Error(`Keystone has no ${name} among its ${kind}`);
    return first.id;
  }
}
