/**
 * The version that the command reports, from its own package.
 *
 * @module
 */
import manifest from '../package.json' with { type: 'json' }

export const version: string = manifest.version
