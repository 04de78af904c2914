import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../../core/errors.ts";
import { childrenOf, escapeXml, parseXml, textIn, type XmlElement } from "./xml.ts";

const listing = `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix/>
  <Contents><Key>a/b&amp;c&#x41;&#66;&lt;</Key><Size>12</Size><ETag>&quot;e&quot;</ETag></Contents>
  <Contents><Key></Key><Size >0</Size ></Contents>
</ListBucketResult>
`;

test("a listing as S3 writes it", () => {
  const root = parseXml(listing);
  assert.equal(root.name, "ListBucketResult");
  assert.deepEqual(childrenOf(root, "Contents").map((entry) => [textIn(entry, "Key"), textIn(entry, "Size")]), [["a/b&cAB<", "12"], ["", "0"]]); // biome-ignore format: a table
  assert.equal(textIn(root, "Prefix"), "");
  assert.equal(textIn(root, "Nothing"), undefined);
});

const texts = fc.string({ unit: "grapheme", maxLength: 30 }).filter((text) => !text.includes("\0"));
const names = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,10}$/);
const plain = { noNullPrototype: true };
const { element } = fc.letrec<{ element: XmlElement }>((tie) => ({
  element: fc.oneof(
    { maxDepth: 4 },
    fc.record({ name: names, text: texts, children: fc.constant([]) }, plain),
    fc.record({ name: names, text: fc.constant(""), children: fc.array(tie("element"), { maxLength: 4 }) }, plain),
  ),
}));

function print({ name, text, children }: XmlElement): string {
  return `<${name} a="b">${escapeXml(text)}${children.map(print).join("\n")}</${name}>`;
}

test("what is written is read", () => {
  fc.assert(
    fc.property(element, (written) => {
      assert.deepEqual(parseXml(print(written)), written);
    }),
  );
});

function refused(document: string): void {
  assert.throws(() => parseXml(document), (error) => isFault(error, "VOLUME_UNREACHABLE") || assert.fail(`${String(error)} for ${document.slice(0, 80)}`)); // biome-ignore format: one line
}

test("what is not well formed, or more than S3 writes, is refused", () => {
  const bad = [
    "", " ", "text", "<a>", "</a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a/>text", "<a>text<b/></a>", "<>", "<a b></a>", "<a b=c/>", "<a b='<'/>", "< a/>",
    "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>&x;</a>", "<a>&amp</a>", "<a>&#0;</a>", "<a>&#xd800;</a>", "<a>&#x110000;</a>", "<a><![CDATA[x]]></a>", "<a><!-- x --></a>",
    "<a><?x y?></a>", "<a>]]></a>", "<?xml version='1.0'?><?xml version='1.0'?><a/>", "<a>".repeat(100), `${"<a>".repeat(13)}${"</a>".repeat(13)}`,
    `<a>${"<b/>".repeat(60_001)}</a>`, `<a>${"x".repeat(9_000_000)}</a>`,
  ]; // biome-ignore format: a table
  for (const document of bad) refused(document);
});

test("a listing damaged at random is read or refused, in time", () => {
  const edit = fc.record({
    at: fc.nat(listing.length),
    remove: fc.nat(6),
    insert: fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("<", ">", "</", "/>", "&", ";", '"', "<a>")),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let document = listing;
      for (const { at, remove, insert } of edits) document = document.slice(0, at) + insert + document.slice(at + remove);
      try {
        assert.ok(parseXml(document).name.length > 0);
      } catch (error) {
        assert.ok(isFault(error, "VOLUME_UNREACHABLE"), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
