/** The page of a run shows what it was run with, and a comparison what differs: patches and packages for whoever asks. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, screenshot, test as plainTest } from './harness.ts'
import { apiOf } from './sweeps.ts'

const test = plainTest.extend({ serverEnvironment: [{ SWEEPBOARD_SLOTS: '1' }, { scope: 'file' }] })

test('a script that was changed between two sweeps', async ({ server, page }) => {
  const work = mkdtempSync(path.join(tmpdir(), 'sweepboard-ran-'))
  const git = (...given: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...given], {
      cwd: work,
      encoding: 'utf8',
    })
  try {
    git('init', '--quiet', '--initial-branch', 'main')
    writeFileSync(path.join(work, 'train.sh'), 'true\n')
    git('add', '--all')
    git('commit', '--quiet', '--message', 'first')
    const api = apiOf(server)
    const train = async (name: string) => {
      const { id } = await api.sweeps.create.mutate({
        definition: {
          name,
          axes: { lr: ['1e-5'] },
          train: { command: ['bash', 'train.sh', '${lr}'], env: { JUDGE_KEY: 'x' } },
          evaluate: { command: ['bash', '-c', 'echo "{\\"gsm8k\\": 0.8}" > "$1"', 'bash', '${report}'] },
          score: { baseline: { gsm8k: 0.7 } },
        },
        directory: work,
      })
      await expect.poll(async () => (await api.sweeps.get.query({ id })).status, { timeout: 60_000 }).toBe('done')
      return (await api.sweeps.get.query({ id })).runs[0]!.id
    }
    const first = await train('first')
    writeFileSync(path.join(work, 'train.sh'), 'true # other\n')
    const second = await train('second')

    await page.goto(`${server.url}/runs/${second}`)
    const section = page.getByRole('region', { name: 'What was run' })
    await section.getByText('with uncommitted changes').waitFor()
    await section.getByText(git('rev-parse', 'HEAD').slice(0, 8)).waitFor()
    await section.getByText('JUDGE_KEY').waitFor()
    await section.getByText('What differs from the commit').click()
    await section.getByText('+true # other').waitFor()
    await screenshot(page, 'what-was-run')

    await page.goto(`${server.url}/compare?runs=${first},${second}`)
    const table = page.getByRole('table', { name: 'What was run otherwise' })
    await table.getByRole('row', { name: 'train.sh' }).getByText('as committed').waitFor()
    await page.getByText('Uncommitted changes of A and B').click()
    await page.getByText('+true # other').waitFor()
    await screenshot(page, 'compare-what-was-run')

    await page.goto(`${server.url}/leaderboard`)
    await page.getByText('came from 2 states of the code').waitFor()
    // the address carries it, and the box follows
    await page.getByRole('checkbox', { name: 'Group over seeds' }).click()
    await page.getByText('1 group of 2 checkpoints').waitFor()
    await page.getByRole('checkbox', { name: 'each commit apart' }).click()
    await page.getByText('2 groups of 2 checkpoints').waitFor()
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
})
