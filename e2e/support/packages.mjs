// Where `scripts/e2e` has put the packages of others: outside of this folder, so that nothing of them is committed.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** The scratch folder, with node_modules in it. */
export const home = process.env.E2E_HOME ?? path.join(root, "target/e2e");

export const requirePackage = createRequire(path.join(home, "package.json"));
