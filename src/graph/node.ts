/** What graph functions need to know of a task; every `Task` is one. */
export interface GraphNode<Id extends string = string> {
  readonly id: Id;
  readonly needs: readonly { readonly task: Id; readonly port: string }[];
  readonly provides: readonly { readonly name: string; readonly visibility: 'public' | 'hidden' }[];
  /** The named exceptions to the visibility rule: the ground truth, or half of it, in the place of an agent. */
  readonly standIn?: 'gold' | 'half';
}

/** A checked graph: acyclic, every need provided, nothing hidden read by a sealed task. */
export interface Graph<Id extends string = string> {
  readonly nodes: ReadonlyMap<Id, GraphNode<Id>>;
  /** Level n holds the tasks whose longest chain of needs is n long, in the order they were given. */
  readonly levels: readonly (readonly Id[])[];
  /** All ids, level by level: every task comes after what it needs. */
  readonly order: readonly Id[];
}
