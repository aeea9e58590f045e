/**
 * Runs in a page: one seed of a campaign of the simulator, as its trace's hash.
 *
 * @module
 */
import { campaignOf } from '../../packages/simulator/src/index.ts'

declare global {
  interface Window {
    simulate(campaign: string, seed: number): Promise<string>
  }
}

window.simulate = async (campaign, seed) => (await campaignOf(campaign).run(seed)).hash
