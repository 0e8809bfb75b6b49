import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { root } from "./project.mjs";

/** A failure whose message says all: no stack is shown. */
export class Stop extends Error {}

function codeOf(code, signal) {
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}

/**
 * Runs a program in the foreground, hands signals on to it and resolves with its exit code.
 * @param {string[]} command
 * @param {Record<string, string>} [env] on top of this process's
 */
export function foreground([file, ...args], env = {}) {
  const child = spawn(file, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  const passOn = (signal) => {
    // A terminal sends Ctrl-C to the whole group, and so to the child as well.
    if (signal === "SIGTERM" || !process.stdin.isTTY) child.kill(signal);
  };
  process.on("SIGINT", passOn).on("SIGTERM", passOn);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      process.off("SIGINT", passOn).off("SIGTERM", passOn);
      resolve(codeOf(code, signal));
    });
  });
}

/**
 * Runs a program without a word unless it fails: then its whole output is the message.
 * @param {{env?: Record<string, string>, showErrors?: boolean, folder?: string}} [options] `showErrors`: what it says on
 *   stderr is for the user as it comes, and says all when it fails; `folder`: where it runs, from the top
 * @returns {Promise<string>} its output
 */
export function quietly(what, [file, ...args], { env = {}, showErrors = false, folder = "." } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: join(root, folder),
      stdio: ["ignore", "pipe", showErrors ? "inherit" : "pipe"],
      env: { ...process.env, ...env },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => (output += text));
    }
    child.once("error", (error) => reject(new Stop(`${what} failed: ${error.message}`)));
    child.once("close", (code, signal) => {
      const exit = codeOf(code, signal);
      if (exit === 0) resolve(output);
      else
        reject(new Stop(showErrors ? "" : `${what} failed (${file} ${args.join(" ")}):\n${output.trim()}`));
    });
  });
}
