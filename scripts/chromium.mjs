/** Where the Chromium of this machine is, for the browser tests. Runs on Node 20 without packages. */
import { accessSync, constants } from 'node:fs'
import path from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/**
 * The path of a Chromium or Chrome: `CHROMIUM` where that is set, else the first one on PATH; null where there is none.
 * Throws when `CHROMIUM` names no program.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string | null}
 */
export function findChromium(environment = process.env) {
  if (environment.CHROMIUM) {
    if (isProgram(environment.CHROMIUM)) return environment.CHROMIUM
    throw new Error(
      `CHROMIUM=${environment.CHROMIUM} is no program that can be started: expected the path of a Chromium or Chrome.`,
    )
  }
  const folders = (environment.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '')
  const candidates = names.flatMap((name) => folders.map((folder) => path.join(folder, name)))
  return [...candidates, ...places].find(isProgram) ?? null
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
