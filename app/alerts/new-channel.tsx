'use client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, type InputHTMLAttributes, useState } from 'react'
import type { AlertChannel } from '../../domain/life/alert-channels.ts'
import { errorSentence, useTRPC } from '../_shell/trpc.ts'
import { channelTitles } from './alert-words.ts'
import styles from './alerts.module.css'

const kinds = Object.keys(channelTitles) as AlertChannel['kind'][]
type Mail = Extract<AlertChannel, { kind: 'email' }>
const usualPort: Record<Mail['security'], string> = { tls: '465', starttls: '587', none: '25' }

const firstFields = { name: '', url: '', secret: '', host: '', port: '587', user: '', password: '', from: '', to: '' }
type Fields = typeof firstFields

/** A channel to add. What is typed goes to the server alone, and is not shown again. */
export function NewChannel({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC()
  const add = useMutation(trpc.alerts.addChannel.mutationOptions({ onSuccess: onClose }))
  const [kind, setKind] = useState<AlertChannel['kind']>('slack')
  const [security, setSecurity] = useState<Mail['security']>('starttls')
  const [fields, setFields] = useState(firstFields)
  const field = (name: keyof Fields, label: string, more: InputHTMLAttributes<HTMLInputElement> = {}) => (
    <label>
      {label}
      <input
        required
        type="text"
        autoComplete="off"
        {...more}
        value={fields[name]}
        onChange={({ target }) => setFields({ ...fields, [name]: target.value })}
      />
    </label>
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate({ name: fields.name, target: targetOf(kind, security, fields) })
  }
  return (
    <form className={`${styles.form} ${styles.channel}`} onSubmit={submit} aria-label="New channel">
      <label>
        Kind
        <select value={kind} onChange={({ target }) => setKind(target.value as AlertChannel['kind'])}>
          {kinds.map((one) => (
            <option key={one} value={one}>
              {channelTitles[one]}
            </option>
          ))}
        </select>
      </label>
      {field('name', 'Name', { placeholder: 'team channel' })}
      {kind === 'email' ? (
        <>
          {field('to', 'To', { placeholder: 'anna@example.org, ben@example.org' })}
          {field('from', 'From', { placeholder: 'sweepboard@example.org' })}
          {field('host', 'SMTP server', { placeholder: 'smtp.example.org' })}
          <label>
            Encryption
            <select
              value={security}
              onChange={({ target }) => {
                const next = target.value as Mail['security']
                setSecurity(next)
                setFields({ ...fields, port: usualPort[next] })
              }}
            >
              <option value="starttls">STARTTLS</option>
              <option value="tls">TLS</option>
              <option value="none">none</option>
            </select>
          </label>
          {field('port', 'Port', { inputMode: 'numeric' })}
          {field('user', 'User', { required: false })}
          {field('password', 'Password', { required: false, type: 'password', autoComplete: 'new-password' })}
        </>
      ) : (
        <>
          {field('url', 'Webhook address', {
            type: 'password',
            placeholder: 'https://…',
            autoComplete: 'new-password',
          })}
          {(kind === 'feishu' || kind === 'dingtalk') &&
            field('secret', 'Key for signatures, where it has one', { required: false, type: 'password' })}
        </>
      )}
      <div className={styles.buttons}>
        <button type="submit" className="btn primary" disabled={add.isPending}>
          Add channel
        </button>
        <button type="button" className="btn quiet" onClick={onClose}>
          Cancel
        </button>
      </div>
      {add.error && <p className="error">{errorSentence(add.error)}</p>}
    </form>
  )
}

function targetOf(kind: AlertChannel['kind'], security: Mail['security'], fields: Fields): AlertChannel {
  const given = (text: string) => (text.trim() === '' ? undefined : text.trim())
  if (kind !== 'email') {
    const secret = kind === 'feishu' || kind === 'dingtalk' ? given(fields.secret) : undefined
    return { kind, url: fields.url, ...(secret !== undefined && { secret }) }
  }
  const user = given(fields.user)
  return {
    kind,
    host: fields.host,
    port: Number(fields.port),
    security,
    from: fields.from,
    to: fields.to
      .split(/[,;\s]+/)
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    ...(user !== undefined && { user, password: fields.password }),
  }
}
