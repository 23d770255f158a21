import { execFileSync } from "node:child_process";
import { cpSync, globSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * Makes dist/ from src/: JavaScript and type declarations of every module, and whatever lies beside them as it is. Node does not strip
 * types below node_modules, so a package has to hold JavaScript.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const compiler = join(
  dirname(createRequire(import.meta.url).resolve("typescript/package.json")),
  "bin",
  "tsc",
);

rmSync(join(root, "dist"), { recursive: true, force: true });
execFileSync(process.execPath, [compiler, "--project", join(root, "tsconfig.build.json")], {
  stdio: "inherit",
});
for (const file of globSync("**/*", { cwd: join(root, "src"), withFileTypes: true })) {
  if (!file.isFile() || [".ts", ".md"].includes(extname(file.name))) continue;
  const from = join(file.parentPath, file.name);
  cpSync(from, join(root, "dist", from.slice(join(root, "src").length)));
}
