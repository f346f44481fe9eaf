import type { NodeId } from "../../shared/domain/ids.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import type { Pieces, WantedChunk } from "./pieces.ts";
import type { RefusedPath } from "./refused-paths.ts";
import type { SetAside } from "./set-aside.ts";
import type { SetAsideEvent } from "./set-aside-news.ts";
import type { Verification } from "./verify-tree.ts";

/** What this node is for a tree. `unknown`: nobody has said yet, so nothing is touched. */
export type Role = { readonly kind: "unknown" } | { readonly kind: "follower" } | { readonly kind: "writer"; readonly epoch: number };

/** How a tree on this node stands. */
export interface FileSetReport {
  readonly role: Role["kind"];
  /** Who has published last, and under which number of its group; null: nobody ever has. */
  readonly writer: NodeId | null;
  readonly epoch: number;
  /** Files that stand here as their writer has them. */
  readonly files: number;
  readonly bytes: number;
  readonly filesBehind: number;
  readonly bytesBehind: number;
  /** It was in step with its writer at least once. */
  readonly isComplete: boolean;
  /** About how long what is behind still takes, at the pace of the last seconds; null: nothing is, or nobody can tell yet. */
  readonly secondsLeft: number | null;
  /** What people here had changed and the agent has moved aside, since its start. */
  readonly setAside: number;
  /** The latest of that, the newest first. */
  readonly setAsideLatest: readonly SetAside[];
  readonly refusedCount: number;
  /** The first of them. */
  readonly refused: readonly RefusedPath[];
  /** How much of the manifest the tree shows; null: nobody knows. */
  readonly level: VersionVector | null;
  readonly problem: string | null;
}

/** Where a tree, its manifest and what is known of it lie. */
export interface FileSetPlaces {
  readonly name: string;
  readonly nodeId: NodeId;
  readonly tree: string;
  readonly manifest: string;
  readonly state: string;
  readonly local: readonly string[];
}

export type ToFilesThread =
  | { readonly type: "open"; readonly places: FileSetPlaces }
  | { readonly type: "close"; readonly dataSet: string; readonly callId: number }
  /** It has got so far; undefined: it must not be used now. */
  | { readonly type: "manifest"; readonly dataSet: string; readonly vector: VersionVector | undefined }
  | { readonly type: "role"; readonly dataSet: string; readonly role: Role; readonly callId: number }
  | { readonly type: "flush"; readonly dataSet: string; readonly callId: number }
  | { readonly type: "verify"; readonly dataSet: string; readonly callId: number }
  /** Another node wants chunks. */
  | { readonly type: "read"; readonly dataSet: string; readonly wants: readonly WantedChunk[]; readonly callId: number }
  /** The answer to `want`. */
  | { readonly type: "chunks"; readonly wantId: number; readonly pieces?: Pieces; readonly problem?: string };

export type FromFilesThread =
  | { readonly type: "report"; readonly dataSet: string; readonly report: FileSetReport }
  | { readonly type: "set-aside"; readonly dataSet: string; readonly event: SetAsideEvent }
  | { readonly type: "want"; readonly wantId: number; readonly dataSet: string; readonly wants: readonly WantedChunk[] }
  | { readonly type: "answer"; readonly callId: number; readonly result?: Pieces | Verification; readonly problem?: string };
