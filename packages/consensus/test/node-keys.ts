/**
 * Keys for this package's tests, the same as for those of every floor above identity.
 *
 * @module
 */
export { testChecker, testRawSigner, testSigner } from '@folkmoot/identity/test-keys'
