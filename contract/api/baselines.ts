/** What the API gives of baselines. Times are milliseconds since 1970. */

export type BaselineView = {
  id: number
  name: string
  accuracies: Record<string, number>
  note: string
  usedBySweeps: number
}
