import { writeFileSync } from "node:fs";

function failuresOf(file, states) {
  const broken = [file, ...file.children.allSuites()].filter((suite) => suite.errors().length > 0).length;
  const failed = states.filter((state) => state === "failed").length + broken;
  return file.state() === "failed" ? Math.max(failed, 1) : failed;
}

/** A Vitest reporter that leaves `{passed, failed}` in the file that PREGONERO_TEST_COUNTS names. */
export default class CountReporter {
  /** A file that cannot be loaded, a suite whose hooks fail and an error outside of any test count as one failed each. */
  onTestRunEnd(files, errors) {
    const counts = { passed: 0, failed: errors.length };
    for (const file of files) {
      const states = [...file.children.allTests()].map((test) => test.result().state);
      counts.passed += states.filter((state) => state === "passed").length;
      counts.failed += failuresOf(file, states);
    }
    writeFileSync(process.env.PREGONERO_TEST_COUNTS, JSON.stringify(counts));
  }
}
