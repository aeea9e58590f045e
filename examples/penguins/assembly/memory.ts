/**
 * The module's memory, at fixed addresses, because a study may not run code while it loads: output
 * and scratch space, from 16384 on the compiler's own constants (`memoryBase` in build.ts), from
 * 65536 on the input. Nothing is ever freed: a job has one input and one output.
 */

/** The output. */
export const outputAt: usize = 256
/** Room for 1,024 birds. */
export const scratchAt: usize = 4096
const inputAt: usize = 65536
/** The memory is fixed at 16 pages (see build.ts). */
const memoryEnd: usize = 16 * 65536

/** Where the host puts `len` bytes of input. */
export function alloc(len: i32): i32 {
  if (len < 0 || inputAt + <usize>len > memoryEnd) unreachable()
  return <i32>inputAt
}
