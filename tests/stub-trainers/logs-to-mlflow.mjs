// logs-to-mlflow.mjs STEPS FILE [GATE]. Logs a loss a step as MLflow's client does, and a line of JSON a step to FILE; where there is a GATE, it
// stands there in the middle, having made GATE.waits. What is not answered is sent again.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const [steps, file, gate] = process.argv.slice(2)
const { MLFLOW_TRACKING_URI: address, MLFLOW_TRACKING_TOKEN: token, MLFLOW_RUN_ID: run_id } = process.env

async function send(name, body) {
  for (;;) {
    try {
      const answer = await fetch(`${address}/api/2.0/mlflow/runs/${name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ run_id, ...body }),
      })
      if (answer.ok) return
      throw new Error(`${answer.status} ${await answer.text()}`)
    } catch (error) {
      if (error.message !== 'fetch failed') throw error
      await sleep(50)
    }
  }
}

for (let step = 0; step < Number(steps); step++) {
  if (gate && step === Math.floor(Number(steps) / 2)) {
    writeFileSync(`${gate}.waits`, '')
    while (!existsSync(gate)) await sleep(20)
  }
  await send('log-metric', { key: 'loss', value: 1 / (step + 1), step, timestamp: 1_800_000_000_000 + step })
  appendFileSync(file, `${JSON.stringify({ step, data: { reward: step / 10 } })}\n`)
}
await send('update', { status: 'FINISHED', end_time: Date.now() })
