/**
 * Who reads above that something waits under Decisions is taken there by one press.
 *
 * @module
 */
import { signal } from '@preact/signals'

/** Set while somebody asked to see Decisions and has not been taken there. */
export const decisionsAsked = signal(false)
