/** ln Γ(x) for x > 0: recurrence up to 8, then Stirling's series (Abramowitz & Stegun 6.1.41). */
export function logGamma(x: number): number {
  let product = 1
  for (; x < 8; x += 1) product *= x
  const square = 1 / (x * x)
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / x
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - (product === 1 ? 0 : Math.log(product))
}
