'use client'
import { useRouter } from 'next/navigation'
import { type DragEvent, type ReactNode, useState } from 'react'
import { putDroppedFile } from './dropped-file.ts'
import { formatCount } from './format.ts'
import { showToast } from './toast.tsx'

/** A sweep file is a page of text; what is larger was dropped by mistake. */
const maximumBytes = 1_000_000

/** Around a page: a sweep file that is dropped anywhere on it opens in the form of a new sweep. */
export function FileDrop({ children }: { children: ReactNode }) {
  const router = useRouter()
  const [over, setOver] = useState(false)
  const onDragOver = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setOver(true)
  }
  const onDragLeave = (event: DragEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
  }
  const onDrop = async (event: DragEvent) => {
    const file = event.dataTransfer.files[0]
    if (!file) return
    event.preventDefault()
    setOver(false)
    if (!/\.(ya?ml|json)$/i.test(file.name)) {
      showToast({
        text: `“${file.name}” is not a sweep file: its name should end in .yaml, .yml or .json.`,
        tone: 'error',
      })
    } else if (file.size > maximumBytes) {
      const size = formatCount(Math.round(file.size / 1_000))
      showToast({ text: `“${file.name}” has ${size} kB; a sweep file has at most 1,000.`, tone: 'error' })
    } else {
      putDroppedFile({ name: file.name, text: await file.text() })
      router.push('/sweeps/new')
    }
  }
  return (
    <div onDragOver={onDragOver} onDragLeave={onDragLeave} onDrop={(event) => void onDrop(event)}>
      {over && (
        <div className="drop" aria-hidden="true">
          <p>Let go to open the sweep file</p>
        </div>
      )}
      {children}
    </div>
  )
}
