/** `npm run dev`: the server under Node's watch mode, whose own messages between threads are nobody's answer. */
import { onTestFinished, test, expect } from 'vitest'
import { smallSweep } from './harness.ts'
import { startServer } from './start-server.ts'

test('what a thread works out comes to the page as it is', { timeout: 90_000 }, async () => {
  const server = await startServer({ program: 'scripts/dev.ts' })
  onTestFinished(() => server.stop())
  const call = async (name: string, input: unknown, method: 'GET' | 'POST') => {
    const json = JSON.stringify({ json: input })
    const query = method === 'GET' ? `?input=${encodeURIComponent(json)}` : ''
    const answer = await fetch(`${server.url}/api/trpc/${name}${query}`, {
      method,
      headers: { 'content-type': 'application/json', origin: server.url },
      ...(method === 'POST' ? { body: json } : {}),
    })
    const { result, error } = await answer.json()
    expect(error).toBeUndefined()
    return result.data.json
  }
  // no whole grid: its effects are worked out in a thread
  const searched = smallSweep({
    axes: { a: ['1', '2', '3'], b: ['1', '2', '3'] },
    search: { method: 'random', trainings: 4, seed: 1 },
  })
  const { id } = await call('sweeps.create', { text: JSON.stringify(searched) }, 'POST')
  await expect.poll(async () => (await call('sweeps.get', { id }, 'GET')).status, { timeout: 60_000 }).toBe('done')
  const found = await call('sweeps.parameters', { id }, 'GET')
  expect(Object.keys(found).filter((key) => key.includes(':'))).toEqual([])
  expect(found.means).toHaveLength(2)
})
