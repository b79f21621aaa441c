/** Runs of their own from other pages: `/` finds them, also where there are no sweeps, and the form is filled from what they recorded. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, screenshot, test } from './harness.ts'
import { apiOf } from './sweeps.ts'

test('/ finds runs of their own too, where there are no sweeps in their list', async ({ server, page }) => {
  const post = async (name: string, body: object) => {
    const answer = await fetch(`${server.url}/api/2.0/mlflow/${name}`, { method: 'POST', body: JSON.stringify(body) })
    return (await answer.json()) as { run: { info: { run_id: string } } }
  }
  const { run } = await post('runs/create', { experiment_id: '0', run_name: 'by hand "1"' })
  const dataset = { name: 'gsm8k', digest: '7f3a', source_type: 'hf', source: 'openai/gsm8k' }
  const tags = [{ key: 'mlflow.data.context', value: 'training' }]
  await post('runs/log-inputs', { run_id: run.info.run_id, datasets: [{ dataset, tags }] })
  await post('runs/create', { experiment_id: '0', run_name: 'another' })
  await page.goto(`${server.url}/baselines`)
  await page.getByRole('heading', { level: 1, name: 'Baselines' }).waitFor()
  await page.keyboard.press('/')
  await page.getByLabel('Filter the runs').and(page.locator(':focus')).waitFor()
  expect(new URL(page.url()).pathname).toBe('/runs')

  await apiOf(server).examples.loadStudy.mutate()
  await page.goto(`${server.url}/`)
  await page.getByRole('link', { name: 'short-cot-sft', exact: true }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('HAND "1')
  await page.getByRole('heading', { name: 'Runs of their own' }).waitFor()
  await page.getByText('No sweep is called “HAND "1”.').waitFor()
  expect(await page.getByRole('link', { name: 'another' }).count()).toBe(0)
  await screenshot(page, 'found-runs')
  await page.getByRole('link', { name: 'by hand "1"' }).click()
  await page.getByRole('heading', { name: 'Used and made' }).waitFor()
  await page.getByText('gsm8k (training, digest 7f3a)').waitFor()
  await screenshot(page, 'used-and-made')
})

test('a round from a run of its own has its command, and says what nobody recorded', async ({ server, page }) => {
  const key = await apiOf(server).ownRuns.key.query()
  const headers = { authorization: `Basic ${Buffer.from(`api:${key}`).toString('base64')}` }
  const call = async (operation: string, variables: object): Promise<Record<string, unknown>> => {
    const body = JSON.stringify({ query: `mutation ${operation} { a }`, variables })
    const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })
    return ((await answer.json()) as { data: Record<string, unknown> }).data
  }
  const config = '{"learning_rate": {"value": "1e-6"}, "beta": {"value": 0.04}}'
  await call('UpsertBucket', { name: 'by-hand', project: 'scripts', config })
  const about = {
    projectName: 'scripts',
    runName: 'by-hand',
    artifactCollectionName: 'actor',
    artifactTypeName: 'model',
  }
  const { createArtifact } = (await call('CreateArtifact', { input: about })) as {
    createArtifact: { artifact: { id: string } }
  }
  const { id: artifactID } = createArtifact.artifact
  const { createArtifactFiles } = (await call('CreateArtifactFiles', {
    input: { artifactFiles: [{ artifactID, name: 'weights.bin' }] },
  })) as { createArtifactFiles: { files: { edges: { node: { uploadUrl: string } }[] } } }
  await fetch(createArtifactFiles.files.edges[0]!.node.uploadUrl, { method: 'PUT', body: 'x' })
  await call('CommitArtifact', { input: { artifactID } })
  const checkpoint = async () => {
    const { rows } = await apiOf(server).runs.list.query({ filter: 'name = by-hand' })
    return rows[0] && (await apiOf(server).runs.get.query({ id: rows[0].id })).checkpoints[0]
  }
  await expect.poll(checkpoint).toBeDefined()
  const { rows } = await apiOf(server).runs.list.query({ filter: 'name = by-hand' })
  const files = path.join(server.dataFolder, `runs/${rows[0]!.id}/1/files`)
  mkdirSync(files, { recursive: true })
  const args = ['--model_name_or_path', 'Qwen/Qwen2.5-Math-1.5B', '--learning_rate', '1e-6', '--output_dir', 'out']
  const metadata = { program: '/code/grpo.py', codePathLocal: 'grpo.py', executable: 'python3', args, host: 'gpu-1' }
  writeFileSync(path.join(files, 'wandb-metadata.json'), JSON.stringify(metadata))

  await page.goto(`${server.url}/sweeps/new?checkpoint=${(await checkpoint())!.id}`)
  await page.getByRole('heading', { name: 'Round 1' }).waitFor()
  await page.getByText('It ran on gpu-1: its paths are those of that machine.').waitFor()
  await page.getByText('Not among its arguments, so as the script sets them: beta 0.04.').waitFor()
  await page.getByText('--output_dir was out; each training writes into its own folder here').waitFor()
  await screenshot(page, 'round-from-script')
})
