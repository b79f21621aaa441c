/** Drawings of several charts, no more at a time than leave the page a frame. */

/** After so many milliseconds what still waits is left to the next frame. */
const mostEachFrame = 8

const waiting = new Map<object, () => void>()
let frame = 0

/** Draws in the next frame that has room for it; what the same chart asked for before and was not drawn yet is not drawn. */
export function drawInTurn(chart: object, draw: () => void): void {
  waiting.set(chart, draw)
  frame ||= requestAnimationFrame(drawSome)
}

/** Forgets what a chart asked for. */
export function drawNoMore(chart: object): void {
  waiting.delete(chart)
}

function drawSome(): void {
  frame = 0
  const began = performance.now()
  for (const [chart, draw] of waiting) {
    waiting.delete(chart)
    draw()
    if (performance.now() - began >= mostEachFrame) break
  }
  if (waiting.size > 0) frame = requestAnimationFrame(drawSome)
}
