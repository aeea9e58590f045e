/**
 * The id of a study: the record id of its signed manifest, 64 hex characters.
 *
 * @module
 */
declare const brand: unique symbol

export type StudyId = string & { readonly [brand]: 'StudyId' }
