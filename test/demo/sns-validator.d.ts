declare module "sns-validator" {
  type Message = Readonly<Record<string, unknown>>;

  export default class MessageValidator {
    constructor(hostPattern?: RegExp, encoding?: string);
    validate(message: Message | string, done: (error: Error | null, message?: Message) => void): void;
  }
}
