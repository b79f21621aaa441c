'use client'
import { reportFormats, type ReportFormat } from '../../../../domain/sweep/sweep.ts'
import { TextField, useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'
import scoreStyles from './score.module.css'
import { type ConfigRow, nextRowId, type ReportForm } from '../sweep-form.ts'
import { ReportTrial } from '../_command/try-report.tsx'

const formatWords: Record<ReportFormat, string> = {
  'lm-eval': 'lm-evaluation-harness',
  lighteval: 'lighteval',
  opencompass: 'OpenCompass',
  'qwen-math': 'Qwen2.5-Math',
  verl: 'verl',
  'simple-evals': 'simple-evals',
}

/** Where an evaluation leaves its report, who writes it, and which of its figures counts. */
export function ReportFields() {
  const { form, change } = useForm()
  const { format, reportFile, reportFiles, accuracies, metric, metrics, scale } = form.evaluate
  const set = (changes: Partial<ReportForm>) =>
    change((current) => ({ ...current, evaluate: { ...current.evaluate, ...changes } }))
  return (
    <>
      <div className={styles.row}>
        <label className="field">
          <span>Report written by</span>
          <select
            aria-label="Report written by"
            value={format}
            onChange={(event) => set({ format: event.target.value as ReportForm['format'] })}
          >
            <option value="">the command, as JSON</option>
            {reportFormats.map((name) => (
              <option key={name} value={name}>
                {formatWords[name]}
              </option>
            ))}
          </select>
        </label>
        <TextField
          field="evaluate/report/file"
          label="Report file"
          value={reportFile}
          placeholder={reportFiles.length > 0 ? 'one a benchmark, below' : '${report}'}
          mono
          onChange={(value) => set({ reportFile: value })}
        />
        {format === '' ? (
          <TextField
            field="evaluate/report/accuracies"
            label="Accuracies are under"
            value={accuracies}
            placeholder="the file’s top level"
            mono
            onChange={(value) => set({ accuracies: value })}
          />
        ) : (
          <TextField
            field="evaluate/report/metric"
            label="Metric"
            value={metric}
            placeholder={metrics.length > 0 ? 'one a benchmark, below' : 'the usual one'}
            mono
            onChange={(value) => set({ metric: value })}
          />
        )}
        <label className="field">
          <span>Accuracies in</span>
          <select
            aria-label="Accuracies in"
            value={scale}
            onChange={(event) => set({ scale: event.target.value as ReportForm['scale'] })}
          >
            <option value="">{format === '' ? 'shares, 0 to 1' : 'as this harness does'}</option>
            {format !== '' && <option value="fraction">shares, 0 to 1</option>}
            <option value="percent">percent</option>
          </select>
        </label>
      </div>
      <details className={styles.rest} open={reportFiles.length > 0 || metrics.length > 0 || undefined}>
        <summary>A file, or a metric, for each benchmark</summary>
        <BenchmarkPairs
          rows={reportFiles}
          of="file"
          placeholder="out/${run}/gsm8k.json"
          onChange={(rows) => set({ reportFiles: rows })}
        />
        {format !== '' && (
          <BenchmarkPairs
            rows={metrics}
            of="metric"
            placeholder="exact_match,strict-match"
            onChange={(rows) => set({ metrics: rows })}
          />
        )}
      </details>
      <ReportTrial />
    </>
  )
}

type PairsProps = {
  rows: ConfigRow[]
  of: 'file' | 'metric'
  placeholder: string
  onChange: (rows: ConfigRow[]) => void
}

/** A file, or a metric, of each benchmark. */
function BenchmarkPairs({ rows, of, placeholder, onChange }: PairsProps) {
  const update = (id: number, changes: Partial<ConfigRow>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...changes } : row)))
  return (
    <div role="group" aria-label={`The ${of} of each benchmark`} className={scoreStyles.pairs}>
      {rows.map((row) => (
        <div key={row.id} className={styles.settings}>
          <input
            type="text"
            className="mono"
            aria-label="Benchmark of the report"
            placeholder="gsm8k"
            autoComplete="off"
            spellCheck={false}
            value={row.key}
            onChange={(event) => update(row.id, { key: event.target.value })}
          />
          <input
            type="text"
            className="mono"
            aria-label={`The ${of} of ${row.key.trim() || 'the benchmark'}`}
            placeholder={placeholder}
            autoComplete="off"
            spellCheck={false}
            value={row.value}
            onChange={(event) => update(row.id, { value: event.target.value })}
          />
          <button
            type="button"
            className="btn quiet sm"
            aria-label={`Remove the ${of} of ${row.key}`.trim()}
            onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
          >
            Remove
          </button>
        </div>
      ))}
      <button
        type="button"
        className="btn sm"
        onClick={() => onChange([...rows, { id: nextRowId(rows), key: '', value: '' }])}
      >
        Add a benchmark’s {of}
      </button>
    </div>
  )
}
