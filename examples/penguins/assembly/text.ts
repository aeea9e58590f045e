/** ASCII text as bytes in memory; a string of AssemblyScript is UTF-16 and brings its runtime. */

export const groups: usize = memory.data<u8>([103, 114, 111, 117, 112, 115])
export const permutations: usize = memory.data<u8>([
  112, 101, 114, 109, 117, 116, 97, 116, 105, 111, 110, 115,
])
export const seed: usize = memory.data<u8>([115, 101, 101, 100])
export const params: usize = memory.data<u8>([112, 97, 114, 97, 109, 115])
export const blocks: usize = memory.data<u8>([98, 108, 111, 99, 107, 115])
export const hits: usize = memory.data<u8>([104, 105, 116, 115])
export const trials: usize = memory.data<u8>([116, 114, 105, 97, 108, 115])
export const low: usize = memory.data<u8>([108, 111, 119])
export const high: usize = memory.data<u8>([104, 105, 103, 104])
export const done: usize = memory.data<u8>([100, 111, 110, 101])
export const estimate: usize = memory.data<u8>([101, 115, 116, 105, 109, 97, 116, 101])
