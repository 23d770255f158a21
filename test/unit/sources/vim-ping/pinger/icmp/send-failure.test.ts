import { constants } from "node:os";
import { expect, it } from "vitest";
import { sendFailure } from "../../../../../../src/sources/vim-ping/pinger/icmp/send-failure.ts";

const { EPERM, ENOBUFS, ENETUNREACH, ENETDOWN, EHOSTUNREACH, EACCES, EINVAL } = constants.errno;

it("tells our own faults from the target's", () => {
  expect(sendFailure(EHOSTUNREACH).unmeasured).toBeNull();
  for (const errno of [ENETUNREACH, ENETDOWN, EINVAL])
    expect(sendFailure(errno).unmeasured).toBe("own-network");
  for (const errno of [EPERM, EACCES]) expect(sendFailure(errno).unmeasured).toBe("privilege");
  for (const errno of [ENOBUFS, 9999]) expect(sendFailure(errno).unmeasured).toBe("backend");
  expect(sendFailure(ENETUNREACH).reason).toContain("ENETUNREACH");
});
