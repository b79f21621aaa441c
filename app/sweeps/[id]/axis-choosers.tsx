'use client'
import { useState } from 'react'
import { defaultMap, type HeatmapAxes } from '../../../domain/picture/heatmap.ts'
import type { AxisView } from '../../../contract/api/points.ts'

type Role = keyof HeatmapAxes
const roles: { role: Role; title: string }[] = [
  { role: 'down', title: 'Down' },
  { role: 'across', title: 'Across' },
  { role: 'panel', title: 'Panels' },
]

export type ShownAxes = {
  /** Nobody has chosen yet: everything is where the plan suggests. */
  untouched: boolean
  shown: HeatmapAxes
  /** One value of axes that are not shown; an axis that is absent here is not fixed. */
  fixed: Record<string, string>
  show: (role: Role, axis: string | null) => void
  fix: (axis: string, value: string | null) => void
}

/** Which axis goes where; at first as the plan suggests. `aside`: as `defaultMap` has it. */
export function useAxisChoice(axes: AxisView[], aside: string | null = null): ShownAxes {
  const [chosen, choose] = useState<Pick<ShownAxes, 'shown' | 'fixed'> | null>(null)
  const { fixed: firstFixed, ...firstShown } = defaultMap(axes, aside)
  const { shown, fixed } = chosen ?? { shown: firstShown, fixed: firstFixed as Record<string, string> }
  return {
    untouched: chosen === null,
    shown,
    fixed,
    show: (role, axis) => {
      // an axis stands in one place: what stood here goes where it came from
      const other = roles.find((candidate) => axis !== null && shown[candidate.role] === axis)?.role
      choose({ shown: { ...shown, ...(other ? { [other]: shown[role] } : {}), [role]: axis }, fixed })
    },
    fix: (axis, value) => {
      const { [axis]: _, ...rest } = fixed
      choose({ shown, fixed: value === null ? rest : { ...rest, [axis]: value } })
    },
  }
}

/** Selects for the axes' places, and for the values of those that have none. Nothing to choose with one axis. */
export function AxisChoosers({ axes, choice }: { axes: AxisView[]; choice: ShownAxes }) {
  const { shown, fixed, show, fix } = choice
  const varying = axes.filter((axis) => axis.values.length > 1)
  if (varying.length < 2) return null
  const hidden = varying.filter((axis) => !Object.values(shown).includes(axis.name))
  return (
    <>
      {roles
        .filter(({ role }) => role !== 'panel' || varying.length > 2 || shown.panel !== null)
        .map(({ role, title }) => (
          <label key={role} className="chooser">
            <span>{title}</span>
            <select
              value={shown[role] ?? ''}
              onChange={(event) => show(role, event.target.value === '' ? null : event.target.value)}
            >
              {role === 'panel' && <option value="">none</option>}
              {axes.map((axis) => (
                <option key={axis.name}>{axis.name}</option>
              ))}
            </select>
          </label>
        ))}
      {hidden.map((axis) => (
        <label key={axis.name} className="chooser">
          <span>{axis.name}</span>
          <select
            value={fixed[axis.name] ?? ''}
            onChange={(event) => fix(axis.name, event.target.value === '' ? null : event.target.value)}
          >
            <option value="">best over</option>
            {axis.values.map((value) => (
              <option key={value}>{value}</option>
            ))}
          </select>
        </label>
      ))}
    </>
  )
}
