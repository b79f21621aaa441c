'use client'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { CaretIcon } from './icons.tsx'

/** An entry is a download (a link) or an action. */
export type MenuItem = { label: string; href: string; onChoose?: undefined } | { label: string; onChoose: () => void }

/** A button that opens a short list. Arrows move, Enter chooses, Escape closes. */
export function Menu({ label, items, small = false }: { label: string; items: MenuItem[]; small?: boolean }) {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()

  useEffect(() => {
    if (!open) return
    root.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus()
    const onPointer = (event: globalThis.PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', onPointer)
    return () => document.removeEventListener('pointerdown', onPointer)
  }, [open])

  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const entries = [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
    const at = entries.indexOf(document.activeElement as HTMLElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
    if (to !== undefined) entries.at(to % entries.length)?.focus()
    else if (event.key === 'Escape') close()
    else if (event.key === 'Tab') {
      setOpen(false)
      return
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="menu" ref={root}>
      <button
        type="button"
        ref={button}
        className={small ? 'btn sm' : 'btn quiet'}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {label}
        <CaretIcon />
      </button>
      {open && (
        <div role="menu" id={id} aria-label={label} onKeyDown={onKeyDown}>
          {items.map((item) =>
            item.onChoose ? (
              <button
                key={item.label}
                type="button"
                role="menuitem"
                tabIndex={-1}
                onClick={() => {
                  close()
                  item.onChoose()
                }}
              >
                {item.label}
              </button>
            ) : (
              <a key={item.label} href={item.href} download role="menuitem" tabIndex={-1} onClick={close}>
                {item.label}
              </a>
            ),
          )}
        </div>
      )}
    </div>
  )
}
