// evaluates-items.mjs STRENGTH NAME=TOTAL …
// Answers TOTAL questions of each benchmark, question n rightly when (37 n + 13 STRENGTH) mod 100 is below STRENGTH, writes every
// answer to an items file and reports it as an evaluation event. A wrong response looks like a page.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const [strength, ...benchmarks] = process.argv.slice(2)
const { evaluation } = JSON.parse(readFileSync(process.env.SWEEPBOARD_JOB, 'utf8'))
for (const benchmark of benchmarks) {
  const [name, total] = benchmark.split('=')
  const items = Array.from({ length: Number(total) }, (_, n) => {
    const correct = (37 * n + 13 * Number(strength)) % 100 < Number(strength)
    const given = correct ? String(2 * n) : `<b id="injected">${n}</b>`
    const response = `Doubling ${n}.\n<script>document.title = 'taken over'</script>\nThe answer is ${given}.`
    return { id: `${name}-${n}`, prompt: `What is ${n} + ${n}?`, response, answer: String(2 * n), given, correct }
  })
  const file = `items-${name}.jsonl`
  const text = items.map((item) => `${JSON.stringify(item)}\n`).join('')
  writeFileSync(path.join(process.env.SWEEPBOARD_RUN_DIR, file), text)
  const correct = items.filter((item) => item.correct).length
  const event = {
    type: 'evaluation',
    step: evaluation.step,
    benchmark: name,
    correct,
    total: items.length,
    items: file,
  }
  appendFileSync(process.env.SWEEPBOARD_EVENTS, `${JSON.stringify(event)}\n`)
}
