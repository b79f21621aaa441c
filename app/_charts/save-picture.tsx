'use client'
import { Menu } from '../_shell/menu.tsx'
import { type FigureMaker, saveFigure } from './plot.tsx'
import { showToast } from '../_shell/toast.tsx'
import { errorSentence } from '../_shell/trpc.ts'

/** Saves a figure as PNG or SVG. `name` is the file's, without its ending. */
export function SavePicture({ figure, name }: { figure: FigureMaker; name: string }) {
  const save = (format: 'png' | 'svg') => {
    saveFigure(figure, { name: name.replace(/[^\w.-]+/g, '-'), format }).catch((error: unknown) => {
      showToast({ text: `The picture could not be drawn: ${errorSentence(error)}`, tone: 'error' })
    })
  }
  return (
    <Menu
      small
      label="Save picture"
      items={[
        { label: 'PNG', onChoose: () => save('png') },
        { label: 'SVG', onChoose: () => save('svg') },
      ]}
    />
  )
}
