/** Drawings of several charts: what is drawn again no more at a time than leaves the page a frame, what is empty yet at once. */

/** After so many milliseconds what still waits is left to the next frame. */
const mostEachFrame = 8

type Drawing = { draw: () => void; isEmpty: () => boolean }

const waiting = new Map<object, Drawing>()
let frame = 0

/**
 * Draws in the next frame that has room for it, or in the very next one while the chart is empty: each frame of the page costs more than
 * a chart. What the same chart asked for before and was not drawn yet is not drawn.
 */
export function drawInTurn(chart: object, drawing: Drawing): void {
  waiting.set(chart, drawing)
  frame ||= requestAnimationFrame(drawSome)
}

/** Forgets what a chart asked for. */
export function drawNoMore(chart: object): void {
  waiting.delete(chart)
}

function drawSome(): void {
  frame = 0
  const began = performance.now()
  const empty = [...waiting].filter(([, { isEmpty }]) => isEmpty())
  for (const [chart, { draw }] of empty) {
    waiting.delete(chart)
    draw()
  }
  for (const [chart, { draw }] of waiting) {
    if (performance.now() - began >= mostEachFrame) break
    waiting.delete(chart)
    draw()
  }
  if (waiting.size > 0) frame = requestAnimationFrame(drawSome)
}
