/** Least hours between two automatic retrainings in the loop under fault. */
export const COOLDOWN_HOURS = 4;
