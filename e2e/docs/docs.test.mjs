// The guide to the sandbox, followed to the letter.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { start } from "../support/boxoffice.mjs";
import { home } from "../support/packages.mjs";
import { guide, matches } from "./blocks.mjs";

const GUIDE = new URL("../../docs/SANDBOX.md", import.meta.url);
const RUN_MS = 60_000;
/** Says where the output of the next step begins. */
const STEP = "--- step ";

/** The guide's addresses are fixed: a reader sees them as they are. */
async function assertFree(port) {
  await new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", () => reject(new Error(`the guide uses port ${port} of this machine, which is taken: stop what listens there`)));
    server.listen(port, "127.0.0.1", () => server.close(resolve));
  });
}

/** Runs the steps one after the other in one shell; the output of each. */
async function follow(folder, steps) {
  const script = steps.map(({ text }, n) => `echo '${STEP}${n}'\n${text}`).join("");
  const bin = path.join(home, "venv/bin");
  const shell = spawn("bash", ["-c", `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\nset -e\n${script}`], {
    cwd: folder,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const end = () => {
    try {
      process.kill(-shell.pid, "SIGKILL");
    } catch {
      // All of its processes have ended.
    }
  };
  process.once("exit", end);
  const timer = setTimeout(end, RUN_MS);
  let output = "";
  for (const stream of [shell.stdout, shell.stderr]) stream.setEncoding("utf8").on("data", (text) => { output += text; });
  const code = await new Promise((resolve) => shell.once("exit", resolve));
  clearTimeout(timer);
  end();
  const outputs = output.split(STEP).slice(1).map((part) => part.slice(part.indexOf("\n") + 1));
  assert.equal(code, 0, `the shell ended with ${code}:\n${output}`);
  return outputs;
}

const found = guide(readFileSync(GUIDE, "utf8"));

describe("docs/SANDBOX.md", () => {
  let folder;
  let sandbox;
  let outputs;
  before(async () => {
    const webhooks = found.args[found.args.indexOf("--webhook-url") + 1];
    for (const port of [8090, Number(new URL(webhooks).port)]) await assertFree(port);
    sandbox = await start("sandbox", [...found.args, "--database", "{folder}/sandbox.db"]);
    assert.equal(sandbox.url, "http://127.0.0.1:8090");
    // Below the packages' folder, so that they are found as they would be in a reader's own project.
    folder = mkdtempSync(path.join(home, "guide-"));
    for (const { file, text } of found.files) writeFileSync(path.join(folder, path.basename(file)), text);
    outputs = await follow(folder, found.steps);
  });
  after(async () => {
    await sandbox?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  for (const [n, { line, text, expected }] of found.steps.entries()) {
    it(`line ${line}: ${text.split("\n")[0]}`, () => {
      const lines = outputs[n].split("\n");
      const missing = expected.filter((printed) => !lines.some((one) => matches(one, printed)));
      assert.deepEqual(missing, [], `not in the output:\n${outputs[n]}`);
    });
  }
});
