const example =
  '{"type":"sample","step":10,"prompt":"11-7+4=","response":"11-7=4;4+4=8;\\\\boxed{8}","reward":105,"parts":{"correct":100,"language":5}}'

/** Before a trainer reported any sample: what it has to write. */
export function NoSamples({ finished }: { finished: boolean }) {
  return (
    <section className="section" aria-labelledby="no-samples">
      <h2 id="no-samples">{finished ? 'This training reported no samples' : 'No samples yet'}</h2>
      <div style={{ display: 'grid', gap: 8, marginTop: 8, maxWidth: '88ch' }}>
        <p className="ink2">
          A sample is a prompt with the response that the model gave to it while it was trained. They appear here when
          the trainer appends them to the file in <code>SWEEPBOARD_EVENTS</code>, one object a line:
        </p>
        <pre
          className="mono"
          style={{
            padding: 12,
            background: 'var(--sunken)',
            borderRadius: 6,
            whiteSpace: 'pre-wrap',
            overflowWrap: 'anywhere',
          }}
        >
          {example}
        </pre>
        <p className="ink2">
          <code>reward</code> and <code>parts</code> may be left out. Responses of one step with the same prompt are
          shown as a group; where not all of it is reported, <code>group</code> may say what all of it had:{' '}
          <code>{'{"samples":8,"mean":12.5,"deviation":35.4}'}</code>. The built-in <code>grpo</code> reports as many
          whole groups of each step as <code>reported_groups</code> says (1); <code>sft</code> and <code>pretrain</code>{' '}
          sample nothing.
        </p>
      </div>
    </section>
  )
}
