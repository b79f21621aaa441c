import type { SettingInfo } from '../../../../contract/settings-list.ts'
import { writeConfigValue } from '../field-values.ts'

/** The default as a person would type it; empty where there is none. */
export function defaultWords({ default: value }: SettingInfo): string {
  return value === undefined ? '' : writeConfigValue(value)
}

/** What it takes, with its unit: `A whole number of 1 or more, in tokens.` Empty where a choice shows it. */
export function rangeWords({ expected, unit, kind }: SettingInfo): string {
  if (kind === 'truth' || kind === 'word') return ''
  const text = `${expected.charAt(0).toUpperCase()}${expected.slice(1)}`
  return `${text}${unit === null ? '' : `, in ${unit}`}.`
}

/** Those that a search finds, in their names or sentences: every word of it. */
export function findSettings(settings: readonly SettingInfo[], search: string): readonly SettingInfo[] {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return settings
  return settings.filter(({ key, about, group }) => {
    const text = `${key} ${key.replaceAll('_', ' ')} ${about} ${group}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
