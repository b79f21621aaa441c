'use client'
import { type FocusEvent, type PointerEvent, useRef, useState } from 'react'

type Held<Row> = ReadonlyMap<string | number, Row>

/**
 * Keeps rows in their order, and new ones out, while the pointer or the focus is in the table: nobody clicks what has just
 * moved. Values still change in place. `news`: how many rows are kept out.
 */
export function useHeldRows<Row>(rows: Row[], keyOf: (row: Row) => string | number) {
  const [held, setHeld] = useState<Held<Row> | null>(null)
  const inside = useRef({ pointer: false, focus: false })

  const freeze = (): Held<Row> => new Map(rows.map((row) => [keyOf(row), row]))
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

  if (held === null) return { rows, news: 0, apply, holders }
  const live = new Map(rows.map((row) => [keyOf(row), row]))
  const shown = [...held.keys()].flatMap((key) => live.get(key) ?? [])
  return { rows: shown, news: rows.filter((row) => !held.has(keyOf(row))).length, apply, holders }
}
