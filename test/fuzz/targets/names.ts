import { printable } from "../../../agent/cli/printable.ts";
import { table } from "../../../agent/cli/table.ts";
import { asciiLine, cutTo, oneLine } from "../../../functions/notify/plain-text.ts";
import { displayNameSchema } from "../../../shared/protocol/id-schemas.ts";
import { sampleAlert } from "../../functions/notify/sample-alert.ts";
import { bytesOf, type FuzzTarget, promise, textOf } from "../fuzz-target.ts";

const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export const renderedNames: FuzzTarget = {
  name: "names",
  reads: "names that people and applications give, as logs, terminals, mails and short messages show them",
  share: 50,
  seeds: ["Hotel Adler", "Krone & Söhne (2)", "node-a", "Müller/Straße", "客户"].map(bytesOf),
  words: ["\u202e", "\u2066", "\u200b", "\u2028", "\u0085", "\u001b[31m", "\u00ad", "ﷺ", "👨‍👩‍👧"],
  execute: (input) => {
    const name = textOf(input);
    const line = oneLine(name);
    promise(!hidden.test(line) && !/\s\s|\n/.test(line), "a line has signs that nobody sees");
    promise(oneLine(line) === line, "a line of a line is another");
    promise(/^[\x20-\x7e]*$/.test(asciiLine(name)), "a line of ASCII has other signs");
    promise(cutTo(20, name).length <= 20, "a text is longer than it may be");
    promise(!hidden.test(printable(name)), "what is printed has signs that a terminal obeys");
    promise(table(["name", "x"], [[printable(name), "y"]]).split("\n").length === 2, "a cell of a table takes two lines");
    const { subject, emailText } = sampleAlert({ names: { clusterName: name } });
    promise(/^[\x20-\x7e]{1,100}$/.test(subject), "a subject is not one line of ASCII");
    promise(!/[\u202a-\u202e\u2066-\u2069\0]/.test(emailText), "a mail has signs that turn it round");
    const isName = displayNameSchema.safeParse(name).success;
    promise(!isName || !hidden.test(name), "a name with signs that nobody sees is taken");
    return isName ? "accepted" : "refused";
  },
};
