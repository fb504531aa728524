// The fenced code blocks of a Markdown file, as a reader would copy them.
//
//   ```js file=hook.mjs     is written to a file of this name
//   ```sh run=sandbox       holds `make run ARGS="sandbox …"`: the sandbox is started with these arguments
//   ```sh run=1             is run, in the order of the text and all in one shell; a line that ends in ` &` goes on beside
//   ```text                 after a block that is run: each line must be in its output; `…` stands for anything
//
// Blocks that say nothing of this kind are left alone.

const FENCE = /^```(\S*)\s*(.*)$/;

/** @returns {{language: string, line: number, text: string, file?: string, run?: string}[]} */
export function blocks(markdown) {
  const found = [];
  let open = null;
  for (const [n, line] of markdown.split("\n").entries()) {
    const fence = FENCE.exec(line);
    if (open && line === "```") {
      found.push({ ...open, text: `${open.lines.join("\n")}\n` });
      open = null;
    } else if (open) {
      open.lines.push(line);
    } else if (fence) {
      const [, language, info] = fence;
      const words = info.split(/\s+/).filter((word) => word.includes("="));
      open = { language, line: n + 1, lines: [], ...Object.fromEntries(words.map((word) => word.split("=", 2))) };
    }
  }
  if (open) throw new Error(`the block of line ${open.line} has no end`);
  return found;
}

/** What is to be done with a guide's blocks. */
export function guide(markdown) {
  const all = blocks(markdown);
  const steps = [];
  for (const [n, block] of all.entries()) {
    if (block.language !== "sh" || block.run !== "1") continue;
    const next = all[n + 1];
    steps.push({ ...block, expected: next?.language === "text" ? next.text.trimEnd().split("\n") : [] });
  }
  if (steps.length === 0) throw new Error("the guide has no step that is run");
  const started = all.find(({ run }) => run === "sandbox");
  const args = /^make run ARGS="sandbox ?(.*)"\n$/.exec(started?.text ?? "");
  if (!args) throw new Error('a guide needs a block that is `make run ARGS="sandbox …"` and nothing else');
  return { args: args[1].split(" ").filter(Boolean), files: all.filter(({ file }) => file), steps };
}

/** Whether a line of the output is what was printed in the guide. */
export const matches = (line, printed) => {
  const parts = printed.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(line);
};
