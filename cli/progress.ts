/** A sweep's progress on stderr: a bar on a terminal, a line for each finished point elsewhere. */
import type { ListedPoint } from '../contract/api/points.ts'
import type { SweepDetail } from '../contract/api/sweeps.ts'
import { formatDuration } from '../domain/words.ts'
import { paramsText, printable, sweepProgressWords } from './text.ts'

type Output = { write(text: string): unknown; isTTY?: boolean; columns?: number }

type EndedPoint = Pick<ListedPoint, 'id' | 'number' | 'params' | 'status' | 'error' | 'score'>

export type ProgressView = {
  /** Whether it tells points one by one, so that it has to be given them. */
  tellsPoints: boolean
  /** `ended`: points that are scored or have failed. */
  show(sweep: SweepDetail, ended: readonly EndedPoint[]): void
  /** What is finished already is not told as news. */
  skip(ended: readonly EndedPoint[]): void
  /** A line of its own, above the bar. */
  say(line: string): void
  /** Takes the bar away. */
  end(): void
}

export function progressView(output: Output, terminal: string | undefined): ProgressView {
  return output.isTTY && terminal !== 'dumb' ? barView(output) : lineView(output)
}

function barView(output: Output): ProgressView {
  let shown = ''
  const wipe = () => {
    if (shown !== '') output.write('\r\u001b[K')
  }
  return {
    tellsPoints: false,
    show(sweep) {
      const line = barLine(sweep, output.columns || 80)
      if (line === shown) return
      output.write(`\r${line}\u001b[K`)
      shown = line
    },
    skip() {},
    say(line) {
      wipe()
      output.write(`${line}\n${shown}`)
    },
    end() {
      wipe()
      shown = ''
    },
  }
}

/** The bar and as much beside it as the width holds: a longer line would scroll the terminal at every change. */
function barLine(sweep: SweepDetail, columns: number): string {
  const { points, failed } = sweep.counts
  const ended = sweep.counts.scored + sweep.counts.done
  const cells = Math.max(8, Math.min(24, Math.floor(columns / 4)))
  const filled = Math.floor((cells * ended) / points)
  const bar = '█'.repeat(filled) + '░'.repeat(cells - filled)
  const training = sweep.counts.trainingsLive
  const evaluating = sweep.shares.find((share) => share.status === 'evaluating')?.points ?? 0
  const parts = [
    `${ended}/${points} ${sweep.isScored ? 'scored' : 'done'}`,
    failed > 0 ? `${failed} failed` : '',
    training > 0 ? `${training} training` : '',
    evaluating > 0 ? `${evaluating} evaluating` : '',
    timeLeftText(sweep),
  ]
  return [...`${bar} ${parts.filter(Boolean).join(', ')}`].slice(0, columns - 1).join('')
}

function timeLeftText(sweep: SweepDetail): string {
  const left = sweep.timeLeft
  if (left === null) return sweep.status === 'running' ? 'time left is known after the first training' : ''
  if (left.seconds < 1) return ''
  const both = left.trainingSeconds >= 1 && left.evaluationSeconds >= 1
  const parts = both
    ? ` (${formatDuration(left.trainingSeconds)} training, ${formatDuration(left.evaluationSeconds)} evaluation)`
    : ''
  return `about ${formatDuration(left.seconds)} left${parts}`
}

/** At most one line about the time left in this many seconds. */
const timeLeftEverySeconds = 60

function lineView(output: Output): ProgressView {
  const told = new Map<number, string>()
  let leftToldAt = -Infinity
  /** Points that finished since the last look. */
  function news(ended: readonly EndedPoint[]) {
    return ended.filter(({ id, status }) => {
      if (told.get(id) === status) return false
      told.set(id, status)
      return true
    })
  }
  return {
    tellsPoints: true,
    show(sweep, ended) {
      for (const point of news(ended)) {
        const reason = `failed: ${printable(point.error ?? 'no reason was given')}`
        const unscored = point.status === 'done' ? 'done' : reason
        const what = point.score === null ? unscored : point.score.toFixed(3)
        output.write(`point ${point.number} of ${sweep.counts.points} (${paramsText(point.params)}): ${what}\n`)
      }
      const { timeLeft } = sweep
      if (timeLeft === null || timeLeft.seconds < 1) return
      if (performance.now() - leftToldAt < timeLeftEverySeconds * 1000) return
      leftToldAt = performance.now()
      output.write(`${sweepProgressWords(sweep)}, ${timeLeftText(sweep)}\n`)
    },
    skip: (ended) => void news(ended),
    say: (line) => void output.write(`${line}\n`),
    end() {},
  }
}
