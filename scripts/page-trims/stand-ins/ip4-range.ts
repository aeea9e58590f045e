/**
 * Stands in for `netmask`, which `@libp2p/utils` uses for one question: is this dotted IPv4 address
 * in one of the private ranges. Other notations are refused, not guessed at.
 *
 * @module
 */
const octet = /^(?:0|[1-9]\d{0,2})$/

function parseAddress(text: string): number {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => octet.test(part) && Number(part) < 256)) {
    throw new Error('Invalid IP')
  }
  return parts.reduce((number, part) => number * 256 + Number(part), 0)
}

export class Netmask {
  readonly #first: number
  readonly #size: number

  /** @param range such as `10.0.0.0/8` */
  constructor(range: string) {
    const [address = '', bits] = range.split('/')
    this.#size = 2 ** (32 - Number(bits))
    this.#first = Math.floor(parseAddress(address) / this.#size)
  }

  contains(address: string): boolean {
    return Math.floor(parseAddress(address) / this.#size) === this.#first
  }
}
