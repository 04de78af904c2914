import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HoldfastError, isFault } from "../../../core/errors.ts";
import { parsePlace, placeBeside } from "./place.ts";

const nothing = { user: undefined, password: undefined, database: undefined, schema: "holdfast", connections: 5, tls: undefined };
const anywhere = [{ name: undefined, port: undefined }];

test("what a URL leaves out is left to the environment", () => {
  for (const label of ["postgres://", "postgresql://", "postgres:///"]) assert.deepEqual(parsePlace(label), { ...nothing, hosts: anywhere, label });
});

test("a URL with everything in it", () => {
  const url =
    "postgres://me%40x:p%3Aw%2F@db1:5433,[::1]:5434,10.0.0.1/fleet%20one?schema=models&connections=9&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem";
  assert.deepEqual(parsePlace(url), {
    hosts: [
      { name: "db1", port: 5433 },
      { name: "::1", port: 5434 },
      { name: "10.0.0.1", port: undefined },
    ],
    user: "me@x",
    password: "p:w/",
    database: "fleet one",
    schema: "models",
    connections: 9,
    tls: { rootCertificate: "/ca.pem", certificate: "/c.pem", key: "/k.pem" },
    label: url.replace(":p%3Aw%2F", ""),
  });
});

test("a socket is a host too, and encryption can be switched off", () => {
  const { hosts, tls } = parsePlace("postgres:///db?host=/run/postgresql&sslmode=disable");
  assert.deepEqual([hosts, tls], [[{ name: "/run/postgresql", port: undefined }], false]);
});

test("every mode that encrypts also checks, so there is nothing to say about it", () => {
  const none = { rootCertificate: undefined, certificate: undefined, key: undefined };
  for (const mode of ["require", "verify-ca", "verify-full"]) assert.deepEqual(parsePlace(`postgres://h/d?sslmode=${mode}`).tls, none);
});

const refused: readonly (readonly [string, RegExp])[] = [
  ["postgres:h/d", /is not postgres:/],
  ["postgres://h/d/e", /is not postgres:/],
  ["postgres://h/d#x", /is not postgres:/],
  ["postgres://h:0/d", /no port 0/],
  ["postgres://h:70000/d", /no port 70000/],
  ["postgres://h:x/d", /no host/],
  ["postgres://%zz/d", /followed by no code/],
  ["postgres://h/d?schem=x", /no parameter schem; there are schema, connections/],
  ["postgres://h/d?schema=Models", /"Models" is not lower-case/],
  ["postgres://h/d?schema=pg_catalog", /"pg_catalog"/],
  [`postgres://h/d?schema=${"s".repeat(41)}`, /at most 40/],
  ['postgres://h/d?schema=a"b', /is not lower-case/],
  ["postgres://h/d?connections=1", /from 2 to 100/],
  ["postgres://h/d?connections=many", /from 2 to 100/],
  ["postgres://h/d?sslmode=prefer", /sslmode=prefer is not/],
];

for (const [url, why] of refused)
  test(`refused: ${url}`, () => {
    assert.throws(
      () => parsePlace(url),
      (error) => error instanceof HoldfastError && error.code === "CONFIG_INVALID" && why.test(error.message),
    );
  });

test("I15: no password is in a label or a complaint", () => {
  const urls = [
    "postgres://u:secret@h/d",
    "postgres://:secret@/",
    "postgres://u:secret@h/d?schema=X",
    "postgres://u:secret@h:0/d",
    "postgres://u:secret@h/d/e",
  ];
  for (const url of urls) {
    let told = "";
    try {
      told = parsePlace(url).label;
    } catch (error) {
      told = (error as Error).message;
    }
    assert.doesNotMatch(told, /secret/);
  }
});

test("any text is a place or a complaint", () => {
  const part = fc.stringMatching(/^[a-z0-9:@/?&=,%[\].#-]{0,12}$/);
  fc.assert(
    fc.property(fc.constantFrom("postgres://", "postgres:", "postgresql://", ""), part, part, part, (head, ...parts) => {
      try {
        const { schema, hosts } = parsePlace(head + parts.join(""));
        assert.match(schema, /^[a-z_][a-z0-9_]*$/);
        assert.ok(hosts.length > 0);
      } catch (error) {
        assert.ok(isFault(error, "CONFIG_INVALID"), String(error));
      }
    }),
  );
});

test("a rebuild has a schema beside that of the catalog, and nothing else is different", () => {
  const beside = parsePlace(placeBeside(`postgres://u:p%20q@a:1,b/d?schema=${"s".repeat(40)}&connections=7`));
  assert.equal(beside.schema, `${"s".repeat(40)}_rebuilding`);
  assert.deepEqual([beside.password, beside.hosts.length, beside.database, beside.connections], ["p q", 2, "d", 7]);
  assert.equal(parsePlace(placeBeside("postgres:///d")).schema, "holdfast_rebuilding");
});
