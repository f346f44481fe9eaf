import { randomBytes } from "node:crypto";
import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  type AttributeType,
  type CognitoIdentityProviderClient,
  InvalidParameterException,
  UserNotFoundException,
  UsernameExistsException,
} from "@aws-sdk/client-cognito-identity-provider";
import { type UserDirectory, UserDirectoryError } from "../user-directory.ts";

/** A Cognito user pool whose user names are e-mail addresses: a person's id is the `sub` that the pool puts into ID tokens, and a name for the person as well. */
export class CognitoUserDirectory implements UserDirectory {
  readonly #client: CognitoIdentityProviderClient;
  readonly #userPoolId: string;

  constructor(client: CognitoIdentityProviderClient, userPoolId: string) {
    this.#client = client;
    this.#userPoolId = userPoolId;
  }

  async ensure(email: string): Promise<string> {
    const command = new AdminCreateUserCommand({
      UserPoolId: this.#userPoolId,
      Username: email,
      // The first password is told by whoever lets the person in.
      MessageAction: "SUPPRESS",
      UserAttributes: [
        { Name: "email", Value: email },
        { Name: "email_verified", Value: "true" },
      ],
    });
    try {
      const { User } = await this.#client.send(command);
      return subOf(User?.Attributes);
    } catch (error) {
      if (error instanceof InvalidParameterException)
        throw new UserDirectoryError(`Cognito does not take ${email}: ${error.message}`, { cause: error });
      if (!(error instanceof UsernameExistsException)) throw error;
      const { UserAttributes } = await this.#client.send(new AdminGetUserCommand({ UserPoolId: this.#userPoolId, Username: email }));
      return subOf(UserAttributes);
    }
  }

  async resetPassword(userId: string): Promise<string> {
    // Chance, and then what the pool's rules ask for whatever chance has given.
    const password = `${randomBytes(15).toString("base64url")}-aA1`;
    const command = new AdminSetUserPasswordCommand({
      UserPoolId: this.#userPoolId,
      Username: userId,
      Password: password,
      Permanent: true,
    });
    try {
      await this.#client.send(command);
      return password;
    } catch (error) {
      if (!(error instanceof UserNotFoundException)) throw error;
      throw new UserDirectoryError(`there is no sign-in ${userId}: remove the user, and let them in anew`, { cause: error });
    }
  }

  async remove(userId: string): Promise<void> {
    try {
      await this.#client.send(new AdminDeleteUserCommand({ UserPoolId: this.#userPoolId, Username: userId }));
    } catch (error) {
      if (!(error instanceof UserNotFoundException)) throw error;
    }
  }
}

function subOf(attributes: readonly AttributeType[] | undefined): string {
  const sub = attributes?.find(({ Name }) => Name === "sub")?.Value;
  if (sub === undefined) throw new Error("Cognito answered without the person's id");
  return sub;
}
