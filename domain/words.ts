/** How counts and spans of time are written, on pages, in a terminal and inside of sentences alike. */

/** A whole number with its thousands parted: `1,319`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** A score, or a metric in its place: three decimals, `1.076`; of a small one as many digits as say something, `0.00123`. */
export function scoreText(score: number): string {
  const size = Math.abs(score)
  return size === 0 || (size >= 0.01 && size < 1e7) ? score.toFixed(3) : score.toPrecision(3)
}

/** `1 point`, `2 points`, `1,319 points`. `many` where an s does not do. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** A span of time: `45 s`, `7 min`, `6 h 31 min`, `14 h 05 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return `${minutes} min`
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** A sweep's race: points given up, points and questions that there are, and how many were asked altogether. */
export type RaceInShort = { stopped: number; points: number; asked: number; questions: number }

/** What became of a race, and what its scores are worth, in sentences. */
export function raceWords({ stopped, points, asked, questions }: RaceInShort): string {
  const all = points * questions
  const share = all > 0 ? `, ${Math.round((100 * asked) / all)}\u00a0% of all` : ''
  return `Raced: ${formatCount(stopped)} of ${plural(points, 'point')} could no longer have the highest score on these questions, and ${stopped === 1 ? 'was' : 'were'} asked no more; ${plural(asked, 'question')} asked${share}. Their scores rest on fewer questions and lie low on the whole; the best one’s is high by luck, so the intervals of those that were finished are of their corrected scores.`
}
