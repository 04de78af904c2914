/** Help and pages tell every option, and the pages that are made from the code are as it makes them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { madePages, pageWith } from "../../scripts/docs.ts";
import { buildProgram, commands, globalOptions } from "../../src/faces/cli/index.ts";

const root = new URL("../../", import.meta.url);

async function helpOf(name: string): Promise<string> {
  let text = "";
  const output = { out: (more: string) => void (text += more), err: () => {}, columns: 80 };
  await buildProgram(commands, "1.2.3", output, async () => {})
    .parseAsync([...name.split(" "), "--help"], { from: "user" })
    .catch(() => {});
  return text;
}

suite("help", () => {
  for (const { name, options, arguments: takes, summary } of commands)
    test(`of ${name} tells every argument and option, in 80 columns`, async () => {
      const help = await helpOf(name);
      const flat = help.replace(/\s+/g, " ");
      for (const { flags, help: says } of [...Object.values(options), ...Object.values(globalOptions)])
        assert.ok(flat.includes(flags) && flat.includes(says), flags);
      for (const argument of takes) assert.ok(flat.includes(argument.help), argument.name);
      assert.ok(flat.includes(summary));
      const wide = help.split("\n").filter((line) => line.length > 80 && !line.startsWith("  $ "));
      assert.deepEqual(wide, []);
    });

  test("of the whole lists every command", async () => {
    const help = await helpOf("");
    for (const name of new Set(commands.map((command) => command.name.split(" ")[0]))) assert.match(help, new RegExp(`\\n  ${name} `));
  });
});

for (const { path, make } of madePages)
  test(`${path} is as scripts/docs.ts makes it`, () => {
    const text = readFileSync(new URL(path, root), "utf8");
    assert.equal(text, pageWith(text, make()), "run `node scripts/docs.ts`");
  });
