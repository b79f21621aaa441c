'use client'
import { useCallback, useState } from 'react'
import { isSweepFinished } from '../../../domain/life/run-status.ts'
import { addedSeedsOf } from '../../../domain/sweep/axes/finalist-seeds.ts'
import type { Heatmap } from '../../../domain/picture/heatmap.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { HeatLegend } from '../../_charts/heat-legend.tsx'
import { HeatmapGrid, type HeatmapPoint } from '../../_charts/heatmap.tsx'
import { listWords, plural } from '../../_words/format.ts'
import { Ghost } from '../../_shell/load-states.tsx'
import { Plot, type PlotColors } from '../../_charts/plot.tsx'
import { SavePicture } from '../../_charts/save-picture.tsx'
import { AxisChoosers, useAxisChoice } from './axis-choosers.tsx'
import { PointDetail } from './point-detail.tsx'
import { scoreMapFigure } from './score-map-figure.ts'
import { usePoint, useScoreMap } from './use-score-map.ts'
import styles from './sweep.module.css'

/** Up to so many cells a panel, and in all, are drawn as text in a grid; more are drawn by Plotly, colours only. */
const largestPanel = 150
const largestGrid = 600

type Props = { sweep: SweepDetail; pinned: number | null; onPin: (pointId: number | null) => void }

/** The heatmaps on one colour scale, with the detail of one point beside them. */
export function ScoreMaps({ sweep, pinned, onPin }: Props) {
  const { axes } = sweep
  const choice = useAxisChoice(axes, sweep.finalists?.way == null ? null : addedSeedsOf(sweep.definition))
  const [pointed, setPointed] = useState<number | null>(null)
  const heatmap = useScoreMap(sweep, choice)
  const bestId = sweep.best?.pointId ?? null
  const shownId = pointed ?? pinned
  const detail = usePoint(sweep, shownId ?? bestId)
  const hasBaseline = sweep.objective === null
  const figure = useCallback(
    (colors: PlotColors) => scoreMapFigure(heatmap!, { bestId, hasBaseline, colors }),
    [heatmap, bestId, hasBaseline],
  )
  const picture = (colors: PlotColors) => scoreMapFigure(heatmap!, { bestId, hasBaseline, title: sweep.name, colors })
  const cells = (heatmap?.down?.values.length ?? 1) * (heatmap?.across?.values.length ?? 1)
  const asGrid = cells <= largestPanel && cells * (heatmap?.panels.length ?? 1) <= largestGrid
  return (
    <section className="section" aria-labelledby="maps-title">
      <div className="section-head">
        <h2 id="maps-title">{titleOf(sweep, choice.shown)}</h2>
        <span className="note">{heatmap && noteOf(heatmap)}</span>
        <div className="actions">
          <AxisChoosers axes={axes} choice={choice} />
          {heatmap?.domain && <SavePicture figure={picture} name={`${sweep.name}-scores`} />}
        </div>
      </div>
      <div className={styles.maps}>
        <div className={styles.figure}>
          {heatmap === null ? (
            <Ghost lines={8} />
          ) : asGrid ? (
            <HeatmapGrid heatmap={heatmap} bestId={bestId} shownId={shownId} onShow={setPointed} onPin={onPin} />
          ) : (
            <Plot
              figure={figure}
              label={`Scores of ${plural(sweep.counts.points, 'point')} as a heatmap; the leaderboard below lists them`}
              onHover={(id) => setPointed(typeof id === 'number' ? id : null)}
              onClick={(id) => typeof id === 'number' && onPin(id)}
            />
          )}
          {heatmap?.domain && asGrid && (
            <HeatLegend
              domain={heatmap.domain}
              hasBaseline={hasBaseline}
              tied={sweep.inShort.tiedWithBest > 0}
              front={sweep.inShort.onFront > 0}
              broken={sweep.inShort.broken > 0}
              finished={isSweepFinished(sweep.status)}
            />
          )}
        </div>
        <aside
          className={styles.detail}
          style={{ '--benchmarks': Object.keys(sweep.score.baseline.accuracies).length } as React.CSSProperties}
          aria-live="polite"
          aria-label="Point"
        >
          {detail ? (
            <PointDetail point={detail} sweep={sweep} pinned={detail.id === pinned} onPin={onPin} />
          ) : (
            <p className="ink3">Point at a cell, or tap it, to see what stands behind it.</p>
          )}
        </aside>
      </div>
    </section>
  )
}

function titleOf(
  { objective }: Pick<SweepDetail, 'objective'>,
  { down, across }: { down: string | null; across: string | null },
): string {
  const names = [down, across].filter((name) => name !== null)
  return `${objective?.metric ?? 'Score'} by ${listWords(names)}`
}

function noteOf(heatmap: Heatmap<HeatmapPoint>): string {
  const { down, across, panel, bestOver } = heatmap
  const parts = [
    down && across ? `${down.name} down, ${across.name} across` : '',
    panel ? `one colour scale for every ${panel.name}` : '',
    bestOver.length > 0 ? `each cell is the best over ${listWords(bestOver)}` : '',
  ]
  return parts.filter(Boolean).join('; ')
}
