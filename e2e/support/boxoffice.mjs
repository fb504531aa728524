// The program under test: started on a port of the system's choice, with its state in a folder of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";

const OURS = /^(BOXOFFICE_|SANDBOX_|COINBASE_|PAYMENT_|DATABASE_URL$|RUST_LOG$)/;
const START_MS = 20_000;

const running = new Set();
process.on("exit", () => running.forEach((program) => program.end()));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/**
 * Starts `boxoffice COMMAND ARGS…` and waits until it says that it is up.
 * @returns {Promise<{url: string, folder: string, log: () => string, stop: () => Promise<void>}>}
 */
export async function start(command, args) {
  const program = process.env.BOXOFFICE_BIN;
  if (!program) throw new Error("BOXOFFICE_BIN is not set: run these tests by scripts/e2e");
  const folder = mkdtempSync(path.join(tmpdir(), "boxoffice-e2e-"));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
  const given = args.map((arg) => arg.replace("{folder}", folder));
  const child = spawn(program, [command, "--log-format", "json", ...given], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines = [];
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const end = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  const started = { end };
  running.add(started);

  const url = await new Promise((resolve, reject) => {
    const fail = (why) => {
      clearTimeout(timer);
      reject(new Error(`boxoffice ${command} ${why}:\n${lines.join("\n")}`));
    };
    const timer = setTimeout(() => fail("didn't start"), START_MS);
    gone.then(() => fail("ended"));
    for (const stream of [child.stdout, child.stderr]) {
      readline.createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        if (!line.startsWith("{")) return;
        const { message, public_url } = JSON.parse(line);
        if (!/ is up$/.test(message)) return;
        clearTimeout(timer);
        resolve(public_url.replace(/\/$/, ""));
      });
    }
  });

  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await gone;
    clearTimeout(timer);
    running.delete(started);
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, folder, log: () => lines.join("\n"), stop };
}
