/**
 * Stands in for libp2p's mappings of local to public addresses, which port forwarding and automatic
 * certificates fill on a server. A tab has neither, so that the original stays empty as well.
 *
 * @module
 */
class NoMappings {
  add(): never {
    throw new Error('address mappings are left out of the page')
  }

  has(): boolean {
    return false
  }

  remove(): boolean {
    return false
  }

  confirm(): boolean {
    return false
  }

  unconfirm(): boolean {
    return false
  }

  getAll(): readonly never[] {
    return []
  }
}

export { NoMappings as DNSMappings, NoMappings as IPMappings }
