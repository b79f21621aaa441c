import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { expandAxis } from '../../../domain/sweep/axes/axes.ts'
import type { AxisView } from '../../../contract/api/points.ts'

/** The axes with all their values, in the file's order. */
export function describeAxes(sweep: Pick<SweepRow, 'definition'>): AxisView[] {
  return Object.entries(sweep.definition.axes).map(([name, axis]) => expandAxis(name, axis))
}
