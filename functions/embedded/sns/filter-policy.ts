import { type MessageAttributes, type Scalar, scalarsOf } from "./message-attributes.ts";
import { invalidParameter, QueryError } from "./query-error.ts";

/** Says whether a message with these attributes is for the subscription. */
export type FilterPolicy = (attributes: MessageAttributes) => boolean;

/** True where the attribute's values satisfy one condition; null stands for an attribute that the message lacks. */
type Condition = (values: readonly Scalar[] | null) => boolean;

const keysMax = 5;
const combinationsMax = 150;
const policyLengthMax = 30_000;

/**
 * Reads a filter policy on message attributes: exact values, prefix, suffix, equals-ignore-case, anything-but (values or
 * prefix), numeric, exists. Every key must match; of a key's conditions one is enough. Errors: InvalidParameter,
 * FilterPolicyLimitExceeded.
 */
export function parseFilterPolicy(json: string): FilterPolicy {
  const policy = asObject(json);
  const keys = Object.entries(policy);
  if (keys.length > keysMax) throw new QueryError("FilterPolicyLimitExceeded", `Filter policy can not have more than ${keysMax} keys`);
  const rules = keys.map(([name, conditions]) => {
    if (name.startsWith("$")) throw refused(`Unrecognized match type ${name}`);
    if (!Array.isArray(conditions) || conditions.length === 0) throw refused(`"${name}" must be a non-empty array`);
    return { name, conditions: conditions.map((condition: unknown) => readCondition(condition)) };
  });
  if (rules.reduce((product, rule) => product * rule.conditions.length, 1) > combinationsMax) {
    throw new QueryError("FilterPolicyLimitExceeded", `Filter policy is too complex: more than ${combinationsMax} combinations`);
  }
  return (attributes) =>
    rules.every(({ name, conditions }) => {
      const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      const values = attribute === undefined ? null : scalarsOf(attribute);
      return conditions.some((condition) => condition(values));
    });
}

function asObject(json: string): object {
  if (json.length > policyLengthMax) throw refused(`longer than ${policyLengthMax} characters`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw refused("failed to parse JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw refused("must be a JSON object");
  return parsed;
}

function readCondition(condition: unknown): Condition {
  if (isScalar(condition)) return anyValue((value) => value === condition);
  const [operator, operand] = onlyEntry(condition);
  if (operator === "exists") {
    if (typeof operand !== "boolean") throw refused("exists must be true or false");
    return (values) => (values !== null) === operand;
  }
  if (operator === "numeric") return anyValue(numericTest(operand));
  if (operator === "anything-but") return anythingBut(operand);
  return anyValue(textTest(operator, operand));
}

/** An attribute that is missing never matches, also not a negation: so SNS has it. */
function anythingBut(operand: unknown): Condition {
  if (isScalar(operand)) return anyValue((value) => value !== operand);
  if (Array.isArray(operand) && operand.length > 0 && operand.every(isScalar)) return anyValue((value) => !operand.includes(value));
  const [operator, text] = onlyEntry(operand);
  const test = textTest(operator, text);
  return anyValue((value) => !test(value));
}

function textTest(operator: string, operand: unknown): (value: Scalar) => boolean {
  if (typeof operand !== "string" || operand === "") throw refused(`${operator} match pattern must be a non-empty string`);
  const folded = operand.toLowerCase();
  switch (operator) {
    case "prefix":
      return (value) => typeof value === "string" && value.startsWith(operand);
    case "suffix":
      return (value) => typeof value === "string" && value.endsWith(operand);
    case "equals-ignore-case":
      return (value) => typeof value === "string" && value.toLowerCase() === folded;
    default:
      throw refused(`Unrecognized match type ${operator}`);
  }
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

function numericTest(operand: unknown): (value: Scalar) => boolean {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) throw refused("numeric must hold one or two comparisons");
  const tests = Array.from({ length: operand.length / 2 }, (_, index) => {
    const compare = Object.hasOwn(comparisons, String(operand[2 * index])) ? comparisons[String(operand[2 * index])] : undefined;
    const bound: unknown = operand[2 * index + 1];
    if (compare === undefined || typeof bound !== "number") throw refused("numeric takes =, <, <=, > or >= and a number");
    return (value: number) => compare(value, bound);
  });
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

function anyValue(test: (value: Scalar) => boolean): Condition {
  return (values) => values?.some(test) ?? false;
}

function onlyEntry(condition: unknown): [string, unknown] {
  const entries = typeof condition === "object" && condition !== null && !Array.isArray(condition) ? Object.entries(condition) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) throw refused("each condition must be a value or an object with one match type");
  return entry;
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function refused(reason: string): QueryError {
  return invalidParameter("Attributes", `FilterPolicy: ${reason}`);
}
