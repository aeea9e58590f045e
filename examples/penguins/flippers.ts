/**
 * Flipper lengths of Adélie penguins in mm, as `vega-datasets` has them; a test compares. Measured
 * at Palmer Station by Gorman, Williams and Fraser (PLoS ONE 9(3): e90081), published under CC0.
 *
 * @module
 */

/** 51 birds on Torgersen. */
export const torgersen: readonly number[] = [
  181, 186, 195, 193, 190, 181, 195, 193, 190, 186, 180, 182, 191, 198, 185, 195, 197, 184, 194,
  190, 198, 190, 190, 196, 197, 190, 195, 191, 184, 187, 195, 189, 196, 187, 193, 188, 199, 189,
  189, 187, 198, 176, 202, 186, 199, 191, 195, 191, 210, 190, 197,
]

/** 44 birds on Biscoe. */
export const biscoe: readonly number[] = [
  174, 180, 189, 185, 180, 187, 183, 187, 172, 180, 186, 188, 190, 200, 187, 191, 186, 193, 181,
  194, 185, 195, 185, 192, 184, 192, 195, 188, 192, 203, 183, 190, 193, 184, 199, 190, 181, 197,
  198, 191, 193, 197, 191, 196,
]
