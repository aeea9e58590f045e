/**
 * Schema pieces that the signed structures of this package share.
 *
 * @module
 */
import { intSchema, textSchema } from '@folkmoot/codec'
import * as v from 'valibot'

/** Milliseconds since the Unix epoch; the upper bound is the year 9999. */
export const instantSchema = intSchema(0, 253_402_300_799_999)

/** What an admitted peer may be. */
export const roleSchema = v.picklist(['member', 'observer'])
export type Role = v.InferOutput<typeof roleSchema>

/** What a link gives: with `voter` membership, and the offer of a seat among those who decide. */
export const invitationRoleSchema = v.picklist(['member', 'observer', 'voter'])
export type InvitationRole = v.InferOutput<typeof invitationRoleSchema>

/** A multiaddr as text; `transport` parses it. */
export const addressSchema = v.pipe(textSchema(512), v.startsWith('/'))
