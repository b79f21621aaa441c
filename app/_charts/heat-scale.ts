/** The sequential scale: dark violet to yellow, its lightness rising evenly, so that it reads without colour too. */

/** Eleven stops at even distances from 0 to 1. */
export const heatStops = [
  '#482173',
  '#433e85',
  '#38588c',
  '#2d708e',
  '#25858e',
  '#1e9b8a',
  '#2ab07f',
  '#52c569',
  '#86d549',
  '#c2df23',
  '#f0e51d',
] as const

type Rgb = [number, number, number]
const stops = heatStops.map((hex): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb)

function rgbAt(position: number): Rgb {
  const at = Math.min(1, Math.max(0, position)) * (stops.length - 1)
  const index = Math.min(stops.length - 2, Math.floor(at))
  const [from, to] = [stops[index]!, stops[index + 1]!]
  return from.map((channel, i) => Math.round(channel + (at - index) * (to[i]! - channel))) as Rgb
}

/** The scale's colour at a position from 0 to 1, as `#rrggbb`. */
export function heatColor(position: number): string {
  return `#${rgbAt(position)
    .map((channel) => channel.toString(16).padStart(2, '0'))
    .join('')}`
}

/** Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance"). */
function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((channel) => {
    const share = channel / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as Rgb
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Black or white, whichever contrasts more with the scale's colour at the position: at least 4.5:1 on all of it. */
export function heatInk(position: number): '#000000' | '#ffffff' {
  const light = luminance(rgbAt(position))
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? '#000000' : '#ffffff'
}

/** Contrast of `heatInk` on `heatColor`, from 1 to 21. */
export function heatContrast(position: number): number {
  const light = luminance(rgbAt(position))
  return Math.max((light + 0.05) / 0.05, 1.05 / (light + 0.05))
}
