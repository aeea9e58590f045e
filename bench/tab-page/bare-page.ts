/**
 * A page with bare libp2p and no app: starts as it loads, and with a second address in its fragment
 * links to the tab behind it. Marks when it could be found and when it was linked.
 *
 * @module
 */
import { startBareTab } from './bare-tab.ts'

/** Milliseconds since the navigation began. */
export interface PageMarks {
  joined?: number
  direct?: number
}

declare global {
  interface Window {
    bare: { address?: string; marks: PageMarks; failure?: string }
  }
}

window.bare = { marks: {} }
const [relay, other] = location.hash.slice(1).split(',').map(decodeURIComponent)
startBareTab(relay!, true)
  .then(async (tab) => {
    window.bare.marks.joined = performance.now()
    window.bare.address = tab.address
    if (other === undefined) return
    await tab.dial(other)
    window.bare.marks.direct = performance.now()
  })
  .catch((error) => {
    window.bare.failure = String(error)
  })
