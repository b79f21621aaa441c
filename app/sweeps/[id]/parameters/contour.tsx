'use client'
import { useCallback, useState } from 'react'
import type { ParametersView, SurfaceView } from '../../../../contract/api/parameters.ts'
import { listWords } from '../../../_words/format.ts'
import { Ghost } from '../../../_shell/load-states.tsx'
import { Plot, type PlotColors } from '../../../_charts/plot.tsx'
import { SavePicture } from '../../../_charts/save-picture.tsx'
import { contourFigure, isLandscape } from './contour-figure.ts'
import { measureName, measureTitle } from './parameter-words.ts'
import { PairChoosers } from './pair-choosers.tsx'
import { type AxisPair, strongestPair, useSurface, varyingAxes } from './use-surface.ts'
import styles from './parameters.module.css'

/** The score over two numeric axes as a landscape. */
export function Contour({ view, id, name }: { view: ParametersView; id: number; name: string }) {
  const axes = varyingAxes(view).filter((axis) => axis.scale !== 'names')
  const [chosen, setChosen] = useState<AxisPair | null>(null)
  const [others, setOthers] = useState<SurfaceView['others']>('mean')
  const pair = chosen ?? strongestPair(view, axes)
  const surface = useSurface(id, pair, others)
  const down = view.axes.find((axis) => axis.name === surface?.down)
  const across = view.axes.find((axis) => axis.name === surface?.across)
  const goal = view.objective?.goal ?? 'maximize'
  const measure = measureName(view)
  const figure = useCallback(
    (colors: PlotColors) => contourFigure(surface!, { down: down!, across: across!, goal, colors }),
    [surface, down, across, goal],
  )
  if (pair === null) return null
  const picture = (colors: PlotColors) =>
    contourFigure(surface!, { down: down!, across: across!, goal, colors, title: name })
  const held = Object.entries(surface?.held ?? {}).map(([axis, value]) => `${axis} ${value}`)
  return (
    <section className="section" aria-labelledby="contour-title">
      <div className="section-head">
        <h2 id="contour-title">{measureTitle(view)} as a landscape</h2>
        <span className="note">
          {others === 'best' && held.length > 0 && `at ${listWords(held)}; `}
          dots: measured points; between them it interpolates, beyond them it says nothing
        </span>
        <div className="actions">
          <PairChoosers axes={axes} pair={pair} titles={{ across: 'Across', down: 'Up' }} onChoose={setChosen} />
          {view.axes.length > 2 && (
            <label className="chooser">
              <span>Other axes</span>
              <select value={others} onChange={(event) => setOthers(event.target.value as SurfaceView['others'])}>
                <option value="mean">averaged</option>
                <option value="best">at the best point</option>
              </select>
            </label>
          )}
          {surface && down && across && isLandscape(surface, { down, across }) && (
            <SavePicture figure={picture} name={`${name}-landscape`} />
          )}
        </div>
      </div>
      {surface === null || !down || !across ? (
        <Ghost lines={8} />
      ) : !isLandscape(surface, { down, across }) ? (
        <p className="ink2">
          {surface.means.every((mean) => mean === null)
            ? `No point has a ${measure} here.`
            : 'The points that have both axes lie on one line: there is no landscape of them.'}
        </p>
      ) : (
        <div className={styles.landscape}>
          <Plot figure={figure} label={`${measureTitle(view)} by ${across.name} and ${down.name} as a contour`} />
        </div>
      )}
    </section>
  )
}
