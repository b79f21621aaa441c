import { complementaryError, normalCumulative, normalDensity } from './normal.ts'

/**
 * The logarithm of how much better than the incumbent a value is expected to be that is normally distributed (Jones, Schonlau & Welch,
 * "Efficient global optimization of expensive black-box functions", 1998), which keeps its order where the improvement itself
 * vanishes (Ament et al., "Unexpected improvements to expected improvement for Bayesian optimization", 2023, equation 9).
 */
export function logExpectedImprovement(mean: number, deviation: number, incumbent: number): number {
  const z = (mean - incumbent) / deviation
  if (z > -5) return Math.log(deviation) + Math.log(Math.max(1e-300, normalDensity(z) + z * normalCumulative(z)))
  // φ(z) (1 + z Φ(z)/φ(z)): what stands in the brackets goes as 1/z² far out, where both its parts meet
  if (z < -30) return Math.log(deviation) - 0.5 * z * z - 0.5 * Math.log(2 * Math.PI) - 2 * Math.log(-z)
  const ratio = (normalDensity(z) + (z * complementaryError(-z / Math.SQRT2)) / 2) / normalDensity(z)
  return Math.log(deviation) - 0.5 * z * z - 0.5 * Math.log(2 * Math.PI) + Math.log(Math.max(1e-300, ratio))
}
