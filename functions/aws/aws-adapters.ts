import { fingerprintsOf } from "../../shared/domain/membership/certificates.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { AgentMessenger, DocumentSigner } from "../dependencies.ts";
import type { Environment } from "../env.ts";
import type { Notifier } from "../notify/notifier.ts";
import { SnsNotifier } from "../notify/sns-notifier.ts";
import type { Stores } from "../store/stores.ts";
import type { UserDirectory } from "../user-directory.ts";
import { cognitoClient, iotClient, iotDataClient, kmsClient, snsClient } from "./aws-clients.ts";
import { CognitoUserDirectory } from "./cognito-user-directory.ts";
import { IotMessenger } from "./iot-messenger.ts";
import { IotNodeRegistry } from "./iot-node-registry.ts";
import { kmsSigner } from "./kms-signer.ts";
import { noSignIns } from "./no-sign-ins.ts";

export function awsSigner({ signingKeys }: Environment): DocumentSigner {
  return kmsSigner(kmsClient(), signingKeys);
}

export function awsMessenger({ nodePolicy }: Environment, { clusters }: Stores): AgentMessenger {
  return new IotMessenger(iotDataClient(), new IotNodeRegistry(iotClient(), nodePolicy), async (clusterId) => {
    const cluster = await clusters.find(clusterId);
    return new Map(cluster === undefined ? [] : membersOf(cluster.document).map((member) => [member.nodeId, fingerprintsOf(member)]));
  });
}

export function awsNotifier({ undeliveredQueue }: Environment): Notifier {
  return new SnsNotifier(snsClient(), undeliveredQueue === undefined ? {} : { undeliveredQueue });
}

export function awsDirectory({ userPool }: Environment): UserDirectory {
  return userPool === undefined ? noSignIns : new CognitoUserDirectory(cognitoClient(), userPool);
}
