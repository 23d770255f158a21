import { execFileSync } from "node:child_process";

/** Makes a certificate for `localhost` and 127.0.0.1 that is its own authority, and its key, as PEM files. Needs openssl. */
export function selfSigned(certificate: string, key: string): void {
  const words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split(" ");
  const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  execFileSync("openssl", [...words, ...names, "-keyout", key, "-out", certificate], { stdio: "ignore" });
}
