/** A setting beside the one that the sweep before had: the round that this one goes on from, or the sweep that it extends. */
import { rulesOfReward, type SettingInfo } from '../../../../contract/settings-list.ts'
import type { Sweep } from '../../../../domain/sweep/sweep.ts'
import { readConfigValue, writeConfigValue } from '../field-values.ts'
import type { ConfigRow } from '../sweep-form.ts'

/** Whether it is another value; false where there was no sweep before, or one of another trainer, whose settings are others anyway. */
export function isOtherThan(before: Sweep | null, setting: SettingInfo, row: ConfigRow | undefined): boolean {
  if (before?.trainer === undefined) return false
  const now = row === undefined ? setting.default : readConfigValue(row.value)?.value
  const earlier = valueBefore(before, setting)
  // a reward's name stands for its parts
  const [one, other] = setting.key === 'reward' ? [rulesOfReward(now), rulesOfReward(earlier)] : [now, earlier]
  return JSON.stringify(one) !== JSON.stringify(other)
}

/** Its value before, as a person would type it; empty where it was at its default. */
export function textBefore({ config, written }: Sweep, { key }: SettingInfo): string {
  return config !== undefined && Object.hasOwn(config, key) ? writeConfigValue(config[key], key, written) : ''
}

function valueBefore({ config }: Sweep, { key, default: usual }: SettingInfo): unknown {
  return config !== undefined && Object.hasOwn(config, key) ? config[key] : usual
}
