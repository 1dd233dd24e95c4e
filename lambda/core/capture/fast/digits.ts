/** Digits by fours: four characters of a text as one number, the first of them in the lowest byte. */

/** Makes the value of each character of a word that which it stands for, if it is a digit. */
export const FOUR_ZEROS = 0x30303030;

/** The highest bit of each byte that is no digit; above the first such byte the bits mean nothing. */
export function notDigits(word: number): number {
  return ((word + 0x76767676) | word) & 0x80808080;
}

/** How many digits stand before the first byte that is none, of which there must be one. */
export function leadingDigits(others: number): number {
  return (31 - Math.clz32(others & -others)) >> 3;
}

/** The first so many digits, at most three, behind zeros. */
export function shifted(digits: number, count: number): number {
  return (digits << 8) << (24 - 8 * count);
}

/** The number that four digits make. */
export function fourDigits(digits: number): number {
  const pairs = (Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff;
  return (Math.imul(pairs & 0xff, 100) + (pairs >>> 16)) | 0;
}

/** Whether four characters are all printable ASCII, and none of them a quote, a backslash or the character that `stops` repeats. */
export function plainText(word: number, stops: number): boolean {
  return (((word - 0x20202020) | (word + 0x01010101) | word | zeroBytes(word ^ 0x22222222) | zeroBytes(word ^ 0x5c5c5c5c) | zeroBytes(word ^ stops)) & 0x80808080) === 0;
}

/** The highest bit of each byte that is zero; above the first such byte the bits mean nothing. */
function zeroBytes(word: number): number {
  return (word - 0x01010101) & ~word;
}
