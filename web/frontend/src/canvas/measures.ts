// The size of things in world units, which are CSS pixels at zoom 1.

/** From one column to the next. */
export const COLUMN = 304;
/** From one row to the next. */
export const PITCH = 40;
export const BOX_WIDTH = 252;
export const BOX_HEIGHT = 34;
export const PILL_HEIGHT = 22;

/** Below this zoom labels are too small to read and are left out. */
export const LABEL_ZOOM = 0.55;
/** Below this zoom columns shrink less than rows, so that a tall tree still fills the width. */
export const BEND_ZOOM = 0.5;
