/**
 * Stands in for Noise's log of session keys, a debugging aid that is off unless an environment
 * variable asks for it.
 *
 * @module
 */
const keepSecret = (): void => {}

export {
  keepSecret as logCipherState,
  keepSecret as logLocalEphemeralKeys,
  keepSecret as logLocalStaticKeys,
  keepSecret as logRemoteEphemeralKey,
  keepSecret as logRemoteStaticKey,
}
