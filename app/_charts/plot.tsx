'use client'
import type { PlotEvent, PlotFigure, Plotly } from 'plotly.js-cartesian-dist-min'
import { useEffect, useRef, useState } from 'react'
import { isDark, onThemeChange } from '../_shell/theme.ts'

/** Colours that a figure is drawn with; Plotly does not read CSS variables. */
export type PlotColors = {
  ink: string
  ink2: string
  line: string
  background: string
  accent: string
  bar: string
  barTied: string
}

const light: PlotColors = {
  ink: '#17191d',
  ink2: '#545b66',
  line: '#cdd1d7',
  background: '#ffffff',
  accent: '#2a55d4',
  bar: '#e0e3e8',
  barTied: '#bcc3cd',
}
const dark: PlotColors = {
  ink: '#eceef1',
  ink2: '#a5acb8',
  line: '#3a3e46',
  background: '#101114',
  accent: '#3d63d8',
  bar: '#2a2e35',
  barTied: '#454c58',
}

/** A figure with its size in pixels. A width that is left out follows the page. */
export type Figure = PlotFigure & { height: number; width: number }
export type FigureMaker = (colors: PlotColors) => Figure

/** Plotly weighs more than everything else together, so it is fetched when the first figure needs it. */
let loaded: Promise<Plotly> | null = null
function loadPlotly(): Promise<Plotly> {
  loaded ??= import('plotly.js-cartesian-dist-min').then((module) => module.default)
  loaded.catch(() => (loaded = null))
  return loaded
}

type PlotProps = {
  /** Must keep its identity while the data stays the same. */
  figure: FigureMaker
  label: string
  /** `customdata` of what the pointer is on, or null. */
  onHover?: (customdata: unknown) => void
  onClick?: (customdata: unknown) => void
}

/** A figure drawn by Plotly in the page's theme, as wide as its place. */
export function Plot({ figure, label, onHover, onClick }: PlotProps) {
  const element = useRef<HTMLDivElement>(null)
  const listeners = useRef({ onHover, onClick })
  const [problem, setProblem] = useState<string | null>(null)
  const [height, setHeight] = useState(320)
  useEffect(() => {
    listeners.current = { onHover, onClick }
  })

  useEffect(() => {
    let gone = false
    let plotly: Plotly | null = null
    const place = element.current!
    const draw = async () => {
      try {
        plotly = await loadPlotly()
        if (gone) return
        const made = figure(isDark() ? dark : light)
        setHeight(made.height)
        const layout = { ...made.layout, height: made.height, autosize: true }
        const drawn = await plotly.react(place, made.data, layout, { responsive: true, displayModeBar: false })
        if (gone || place.dataset['listens']) return
        place.dataset['listens'] = 'yes'
        drawn.on('plotly_hover', (event) => listeners.current.onHover?.(customdataOf(event)))
        drawn.on('plotly_unhover', () => listeners.current.onHover?.(null))
        drawn.on('plotly_click', (event) => listeners.current.onClick?.(customdataOf(event)))
      } catch (error) {
        if (!gone) setProblem(error instanceof Error ? error.message : String(error))
      }
    }
    void draw()
    const stopListening = onThemeChange(() => void draw())
    return () => {
      gone = true
      stopListening()
    }
  }, [figure])

  useEffect(() => {
    const place = element.current!
    return () => {
      delete place.dataset['listens']
      void loaded?.then((plotly) => plotly.purge(place))
    }
  }, [])

  if (problem) return <p className="ink2">The figure could not be drawn: {problem}</p>
  return <div ref={element} role="img" aria-label={label} style={{ width: '100%', height }} />
}

/** For a heatmap the cell's own entry of the matrix, else the point's. */
function customdataOf(event: PlotEvent): unknown {
  const point = event.points[0]
  if (!point) return null
  const { pointNumber } = point
  if (Array.isArray(pointNumber)) {
    const matrix = point.data.customdata as unknown[][] | undefined
    return matrix?.[pointNumber[0]!]?.[pointNumber[1]!] ?? null
  }
  return point.customdata ?? null
}

/** Draws the figure at its own size, on white whatever the theme (it goes into documents), and saves it as a file. */
export async function saveFigure(figure: FigureMaker, options: { name: string; format: 'png' | 'svg' }): Promise<void> {
  const plotly = await loadPlotly()
  const { data, layout, width, height } = figure(light)
  const url = await plotly.toImage(
    { data, layout: { ...layout, width, height } },
    { format: options.format, width, height, scale: options.format === 'png' ? 2 : 1 },
  )
  const link = document.createElement('a')
  link.href = url
  link.download = `${options.name}.${options.format}`
  link.click()
}
