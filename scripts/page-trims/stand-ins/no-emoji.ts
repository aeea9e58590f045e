/**
 * Stands in for multibase's encoding of bytes as emoji, an alphabet that does not compress. Nothing
 * in a federation writes it, and nothing may be read in it.
 *
 * @module
 */
const name = 'base256emoji'
const prefix = '🚀'

function refuseEmoji(): never {
  throw new Error('base256emoji is left out of the page')
}

const encoder = { name, prefix, encode: refuseEmoji, baseEncode: refuseEmoji }
const decoder = { name, prefix, decode: refuseEmoji, baseDecode: refuseEmoji, or: refuseEmoji }

export const base256emoji = { ...encoder, ...decoder, encoder, decoder }
