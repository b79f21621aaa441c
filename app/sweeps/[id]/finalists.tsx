'use client'
import type { FinalistsView, SweepDetail } from '../../../contract/api/sweeps.ts'
import { Whisker, whiskerDomain } from '../../_charts/whisker.tsx'
import { Link } from '../../_shell/link.tsx'
import { formatInterval, formatScore, valueOn } from '../../_words/format.ts'
import { LongValue } from '../../_words/long-value.tsx'
import { Status } from '../../_words/status.tsx'
import styles from './finalists.module.css'

type Setting = FinalistsView['settings'][number]

/** Points that could not be told from the best: what that costs and tells, and how each stands over its seeds. */
export function FinalistsSection({ sweep }: { sweep: SweepDetail }) {
  const { finalists } = sweep
  if (finalists === null) return null
  return (
    <section className="section" aria-labelledby="finalists-title">
      <div className="section-head">
        <h2 id="finalists-title">Finalists</h2>
        {finalists.way === null && <span className="note">when all points have ended</span>}
      </div>
      <p className="ink2">
        {finalists.words.replace(/^Finalists: /, '').replace(/^./, (first) => first.toUpperCase())}
      </p>
      {finalists.settings.length > 0 && <Settings sweep={sweep} {...finalists} />}
    </section>
  )
}

function Settings({ sweep, settings, way }: FinalistsView & { sweep: SweepDetail }) {
  const names = sweep.axes.map(({ name }) => name).filter((name) => Object.hasOwn(settings[0]!.params, name))
  const hasIntervals = settings.some(({ interval }) => interval !== null)
  const domain = whiskerDomain(settings.map(({ mean, interval }) => ({ score: mean, interval })))
  const of = way === 'samples' ? 'several samples' : 'seeds'
  return (
    <>
      <p role="status">{answerOf(settings, of)}</p>
      <div className="table-wrap">
        <table className={styles.table} aria-labelledby="finalists-title">
          <thead>
            <tr>
              {names.map((name) => (
                <th key={name}>{name}</th>
              ))}
              <th className="num">Mean over {of}</th>
              {hasIntervals && <th className="num">95 % interval</th>}
              {hasIntervals && <th aria-hidden="true" />}
              <th>Each seed</th>
            </tr>
          </thead>
          <tbody>
            {settings.map((setting) => (
              <tr key={JSON.stringify(setting.params)}>
                {names.map((name) => (
                  <td key={name} className="mono">
                    <LongValue text={valueOn(setting.params, name)} most={24} />
                  </td>
                ))}
                <td className="num score">{setting.mean === null ? '–' : formatScore(setting.mean)}</td>
                {hasIntervals && <td className="num">{setting.interval ? formatInterval(setting.interval) : '–'}</td>}
                {hasIntervals && (
                  <td>
                    <Whisker score={setting.mean} interval={setting.interval} domain={domain} />
                  </td>
                )}
                <td>
                  <span className={styles.seeds}>
                    {setting.seeds.map(({ seed, runId, score, status }) => (
                      <Link key={seed} href={`/runs/${runId}`}>
                        {seed}: {score === null ? <Status status={status} /> : formatScore(score)}
                      </Link>
                    ))}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

/** Which setting is the best by its mean, and whether the others can be told from it. */
function answerOf(settings: readonly Setting[], of: 'seeds' | 'several samples'): string {
  const [best, ...others] = settings
  const left =
    of === 'seeds'
      ? settings.reduce((sum, { seeds }) => sum + seeds.filter(({ score }) => score === null).length, 0)
      : settings.filter(({ mean }) => mean === null).length
  if (left > 0) return `${left} of their points ${left === 1 ? 'has' : 'have'} no score yet.`
  const name = Object.entries(best!.params)
    .map(([axis, value]) => `${axis} ${value}`)
    .join(', ')
  const tied = others.filter(({ mayBeBest }) => mayBeBest !== false).length
  const rest =
    tied === 0
      ? 'It can be told from the others.'
      : `${tied === others.length ? 'None of the others' : `${others.length - tied} of the ${others.length} others`} can be told from it.`
  return `Best over ${of}: ${name}, ${formatScore(best!.mean)}. ${rest}`
}
