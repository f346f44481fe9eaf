import { GenerateMacCommand, type KMSClient } from "@aws-sdk/client-kms";

/** Changing it ends every session of the console. */
const purpose = "understudy console sessions, version 1";
const keyBytes = 32;

/** The key that seals the console's sessions: made of an HMAC key that never leaves KMS, so that it is the same in every function and after every start, and kept nowhere. */
export async function kmsSessionKey(client: KMSClient, keyId: string): Promise<Uint8Array> {
  const command = new GenerateMacCommand({ KeyId: keyId, Message: Buffer.from(purpose), MacAlgorithm: "HMAC_SHA_256" });
  const { Mac } = await client.send(command);
  if (Mac?.length !== keyBytes) throw new Error(`KMS answered without ${keyBytes} bytes of ${keyId}`);
  return Mac;
}
