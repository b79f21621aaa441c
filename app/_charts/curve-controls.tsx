'use client'
import { type AxisKind, axisKinds } from '../../domain/asking/step-places.ts'
import type { AxisChoice } from '../../contract/api/runs.ts'
import { axisNames, axisTitles, type CurveAxis, smoothingOn } from './curve-axis.ts'
import type { Smoothing } from './curve-data.ts'
import styles from './curves.module.css'
import type { CurveSettings } from './use-curve-settings.ts'

type Props = {
  settings: CurveSettings & { smoothing: Smoothing }
  change: (changes: Partial<CurveSettings>) => void
  /** Every kind but steps, with the reason where the runs have none. */
  axes: AxisChoice[]
  axis: CurveAxis
  range: [number, number]
  zoomed: boolean
  onWhole: () => void
  /** null: so few metrics need no search. */
  search: string | null
  onSearch: (text: string) => void
}

const smoothings: Smoothing[] = ['none', 'light', 'medium', 'strong']

/** Which axis, how smooth, logarithmic or not; and what is shown now. */
export function CurveControls(props: Props) {
  const { settings, change, axes, axis, range, zoomed, onWhole, search, onSearch } = props
  const words = (choice: Smoothing) =>
    choice === 'none' ? 'none' : `${choice}, over ${smoothingOn(axis.kind, choice, range[1] - range[0]).words}`
  return (
    <div className={styles.controls}>
      {search !== null && (
        <input
          type="search"
          placeholder="Find a metric"
          aria-label="Find a metric"
          value={search}
          onChange={(event) => onSearch(event.target.value)}
        />
      )}
      <div className={`seg ${styles.axes}`} role="radiogroup" aria-label="Axis of the curves">
        {axisKinds.map((kind) => (
          <AxisOption
            key={kind}
            kind={kind}
            checked={settings.axis === kind}
            missing={axes.find((one) => one.kind === kind)?.missing ?? null}
            onChoose={() => change({ axis: kind })}
          />
        ))}
      </div>
      <label>
        Smoothing
        <select
          aria-label="Smoothing"
          value={settings.smoothing}
          onChange={(event) => change({ smoothing: event.target.value as Smoothing })}
        >
          {smoothings.map((one) => (
            <option key={one} value={one}>
              {words(one)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <input
          type="checkbox"
          checked={settings.logarithmicY}
          onChange={(event) => change({ logarithmicY: event.target.checked })}
        />
        Log scale
      </label>
      <label>
        <input
          type="checkbox"
          checked={settings.logarithmicX}
          onChange={(event) => change({ logarithmicX: event.target.checked })}
        />
        Log {axisNames[axis.kind]}
      </label>
      {zoomed && (
        <button type="button" className="btn sm" onClick={onWhole}>
          Show all
        </button>
      )}
      <span className={styles.note} aria-live="polite">
        {zoomed && `${axis.words(range[0])} to ${axis.words(range[1]).replace(/^(at|after|on) (step |epoch )?/, '')}`}
      </span>
    </div>
  )
}

type OptionProps = { kind: AxisKind; checked: boolean; missing: string | null; onChoose: () => void }

function AxisOption({ kind, checked, missing, onChoose }: OptionProps) {
  const why = missing === null ? null : `Not by ${axisNames[kind]}: ${missing}`
  return (
    <label title={why ?? axisTitles[kind]} aria-disabled={why !== null}>
      <input
        type="radio"
        name="axis"
        checked={checked}
        disabled={why !== null}
        aria-label={why ?? axisTitles[kind]}
        onChange={onChoose}
      />
      {axisNames[kind]}
    </label>
  )
}
