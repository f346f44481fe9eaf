import { z } from "zod";

/** Of a network interface, as `02:00:5e:10:00:01`; never that of none, nor one of many machines. */
export const hardwareAddressSchema = z
  .string()
  .regex(/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/, "must be the hardware address of one network interface, as 02:00:5e:10:00:01")
  .refine((address) => address !== "00:00:00:00:00:00", "must not be all zeros");
