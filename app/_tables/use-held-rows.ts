'use client'
import { type FocusEvent, type PointerEvent, useRef, useState } from 'react'

type Held<Row> = { order: string; rows: Map<string | number, Row> }

/**
 * Keeps rows in their order, and new ones out, while the pointer or the focus is in the table: nobody clicks what has just
 * moved. Values still change in place. `order` names the order a person asked for (sort, filter): changing it applies at once.
 * `isNews` says which changes of a row are worth counting ("2 new scores, show").
 */
export function useHeldRows<Row>(
  rows: Row[],
  options: { keyOf: (row: Row) => string | number; order?: string; isNews?: (before: Row, after: Row) => boolean },
) {
  const { keyOf, order = '', isNews } = options
  const [held, setHeld] = useState<Held<Row> | null>(null)
  const inside = useRef({ pointer: false, focus: false })

  const freeze = (): Held<Row> => ({ order, rows: new Map(rows.map((row) => [keyOf(row), row])) })
  const update = () => {
    const { pointer, focus } = inside.current
    setHeld((before) => (pointer || focus ? (before ?? freeze()) : null))
  }
  const holders = {
    onPointerEnter: (event: PointerEvent) => {
      inside.current.pointer = event.pointerType === 'mouse'
      update()
    },
    onPointerLeave: () => {
      inside.current.pointer = false
      update()
    },
    onFocus: () => {
      inside.current.focus = true
      update()
    },
    onBlur: (event: FocusEvent) => {
      inside.current.focus = event.currentTarget.contains(event.relatedTarget)
      update()
    },
  }
  const apply = () => setHeld(inside.current.pointer || inside.current.focus ? freeze() : null)

  // a sort or filter that was just asked for wins over the hold
  const frozen = held && held.order === order ? held : null
  if (held && !frozen) setHeld(freeze())
  if (!frozen) return { rows, news: 0, moved: false, apply, holders }

  const live = new Map(rows.map((row) => [keyOf(row), row]))
  const shown = [...frozen.rows.keys()].flatMap((key) => live.get(key) ?? [])
  const news = rows.filter((row) => {
    const before = frozen.rows.get(keyOf(row))
    return before === undefined || (isNews?.(before, row) ?? false)
  }).length
  const moved = news === 0 && shown.some((row, at) => row !== rows[at])
  return { rows: shown, news, moved, apply, holders }
}
