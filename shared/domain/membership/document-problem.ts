/** Something that a cluster document says and must not. */
export interface DocumentProblem {
  /** Where, as `groups.1.order.0`. */
  readonly path: string;
  /** What is wrong, and what would be right. */
  readonly message: string;
}
