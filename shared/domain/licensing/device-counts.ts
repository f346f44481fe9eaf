/** The classes of users and devices that licences count, each with the word that people read. */
export const deviceClasses = {
  ipStations: "IP stations",
  sipStations: "SIP stations",
  softClients: "soft clients",
  amplifierChannels: "amplifier channels",
  ioModules: "I/O modules",
} as const;
export type DeviceClass = keyof typeof deviceClasses;

/** How many of each class the customer has declared for a cluster. */
export type DeviceCounts = Readonly<Record<DeviceClass, number>>;

export const noDevices: DeviceCounts = { ipStations: 0, sipStations: 0, softClients: 0, amplifierChannels: 0, ioModules: 0 };

/** What the licences of the cluster must cover: the sum over all classes. */
export function usersOf(counts: DeviceCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
