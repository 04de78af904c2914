/** Redirects are followed to the DataNodes of the NameNode alone, and no token is told to anybody else, nor written into an error. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { isFault } from "../../../core/errors.ts";
import { parseVolumeName } from "../../../core/names.ts";
import { freshKey, sampleBytes } from "../conformance-tools.ts";
import { addressOf, Between } from "./fixtures/between.ts";
import { driver } from "./index.ts";
import { claimed, environment, Folder, never, onHdfs } from "./test-tools.ts";

const canary = "Q2FuYXJ5VG9rZW4_-Q2FuYXJ5";

onHdfs("redirects of a NameNode", () => {
  test("H8: to a host that is no DataNode, and to https, are refused before anything is sent there", async (t) => {
    const folder = new Folder();
    await claimed(folder.url());
    const visits: string[] = [];
    const stranger = createServer((request, response) => {
      visits.push(request.url ?? "");
      response.end();
    }).listen(0, "127.0.0.1");
    await once(stranger, "listening");
    t.after(() => stranger.close().closeAllConnections());
    for (const location of [
      `http://${addressOf(stranger)}/webhdfs/v1/a?op=CREATE&delegation=${canary}`,
      `http://localhost:${addressOf(stranger).split(":")[1]}/webhdfs/v1/a?delegation=${canary}`,
      `https://127.0.0.1:1/webhdfs/v1/a?delegation=${canary}`,
      `http://user:secret@127.0.0.1:1/webhdfs/v1/a?delegation=${canary}`,
      "file:///etc/passwd",
      "no url",
    ]) {
      await using between = await Between.open(await folder.nameNode(), { nameNode: (op) => (op === "CREATE" ? { location } : "pass") });
      await using volume = await driver.open(
        { name: parseVolumeName("lake"), url: folder.url({ datanodes: between.dataNodes.join(",") }, [between.nameNode]), failureDomain: "a" },
        environment,
      );
      const error = await volume.put(freshKey(), [sampleBytes(10)], never).catch((thrown: unknown) => thrown);
      assert.ok(isFault(error, "ACCESS_DENIED"), inspect(error));
      assert.doesNotMatch(inspect(error, { depth: 10 }), new RegExp(`${canary}|secret`));
    }
    assert.deepEqual(visits, []);
    await folder.remove();
  });

  test("the NameNode's own list of DataNodes is what is followed where the settings name none", async () => {
    const folder = new Folder();
    await using between = await Between.open(await folder.nameNode(), {});
    await using direct = await claimed(folder.url());
    await using proxied = await driver.open({ name: parseVolumeName("lake"), url: folder.url({}, [between.nameNode]), failureDomain: "a" }, environment);
    await direct.put(freshKey(), [sampleBytes(10)], never);
    const error = await proxied.put(freshKey(), [sampleBytes(10)], never).catch((thrown: unknown) => thrown);
    assert.ok(isFault(error, "ACCESS_DENIED") && /not among its DataNodes/.test(error.message), inspect(error));
    await folder.remove();
  });

  test("a token goes into the query of what the NameNode is asked, in place of a user, and into no error", async () => {
    const home = mkdtempSync(join(tmpdir(), "holdfast-token-"));
    writeFileSync(join(home, "token"), `${canary}\n`);
    const folder = new Folder();
    await claimed(folder.url());
    await using between = await Between.open(await folder.nameNode(), {});
    const url = `hdfs://${between.nameNode}${folder.path}?token-file=token&datanodes=${between.dataNodes.join(",")}`;
    await using volume = await driver.open({ name: parseVolumeName("lake"), url, failureDomain: "a" }, { ...environment, base: home });
    // This HDFS has no Kerberos, so it sees its anonymous user and lets it read.
    const error = await volume.put(freshKey(), [sampleBytes(10)], never).catch((thrown: unknown) => thrown);
    assert.ok(
      between.asked.length > 0 && between.asked.every(({ searchParams }) => searchParams.get("delegation") === canary && !searchParams.has("user.name")),
    );
    assert.ok(isFault(error, "ACCESS_DENIED"), inspect(error));
    assert.doesNotMatch(inspect(error, { depth: 10 }), new RegExp(canary));
    rmSync(join(home, "token"));
    await assert.rejects(driver.open({ name: parseVolumeName("lake"), url, failureDomain: "a" }, environment), (bad) => isFault(bad, "CONFIG_INVALID"));
    rmSync(home, { recursive: true });
    await folder.remove();
  });
});
