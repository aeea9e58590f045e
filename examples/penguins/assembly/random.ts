/** PCG32 (O'Neill 2014, pcg_oneseq_64_xsh_rr_32), seeded through SplitMix64. */

let state: u64 = 0

export function seedRandom(seed: u64): void {
  let mixed = seed + 0x9e3779b97f4a7c15
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb
  state = mixed ^ (mixed >> 31)
}

// @ts-ignore: decorator
@inline
function random(): u32 {
  const old = state
  state = old * 6364136223846793005 + 1442695040888963407
  return rotr<u32>(<u32>(((old >> 18) ^ old) >> 27), <u32>(old >> 59))
}

/** Uniform in [0, bound), without bias (Lemire 2019, algorithm 5). */
// @ts-ignore: decorator
@inline
export function randomBelow(bound: u32): u32 {
  let product = <u64>random() * <u64>bound
  if (<u32>product < bound) {
    const threshold: u32 = (<u32>0 - bound) % bound
    while (<u32>product < threshold) product = <u64>random() * <u64>bound
  }
  return <u32>(product >> 32)
}
