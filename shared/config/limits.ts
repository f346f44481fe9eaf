/** Every bound of the product, by name. Relations between them are asserted in test/shared/config/limits.test.ts. */
export const limits = {
  nodesPerClusterMax: 8,
  groupsPerClusterMax: 32,
  /** Of one node, the one by its first address included. */
  pathsPerNodeMax: 4,
  dataSetsPerClusterMax: 16,
  resourcesPerGroupMax: 32,
  nameLengthMax: 63,
  checksPerGroupMax: 16,
  probesPerNodeMax: 16,
  dnsServersPerRecordMax: 8,
  /** Of names that the agents answer for: after a change of holder nobody remembers the old one for longer. */
  dnsAnswerTtlSecondsMax: 5,
  dnsAddressesPerNodeMax: 8,
  triggersPerClusterMax: 32,
  actionsPerTriggerMax: 8,
  triggerEventsMax: 16,
  triggerRecipientsMax: 20,
  triggerTextCharactersMax: 2_000,
  /** With what stands around it an event stays short enough for every way that it goes. */
  triggerSnsCharactersMax: 500,
  triggerDatagramCharactersMax: 400,
  triggerMulticastTtlMax: 16,
  /** Occurrences of one schedule that are done late, one after the other. */
  triggerLateMax: 100,
  /** Of a request that sets a trigger off. */
  triggerPayloadBytesMax: 8 * 1_024,
  triggerWebhookHostsMax: 64,
  /** Done at the same time, of one group; more wait. */
  triggerRunsAtOnceMax: 16,
  /** Lines of one sent log; the oldest go first. */
  sentLogLinesMax: 20_000,
  argvEntriesMax: 64,
  argvEntryLengthMax: 4_096,
  /** AWS IoT Core refuses a larger MQTT payload. */
  cloudMessageBytesMax: 128 * 1_024,
  lanMessageBytesMax: 64 * 1_024,
  /** The largest signed document that an agent takes, from the cloud or from a peer; the control plane makes none over `cloudMessageBytesMax`. */
  clusterDocumentBytesMax: 256 * 1_024,
  requestBodyBytesMax: 64 * 1_024,
  /** That one person or API key may be limited to; whoever has more has all. */
  customersPerScopeMax: 200,
  apiKeysMax: 500,
  usersMax: 1_000,
  auditEntriesPerPageMax: 200,
  clustersPerPageMax: 200,
  customersPerPageMax: 500,
  /** One after the other: this takes seconds, and a request must end. */
  clustersPerBulkActionMax: 500,
  /** Of what is stored of something that was removed: deleted in one step, and so many steps in one request. The sweep does the rest. */
  removedItemsPerStep: 1_000,
  removalStepsPerRequest: 5,
  removalsPerSweep: 500,
  /** For so long whoever was at work on a cluster while it was removed may still write something of it, which the sweep then deletes. */
  removalSettledMs: 24 * 3_600_000,
  /** Of one entry; with the next, an entry stays below the 400 KB that an item of DynamoDB may have. */
  auditChangesMax: 30,
  auditValueCharactersMax: 2_000,
  /** That one request for a page with one outcome alone looks through. */
  auditEntriesSearchedMax: 2_000,
  /** Entries about refused requests that one caller may leave: so many, and then as many a minute. What is beyond is counted in its next one. */
  refusalsListedBurst: 60,
  refusalsListedPerMinute: 1,
  /** The same of all callers of one customer together. */
  refusalsListedOfCustomerBurst: 600,
  refusalsListedOfCustomerPerMinute: 10,
  /** Of a refused request: its path, and each id in it. A path of the API has less than 200. */
  refusedPathCharactersMax: 300,
  /** Of one customer, that are not over. */
  maintenanceWindowsMax: 100,
  maintenanceDaysMax: 31,
  /** For how long the answer to a request with an idempotency key is kept. */
  idempotencyKeptMs: 24 * 3_600_000,
  idempotencyKeyCharactersMax: 200,
  /** Of one API key or person; a burst of as many as the second says. */
  apiRequestsPerSecond: 100,
  apiRequestsBurst: 1_000,
  /** Of all callers of one customer together, and of all of the provider's own; beside what each of them may. */
  customerRequestsPerSecond: 300,
  customerRequestsBurst: 3_000,
  /** Of one network address that is not signed in: enrolments, and keys that are none. */
  strangersRequestsPerSecond: 2,
  strangersRequestsBurst: 120,
  joinTokenLifetimeSecondsMax: 15 * 60,
  /** For how long after its expiry a token is still good for the one node that was refused for want of a licence, and waits. */
  joinWaitSecondsMax: 24 * 3_600,
  hardwareAddressesPerNodeMax: 16,
  licenceUsersMax: 100_000,
  licenceMembersMax: 16,
  licenceBytesMax: 16 * 1_024,
  /** All five classes together stay within what one licence can cover. */
  devicesPerClassMax: 20_000,
  trialDays: 30,
  /** Events an agent keeps for the cloud; beyond this the oldest informational ones go first, and an event says so. */
  outboxEventsMax: 10_000,
  eventsPerMessageMax: 50,
  eventsPerPageMax: 200,
  /** Of one cluster, for one report of its availability. */
  eventsPerAvailabilityReportMax: 20_000,
  replicationFrameBytesMax: 8 * 1_024 * 1_024,
  /** Changes are packed into frames of about this size; one row may need more, up to the frame's limit. */
  replicationChangesBytesTarget: 1_024 * 1_024,
  replicationChangesPerFrameMax: 20_000,
  /** Sent and not yet acknowledged, per peer and data set; more waits in the log. */
  replicationInFlightBytesMax: 16 * 1_024 * 1_024,
  replicationSnapshotChunkBytes: 2 * 1_024 * 1_024,
  /** Chunks that a joiner has asked one source for and that have not come yet. */
  replicationChunksAskedMax: 6,
  /** For how long a snapshot that was made for one joiner is good enough for the next one. */
  replicationSnapshotSharedMs: 2 * 60_000,
  /** For how long a copy is kept after its last use, for a joiner that was interrupted. */
  replicationSnapshotKeptMs: 5 * 60_000,
  /** The same where it is the application's file itself, whose log grows meanwhile. */
  replicationSnapshotFrozenMs: 45_000,
  /** Of one data set on one node. */
  replicationSnapshotsKeptMax: 2,
  /** Of each database, made before a join replaced its contents. */
  joinBackupsKeptMax: 3,
  /** A piece of a file; the chunks of the largest files are so large (content-chunking.ts). */
  fileChunkBytesMax: 4 * 1_024 * 1_024,
  /** Named in one event of files that were set aside; the others are counted. */
  filePathsPerEventMax: 5,
  /** Small files are asked for many at a time. */
  filePiecesPerWantMax: 256,
  /** Asked of other nodes, and not here yet; more waits. */
  fileBytesAskedMax: 16 * 1_024 * 1_024,
  /** Rows of one question, where replicas are compared; so many are read in one go, and as many again by who answers. */
  compareRowsMax: 250,
  /** Of rows read for one question: about, since the last one may exceed it. */
  compareBytesMax: 512 * 1_024,
  /** Rows that come along with one answer; of others only the digest does. */
  compareAnswerBytesMax: 4 * 1_024 * 1_024,
  /** How deep in a log is looked for what was written lately. */
  compareLogEntriesMax: 20_000,
  /** Conflicts that a replica's journal keeps, and as many that wait for a decision; the oldest go first. */
  replicationConflictsKeptMax: 10_000,
  /** Tables of a data set that settle conflicts in a way of their own. */
  conflictTablesMax: 50,
  /** Columns, or patterns of keys, that are local of one table. */
  localPatternsMax: 100,
  /** Nodes in the order of a table: members, and some that were. */
  conflictOrderMax: 16,
  recordKeyCharactersMax: 512,
  /** Of a record's JSON. */
  recordValueBytesMax: 64 * 1_024,
  recordTtlSecondsMax: 366 * 86_400,
  recordsPerPageMax: 500,
  /** About: an answer ends with the record that exceeds it. */
  recordAnswerBytesMax: 1_024 * 1_024,
  recordsExpiredAtOnceMax: 500,
  recordWatchersMax: 64,
  /** For how long the writer may wait for another disk, of a write that was passed on to it. */
  forwardedWriteMsMax: 600_000,
  /** Of the writer's answer to it: a record's value and what is said beside. */
  forwardedAnswerCharactersMax: 256 * 1_024,
  recordFileBytesMax: 1_024 * 1_024 * 1_024,
} as const;
