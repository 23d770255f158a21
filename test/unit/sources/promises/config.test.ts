import { expect, it } from "vitest";
import { promisesConfig } from "../../../../src/sources/promises/config.ts";
import { promiseEnvironment } from "../../../../src/sources/promises/environment.ts";
import { checkNice, resolveRunAs } from "../../../../src/sources/promises/run-as.ts";

const problems = (config: unknown) =>
  promisesConfig.safeParse(config).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);

it("has a default for everything but the place", () => {
  expect(promisesConfig.parse({ directory: "/p" })).toEqual({
    directory: "/p",
    jitter: 2000,
    timeout: 20_000,
    grace: 1000,
    mode: "auto",
    concurrency: 16,
    environment: {},
    history: 100,
  });
});

it("takes everything it offers", () => {
  expect(
    problems({
      directory: ["/a", "/b"],
      monitor_conf: "/i/etc/monitor.conf",
      instance: "/i",
      frequency: "*/5 * * * mon",
      timezone: "Europe/Berlin",
      jitter: "0s",
      timeout: "3s",
      grace: "0s",
      mode: "nagios",
      concurrency: 4,
      run_as: "nobody",
      environment: { A: "b" },
      working_directory: "/tmp",
      nice: 10,
      fail_after: 3,
      recover_after: 2,
      history: 0,
    }),
  ).toBeUndefined();
  expect(promisesConfig.parse({ directory: "/p", interval: "30s" }).interval).toBe(30_000);
});

it.each([
  [{}, ': needs "directory" or "monitor_conf"'],
  [
    { directory: "/p", frequency: "* * * * *", interval: "1m" },
    'interval: give "frequency" or "interval", not both',
  ],
  [
    { directory: "/p", frequency: "* * * * * *" },
    "frequency: expected five cron fields (minute hour day month weekday), found 6",
  ],
  [
    { directory: "/p", timezone: "Mars" },
    "timezone: not a time zone: write an IANA name such as Europe/Berlin",
  ],
  [
    { monitor_conf: "/*/m.conf", instance: "/i" },
    'instance: "instance" would be the same for all instances of the glob',
  ],
  [
    { monitor_conf: "/*/m.conf", directory: "/i" },
    'directory: "directory" would be the same for all instances of the glob',
  ],
  [{ directory: "/p", run_as: "a b" }, "run_as: not a user's name"],
])("refuses %j", (config, problem) => {
  expect(problems(config)).toContain(problem);
});

it("promises inherit the environment, without lifeguard's internals, with what is added, and find its Node last", () => {
  const environment = promiseEnvironment(
    {
      PATH: "/bin",
      HOME: "/h",
      NODE_COMPILE_CACHE: "/c",
      npm_config_x: "1",
      LIFEGUARD_PROMISES_SPAWN: "x",
      LIFEGUARD_LISTEN: "y",
      GONE: undefined,
    },
    { HOME: "/other", LANG: "C" },
  );
  expect(environment).toEqual({
    PATH: expect.stringMatching(/^\/bin:\/.+/),
    HOME: "/other",
    LIFEGUARD_LISTEN: "y",
    LANG: "C",
  });
});

it("another user is refused where lifeguard is not root, or where there is none of that name", async () => {
  await expect(resolveRunAs("no such user", 0)).rejects.toThrow(/knows no user "no such user"/);
  // CONFIG: that will not pass by itself, so the source is not started again and again.
  await expect(resolveRunAs("root", 1000)).rejects.toMatchObject({
    code: "CONFIG",
    message: expect.stringMatching(/only root may change users, and lifeguard runs as user 1000/),
  });
  expect(await resolveRunAs("root", 0)).toBeUndefined();
  expect(await resolveRunAs(0, 0)).toBeUndefined();
  expect(await resolveRunAs("daemon", 0)).toMatchObject({
    uid: 1,
    gid: 1,
    environment: { USER: "daemon", LOGNAME: "daemon" },
  });
});

it("a higher priority is refused where lifeguard is not root", () => {
  expect(() => checkNice(-1, 1000)).toThrow(
    expect.objectContaining({
      code: "CONFIG",
      message: expect.stringMatching(/only root may raise a priority/),
    }),
  );
  expect(() => checkNice(-1, 0)).not.toThrow();
  expect(() => checkNice(5, 1000)).not.toThrow();
});
