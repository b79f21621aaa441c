import type { ScaledAxis } from '../../../../contract/api/parameters.ts'
import type { AxisPair } from './use-surface.ts'

type Props = {
  axes: ScaledAxis[]
  pair: AxisPair
  titles: Record<keyof AxisPair, string>
  onChoose: (pair: AxisPair) => void
}

/** Selects for two different axes: choosing the other's swaps them. */
export function PairChoosers({ axes, pair, titles, onChoose }: Props) {
  const choose = (role: keyof AxisPair, name: string) => {
    const other = role === 'down' ? 'across' : 'down'
    onChoose({ ...pair, [role]: name, ...(pair[other] === name ? { [other]: pair[role] } : {}) })
  }
  return (['across', 'down'] as const).map((role) => (
    <label key={role} className="chooser">
      <span>{titles[role]}</span>
      <select value={pair[role]} onChange={(event) => choose(role, event.target.value)}>
        {axes.map((axis) => (
          <option key={axis.name}>{axis.name}</option>
        ))}
      </select>
    </label>
  ))
}
