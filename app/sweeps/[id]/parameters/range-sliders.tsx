import type { Column, Ranges } from './parallel-columns.ts'
import styles from './parameters.module.css'

type Props = { columns: Column[]; ranges: Ranges; onRange: (column: Column, range: [number, number]) => void }

/** Two handles a column: what dragging does, for the keyboard and for fingers. */
export function RangeSliders({ columns, ranges, onRange }: Props) {
  return (
    <div className={styles.sliders}>
      {columns.map((column) => {
        const [low, high] = ranges[column.key] ?? [column.low, column.high]
        const ends = [
          { word: 'from', value: low, rangeWith: (to: number): [number, number] => [Math.min(to, high), high] },
          { word: 'to', value: high, rangeWith: (to: number): [number, number] => [low, Math.max(to, low)] },
        ]
        return (
          <fieldset key={column.key} className={styles.slider}>
            <legend title={column.title}>{column.title}</legend>
            {ends.map(({ word, value, rangeWith }) => (
              <input
                key={word}
                type="range"
                min={column.low}
                max={column.high}
                step={column.step}
                value={value}
                disabled={column.high <= column.low}
                aria-label={`${column.title} ${word}`}
                aria-valuetext={column.wordsOf(value)}
                onChange={(event) => onRange(column, rangeWith(event.target.valueAsNumber))}
              />
            ))}
            <span className={`small ${ranges[column.key] ? '' : 'ink3'}`}>
              {column.wordsOf(low)} to {column.wordsOf(high)}
            </span>
          </fieldset>
        )
      })}
    </div>
  )
}
