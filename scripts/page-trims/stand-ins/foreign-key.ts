/**
 * Stands in for libp2p's RSA, ECDSA and secp256k1 keys. Every peer of a federation has an ed25519
 * key: `parsePeerId` refuses other ids and the gate knows no standing for them. Here such a key is
 * refused already where its bytes are read, in the handshake.
 *
 * @module
 */
function refuseKey(): never {
  const error = new Error('only ed25519 keys belong to a federation')
  error.name = 'UnsupportedKeyTypeError'
  throw error
}

// No key has these lengths, so that raw bytes are never taken for such a key.
export const privateKeyLength = -1
export const publicKeyLength = -1
export const RSAES_PKCS1_V1_5_OID = ''
export const ECDSA_P_256_OID = ''
export const ECDSA_P_384_OID = ''
export const ECDSA_P_521_OID = ''

export {
  refuseKey as decodeDer,
  refuseKey as ECDSAPrivateKey,
  refuseKey as generateECDSAKeyPair,
  refuseKey as generateRSAKeyPair,
  refuseKey as generateSecp256k1KeyPair,
  refuseKey as jwkToRSAPrivateKey,
  refuseKey as pkcs1MessageToRSAPrivateKey,
  refuseKey as pkcs1ToRSAPrivateKey,
  refuseKey as pkiMessageToECDSAPrivateKey,
  refuseKey as pkiMessageToECDSAPublicKey,
  refuseKey as pkixMessageToRSAPublicKey,
  refuseKey as pkixToRSAPublicKey,
  refuseKey as unmarshalECDSAPrivateKey,
  refuseKey as unmarshalECDSAPublicKey,
  refuseKey as unmarshalSecp256k1PrivateKey,
  refuseKey as unmarshalSecp256k1PublicKey,
}
