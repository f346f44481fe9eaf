import { describe, expect, it } from "vitest";
import { QueryError } from "../../../../functions/embedded/sns/query-error.ts";
import { errorXml, escapeXml, successXml, xmlList, xmlMap } from "../../../../functions/embedded/sns/query-xml.ts";

describe("AWS Query answers", () => {
  it("a result with a list and a map: as SNS writes them", () => {
    const xml = successXml("ListThings", [xmlList("Things", [[["Name", "a<b"]]]), xmlMap("Attributes", { Key: "1 & 2" })], "id-1");
    expect(xml).toBe(
      '<?xml version="1.0"?>\n<ListThingsResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListThingsResult>' +
        "<Things><member><Name>a&lt;b</Name></member></Things>" +
        "<Attributes><entry><key>Key</key><value>1 &amp; 2</value></entry></Attributes>" +
        "</ListThingsResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></ListThingsResponse>\n",
    );
  });

  it("an error: type, code, message and request id", () => {
    expect(errorXml(new QueryError("NotFound", "gone"), "id-2")).toContain(
      "<Error><Type>Sender</Type><Code>NotFound</Code><Message>gone</Message></Error><RequestId>id-2</RequestId>",
    );
  });

  it("what XML cannot hold: replaced, not sent", () => {
    expect(escapeXml("a\u0000b\u001fc\ud800d\uffffe\tf\ng\rh'\"")).toBe("a\ufffdb\ufffdc\ufffdd\ufffde\tf\ng&#13;h&apos;&quot;");
  });
});
