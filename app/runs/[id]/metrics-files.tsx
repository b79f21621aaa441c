/** Its metrics as files. */
export function MetricsFiles({ id }: { id: number }) {
  return (
    <div className="actions">
      <a className="btn sm" href={`/export/runs/${id}/metrics.csv`} download aria-label="Metrics as CSV">
        CSV
      </a>
      <a className="btn sm" href={`/export/runs/${id}/metrics.jsonl`} download aria-label="Metrics as JSONL">
        JSONL
      </a>
      <a className="btn sm" href={`/export/runs/${id}/metrics.parquet`} download aria-label="Metrics as Parquet">
        Parquet
      </a>
    </div>
  )
}
