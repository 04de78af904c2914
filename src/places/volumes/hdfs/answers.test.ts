import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../../core/errors.ts";
import { blocksIn, booleanIn, capacityIn, checksumIn, dataNodesIn, locationIn, pageIn, statusIn } from "./answers.ts";
import { isMissing, refusalFault, refusalOf } from "./refusal.ts";

const file = { pathSuffix: "name", type: "FILE", length: 7, fileId: 16400, modificationTime: 1_700_000_000_000 };

test("a status, and a page of them", () => {
  const read = { name: "name", isFile: true, isFolder: false, bytes: 7, fileId: 16400, modifiedMs: 1_700_000_000_000 };
  assert.deepEqual(statusIn(JSON.stringify({ FileStatus: file }), "a"), read);
  const page = (remainingEntries: number, entries = [file]) =>
    JSON.stringify({ DirectoryListing: { partialListing: { FileStatuses: { FileStatus: entries } }, remainingEntries } });
  assert.deepEqual(pageIn(page(3), "a"), { entries: [read], more: true });
  assert.deepEqual(pageIn(page(0, []), "a"), { entries: [], more: false });
  assert.throws(() => pageIn(page(3, []), "a"), isFault, "a page without entries that says that more follow would be asked for for ever");
});

test("the copies of a file are those of its worst block", () => {
  const blocks = (...counts: number[]) =>
    JSON.stringify({ LocatedBlocks: { fileLength: 9, locatedBlocks: counts.map((count) => ({ locations: Array(count).fill({}) })) } });
  assert.deepEqual(blocksIn(blocks(3, 2, 3), "a"), { bytes: 9, copies: 2 });
  assert.deepEqual(blocksIn(blocks(), "a"), { bytes: 9, copies: undefined });
});

test("DataNodes are known by name and by address, each with the address that the NameNode uses", () => {
  const nodes = {
    "dn1.internal:9866": { infoAddr: "10.0.0.1:9864", xferaddr: "10.0.0.1:9866" },
    dn2: { infoAddr: "10.0.0.2:9864", xferaddr: "10.0.0.2:9866" },
  };
  const found = dataNodesIn(JSON.stringify({ beans: [{ LiveNodes: JSON.stringify(nodes) }] }), "a");
  assert.deepEqual(Object.fromEntries(found), {
    "10.0.0.1:9864": "10.0.0.1:9866",
    "dn1.internal:9864": "10.0.0.1:9866",
    "10.0.0.2:9864": "10.0.0.2:9866",
    "dn2:9864": "10.0.0.2:9866",
  });
});

test("the capacity is that of the first bean", () => {
  const answer = JSON.stringify({
    beans: [{ name: "Hadoop:service=NameNode,name=FSNamesystemState", CapacityTotal: 300, CapacityUsed: 90, CapacityRemaining: 150 }],
  });
  assert.deepEqual(capacityIn(answer, "a"), { capacityBytes: 300, freeBytes: 150 });
  assert.throws(() => capacityIn(JSON.stringify({ beans: [] }), "a"), isFault);
});

test("whatever an engine answers, it is read or VOLUME_UNREACHABLE: never empty, never missing", () => {
  const parsers = [statusIn, pageIn, booleanIn, locationIn, blocksIn, dataNodesIn, capacityIn, checksumIn];
  const members = fc.constantFrom(
    "FileStatus",
    "FileChecksum",
    "algorithm",
    "bytes",
    "length",
    "DirectoryListing",
    "partialListing",
    "FileStatuses",
    "remainingEntries",
    "LocatedBlocks",
    "locatedBlocks",
    "beans",
    "LiveNodes",
  );
  const shaped = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, fc.jsonValue(), fc.dictionary(members, tie("value")), fc.array(tie("value"), { maxLength: 3 })),
  })).value;
  const answer = fc.oneof(
    fc.string(),
    shaped.map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(answer, fc.constantFrom(...parsers), (text, parse) => {
      try {
        parse(text, "a");
      } catch (error) {
        assert.ok(isFault(error, "VOLUME_UNREACHABLE"), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

const remote = (exception: string, message = "why") => JSON.stringify({ RemoteException: { exception, javaClassName: `java.${exception}`, message } });

for (const [status, exception, code] of [
  [403, "SafeModeException", "VOLUME_UNREACHABLE"],
  [403, "StandbyException", "VOLUME_UNREACHABLE"],
  [403, "IOException", "VOLUME_UNREACHABLE"],
  [403, "AccessControlException", "ACCESS_DENIED"],
  [403, "SecretManager$InvalidToken", "ACCESS_DENIED"],
  [401, "AuthenticationException", "ACCESS_DENIED"],
  [403, "org.apache.hadoop.hdfs.protocol.DSQuotaExceededException", "VOLUME_FULL"],
  [400, "IllegalArgumentException", "CONFIG_INVALID"],
  [500, "NullPointerException", "VOLUME_UNREACHABLE"],
] as const)
  test(`${status} ${exception} is ${code}`, () => assert.equal(refusalFault(refusalOf(status, remote(exception)), "a").code, code));

test("only HDFS's own word makes a file missing: a 404 of anything else on that port does not", () => {
  assert.ok(isMissing(refusalOf(404, remote("FileNotFoundException"))));
  for (const text of ["", "<html>Not Found</html>", "{}", '{"RemoteException":7}', '{"RemoteException":{"message":"FileNotFoundException"}}'])
    assert.equal(isMissing(refusalOf(404, text)), false, text);
  assert.equal(refusalFault(refusalOf(404, "<html>"), "a").code, "VOLUME_UNREACHABLE");
});

test("of a message only the first line is told, and no token", () => {
  const { message } = refusalFault(refusalOf(403, remote("IOException", "no http://dn/?op=OPEN&delegation=SECRET&x=1\n\tat java.lang.Thread")), "a");
  assert.match(message, /^a: IOException: no /);
  assert.doesNotMatch(message, /SECRET|Thread/);
});
