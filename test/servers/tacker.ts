import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Keystone } from "./keystone.ts";
import { answers, freePort, ServerProcess } from "./openstack-process.ts";
import { sqlite } from "./openstack-sqlite.ts";

const run = promisify(execFile);

/** Its migrations fail on SQLite; the models are the same tables. */
const CREATE_TABLES = `
import sys, sqlalchemy
from tacker.db.migration.models import head
from tacker.db import model_base
model_base.BASE.metadata.create_all(sqlalchemy.create_engine("sqlite:///" + sys.argv[1]))
`;

/** A real Tacker on SQLite, behind a real Keystone. */
export class Tacker {
  readonly url: string;
  readonly #database: string;
  readonly #server: ServerProcess;

  private constructor(url: string, database: string, server: ServerProcess) {
    this.url = url;
    this.#database = database;
    this.#server = server;
  }

  /**
   * Prepares its database, puts it into Keystone's catalogue, and starts it.
   * @param venv root of the Python environment
   * @param folder an empty one of its own
   */
  static async start(venv: string, folder: string, keystone: Keystone): Promise<Tacker> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const database = join(folder, "tacker.db");
    const config = join(folder, "tacker.conf");
    mkdirSync(join(folder, "keys"), { recursive: true });
    writeFileSync(
      config,
      `[DEFAULT]
bind_host=127.0.0.1
bind_port=${port}
api_paste_config=${join(venv, "etc/tacker/api-paste.ini")}
api_workers=1
auth_strategy=keystone
transport_url=fake://
service_plugins=nfvo,vnfm
graceful_shutdown_timeout=1
state_path=${folder}
log_dir=${folder}
[database]
connection=sqlite:///${database}
[nfvo_vim]
vim_drivers=openstack
[vim_keys]
openstack=${join(folder, "keys")}
use_barbican=False
[keystone_authtoken]
www_authenticate_uri=${keystone.url}
auth_url=${keystone.url}
auth_type=password
username=tacker
password=tacker-pw
project_name=service
user_domain_id=default
project_domain_id=default
token_cache_time=-1
http_connect_timeout=2
http_request_max_retries=0
`,
    );
    const bin = (name: string) => join(venv, "bin", name);
    await run(bin("python"), ["-c", CREATE_TABLES, database], { maxBuffer: 64 * 1024 * 1024 });
    sqlite(database, "pragma journal_mode=WAL");
    const service = await keystone.createProject("service");
    await keystone.createUser("tacker", "tacker-pw", service, "admin", "service");
    await keystone.createService("nfv-orchestration", url);
    const server = new ServerProcess({
      command: bin("tacker-server"),
      args: ["--config-file", config],
      log: join(folder, "tacker.log"),
      ready: () => answers(url),
    });
    await server.start();
    return new Tacker(url, database, server);
  }

  /** Starts it again after `stop`, on the same port. */
  restart(): Promise<void> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Enters a VIM as if it had been registered long ago, on a host that need not be a cloud. Returns its id. */
  insertVim(project: string, name: string, authUrl: string): string {
    const id = randomUUID();
    sqlite(
      this.#database,
      "insert into vims (id, tenant_id, type, name, description, placement_attr, is_default, shared, deleted_at) " +
        "values (?, ?, 'openstack', ?, '', '{\"regions\": [\"RegionOne\"]}', 0, 0, '0001-01-01 00:00:00.000000')",
      id,
      project,
      name,
    );
    sqlite(
      this.#database,
      'insert into vimauths (id, vim_id, password, auth_url, vim_project, auth_cred) values (?, ?, \'stored-pw\', ?, \'{"name": "admin"}\', \'{"username": "admin"}\')',
      randomUUID(),
      id,
      authUrl,
    );
    return id;
  }

  /** The VIM moves. */
  moveVim(id: string, authUrl: string): void {
    sqlite(this.#database, "update vimauths set auth_url = ? where vim_id = ?", authUrl, id);
  }

  /** Deletes a VIM through the API. */
  async deleteVim(id: string, token: string): Promise<void> {
    const response = await fetch(`${this.url}/v1.0/vims/${id}`, {
      method: "DELETE",
      headers: { "x-auth-token": token },
    });
    if (response.status !== 204) throw new Error(`Tacker: ${response.status} ${await response.text()}`);
  }

  /** Registers a cloud through the API; Tacker logs in to it. Returns its id. */
  async createVim(token: string, vim: unknown): Promise<string> {
    const response = await fetch(`${this.url}/v1.0/vims`, {
      method: "POST",
      headers: { "x-auth-token": token, "content-type": "application/json" },
      body: JSON.stringify({ vim }),
    });
    const text = await response.text();
    if (response.status !== 201) throw new Error(`Tacker: ${response.status} ${text}`);
    return JSON.parse(text).vim.id;
  }
}
