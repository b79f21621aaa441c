/** Where an attempt runs, or waits to run, as the engine of a cluster says it. */
export type Place = {
  engine: 'slurm' | 'ray'
  /** The cluster's own name; null where it has not said it. */
  cluster: string | null
  /** The engine's own number of the job, as its commands take it. */
  job: string | null
  partition: string | null
  node: string | null
  /** Which GPUs it has there, comma-separated as CUDA reads them; null where nobody said. */
  gpus: string | null
  /** Why it does not run yet, as a sentence or the engine's own word; null: it runs, or ran. */
  waits: string | null
  /** When the engine expects to start it, in milliseconds since 1970; null: it does not say. */
  expectedStart: number | null
  /** How many jobs that the engine shows go before it where it waits; absent or null: it does not say. */
  ahead?: number | null
}
