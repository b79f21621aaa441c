import path from 'node:path'

/** Where what compiling gave is kept from one start to the next. Node looks itself whether a file is still what it was. */
export const compiledFolder = path.join(import.meta.dirname, '../../../build/compiled')
