/*
 * Signed once, with keys that nobody has any more: whoever signs anew makes other inputs each time, and an execution could not be repeated by its number.
 */

export const signedOnce = {
  publicKey: {
    kty: "EC",
    x: "ap3o6qBr8jYqNXiGOtIj7Bzwjj3y_o_xY0OGJrNbGoI",
    y: "xBgOI-pwTVw4jp_l8kpD7KGHxI7hUBbH_OrVhJhPH9Q",
    crv: "P-256",
    alg: "ES256",
    kid: "k1",
  },
  sound: [
    "eyJhbGciOiJFUzI1NiIsInR5cCI6InVuZGVyc3R1ZHktY2x1c3Rlci1kb2N1bWVudCIsImtpZCI6ImsxIn0.eyJ2ZXJzaW9uIjoxfQ.OGGEb-ULIYO8tpUTEHWYxpugrp5X8alzhej062mKthxfWuvMbhN-vAMwPPwUBmMFKByocgF8MWGhYdKikVJgBQ",
    "eyJhbGciOiJFUzI1NiIsInR5cCI6InVuZGVyc3R1ZHktY2x1c3Rlci1kb2N1bWVudCJ9.eyJ2ZXJzaW9uIjoyLCJuYW1lIjoiw6QifQ.3WaP5_Uka7yIT20SF1NIF-io66uDXRpNMVm_TZjqS5kG2pMvYiQpt6sbJwOWbqUjTE2IgILGHPffGZU_G0b_7Q",
  ],
  /** Of another kind, said to be unsigned, and no JSON. */
  unsound: [
    "eyJhbGciOiJFUzI1NiIsInR5cCI6InVuZGVyc3R1ZHktbGljZW5jZSIsImtpZCI6ImsxIn0.e30.Uirl9HhjYLTys7ziwczNRHfdWb7VZLKKJAuXckk4Qfr--jIz9f-7eK9vwra8OV98tfUMeNg4d7iYHwA6RQwZGQ",
    "eyJhbGciOiJub25lIiwidHlwIjoidW5kZXJzdHVkeS1jbHVzdGVyLWRvY3VtZW50Iiwia2lkIjoiazEifQ.e30.8R7WaQyifxdpQKmRCs5xC9nwRsTaJ-wXH5StS-poejKZ8t7bmPP-wEfHuXc4PTZk3jqBlnsOtnVuHomU4EotCQ",
    "eyJhbGciOiJFUzI1NiIsInR5cCI6InVuZGVyc3R1ZHktY2x1c3Rlci1kb2N1bWVudCIsImtpZCI6ImsxIn0.bm8ganNvbg.ibGBCr3ZS_0daZtAZMzly_kl4_wo0CSDY_nJ1hBC0fpsuPYPih6KDb8dsg3Bf2ezXW9zSAoFi_Bdx0I61wh3wQ",
  ],
  certificatePem:
    "-----BEGIN CERTIFICATE-----\nMIIBHzCBxqADAgECAhBCg5QkcMIayGliAqRjgxGhMAoGCCqGSM49BAMCMA8xDTAL\nBgNVBAMTBG5vZGUwIBcNMjYxMTIxMTExMDA2WhgPMjEyNjAxMDEwMDAwMDBaMA8x\nDTALBgNVBAMTBG5vZGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT2sVe5UuWr\n5DSoP/XKMgA4S6etBApwE5vjAMAgRCouVxUkqkp348ZfaGZqpQx5va/idoxwQYGv\nZWDBf0Qy8LpgowIwADAKBggqhkjOPQQDAgNIADBFAiEA4C6MXgWOJUqNso4vVA4K\noldLmUpkriHC0VDfRlBNly8CICmmtzrt0zgTegjXwDd2Urx4QhePAoUBct3qt5ZX\nOMxf\n-----END CERTIFICATE-----\n",
  /** That its owner has the certificate's key, for the secret of a token. */
  proof: "qGiA-9JQXTnydVgJRCqLNa3DSSVf9MFkiQAAI0o8VY3I9y2K4Txdsr_F32v2NKa9ij0W_5-b1emDF_fI00ounw",
  strangersProof: "kkXW_z0_ktUJNOe6s7X418KQz3z9WAEUS_C_gjWo6B1VzH9Gg-NKh6uKtv_zLdvIZ8uDkRiH9ntCSJ0zZR8XaA",
} as const;
