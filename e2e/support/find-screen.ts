/**
 * Finds a screen for browsers with windows: Xvfb, installed by apt where we may, else the display
 * of this session.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { aptInstall } from './apt-install.ts'

export interface Screen {
  /** Undefined: windows open on the display that there is. */
  readonly xvfb: string | undefined
}

const installed = () =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'Xvfb'))
    .find((path) => existsSync(path))

/** Undefined where no window can be opened. */
export function findScreen(): Screen | undefined {
  if (process.platform === 'darwin') return { xvfb: undefined }
  const found = installed() ?? (aptInstall('xvfb') ? installed() : undefined)
  if (found !== undefined) return { xvfb: found }
  const display = process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY ?? ''
  return display === '' ? undefined : { xvfb: undefined }
}
