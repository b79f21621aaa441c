/** Metrics as trainers log them, for benchmarks: the same bytes for the same seed. */
import { createRandom } from '../domain/stats/rng.ts'

/** Seconds since 1970 at which every made run begins. */
export const START = 1_763_880_000

/** One run as JSONL: `steps` lines of 20 metrics, doubles, floats, counts and schedules in the mix that trainers log. */
export function makeRun(seed: number, steps: number): string {
  const random = createRandom(seed).uniform
  const noise = (): number => (random() - 0.5) * 0.1
  const rate = 10 ** (-4 + random() * 2)
  const speed = 0.5 + random()
  let milliseconds = (START + seed) * 1000
  const lines: string[] = []
  for (let step = 0; step < steps; step++) {
    milliseconds += 95 + Math.floor(random() * 20)
    const decay = Math.exp((-step / steps) * 3 * speed)
    const values = {
      'train/loss': 2.3 * decay + noise() + 0.2,
      'train/accuracy': 1 - decay * 0.9 + noise() * 0.1,
      'train/gradient_norm': 1 + random() * 2 * decay,
      'train/perplexity': Math.exp(2.3 * decay + noise()),
      'validation/loss': Math.fround(2.4 * decay + noise() + 0.25),
      'validation/accuracy': Math.fround(1 - decay * 0.92 + noise() * 0.1),
      'validation/f1': Math.fround(0.9 - decay + noise() * 0.1),
      'validation/auc': Math.fround(0.95 - decay * 0.4),
      'system/gpu_percent': Math.round(random() * 100),
      'system/gpu_memory': 12_000 + Math.round(random() * 500),
      'system/cpu_percent': Math.round(random() * 1000) / 10,
      'system/resident_bytes': 4e9 + Math.floor(random() * 1e8),
      learning_rate: (rate * (1 + Math.cos((Math.PI * step) / steps))) / 2,
      epoch: Math.floor(step / 100),
      tokens: step * 32_768,
      'time/step': 0.1 + random() * 0.01,
      'time/data': random() * 0.005,
      'norm/weights': 30 + step * 0.001 + noise(),
      'norm/biases': 1 + noise(),
      'smoothed/loss': 2.3 * decay + 0.2 + noise() * 0.1,
    }
    lines.push(JSON.stringify({ type: 'metrics', step, time: milliseconds / 1000, values }))
  }
  return `${lines.join('\n')}\n`
}

export const METRICS_A_RUN = 20

/** Value of a long series at a step: a falling curve under noise. */
export function longValue(step: number, length: number, random: () => number): number {
  return 2.3 * Math.exp((-step / length) * 3) + (random() - 0.5) * 0.1 + 0.2
}
