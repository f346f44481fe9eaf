/** The bytes of a snapshot that this node gives, wherever they lie. */
export interface SnapshotContent {
  readonly bytes: number;
  /** Resolves with how many bytes there were. */
  read(into: Uint8Array, offset: number): Promise<number>;
  /** To keep it costs this node so much by now that it should go, wanted or not. */
  readonly isDear: boolean;
  end(): Promise<void>;
}
