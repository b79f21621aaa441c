/** A data folder for what a test imports, in a folder of the test's own; after each test it is checked and removed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { checkData } from '../server/act/system/check-data.ts'
import { type Imported, type ImportOrder, importMetrics } from '../server/act/imports/import-metrics.ts'
import type { Context } from '../server/base/context.ts'
import { readConfig } from '../server/base/process/config.ts'
import { openDataFolder } from '../server/open.ts'

export class ImportFolder {
  folder = ''
  context!: Context

  constructor() {
    let close: () => void
    beforeEach(() => {
      this.folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-import-'))
      const config = readConfig({ ...process.env, SWEEPBOARD_GPUS: '0' }, path.join(this.folder, 'data'))
      const opened = openDataFolder(config)
      if (!('context' in opened)) throw new Error('the folder is held')
      ;({ context: this.context, close } = opened)
    })
    afterEach(() => {
      expect(checkData(this.context).problems).toEqual([])
      close()
      rmSync(this.folder, { recursive: true })
    })
  }

  bring(files: string[], more: Partial<ImportOrder> = {}): Imported {
    return importMetrics(this.context, { name: null, files, directory: this.folder, ...more })
  }
}
