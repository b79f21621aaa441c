/** Numbers, times and texts as a terminal shows them. */

/** `45 s`, `7 min`, `6 h 31 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.round(whole / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** `1 point`, `18 points`. */
export function plural(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`
}

/** A text on one line, without what would move a terminal's cursor: values and messages are data. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
}

/** `batch_size 512, learning_rate 2e-5`. */
export function paramsText(params: Record<string, string>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name} ${printable(value)}`)
    .join(', ')
}
